//! From request to reply, one file per service and one per method that has a story. Only here are transactions begun
//! and committed. What may never be put here: rules (see `domain`) and SQL (see `store`).

mod account_service;
mod admin_service;
mod auth_service;
mod convert;
mod event;
mod fields;
mod key_service;
mod mail;
mod page;
mod person;
mod revocation_service;
mod service_caller;
mod service_token_service;

pub(crate) use account_service::AccountServiceImpl;
pub(crate) use admin_service::AdminServiceImpl;
pub(crate) use auth_service::{AuthServiceImpl, CookiePolicy};
pub(crate) use key_service::KeyServiceImpl;
pub(crate) use revocation_service::RevocationServiceImpl;
pub(crate) use service_token_service::ServiceTokenServiceImpl;
