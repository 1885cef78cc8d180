//! From request to reply, one file per service and one per method that has a story. Only here are transactions begun
//! and committed. What may never be put here: rules (see `domain`) and SQL (see `store`).

mod batch;
mod convert;
mod creation;
mod fields;
mod idempotency;
mod owner_service;
mod page_token;
mod task_service;
mod write;

pub(crate) use owner_service::OwnerServiceImpl;
pub(crate) use task_service::TaskServiceImpl;
