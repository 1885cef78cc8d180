//! From request to reply, one file per service and one per method that has a story. Only here are transactions begun
//! and committed. What may never be put here: rules (see `domain`) and SQL (see `store`).

mod batch;
mod change_service;
mod convert;
mod creation;
mod fields;
mod idempotency;
mod label_service;
mod list_service;
mod mask;
mod owner_service;
mod page_token;
mod position;
mod target;
mod task_service;
mod transfer_service;
mod usage_service;
mod write;

pub(crate) use change_service::ChangeServiceImpl;
pub(crate) use label_service::LabelServiceImpl;
pub(crate) use list_service::ListServiceImpl;
pub(crate) use owner_service::OwnerServiceImpl;
pub(crate) use task_service::TaskServiceImpl;
pub(crate) use transfer_service::TransferServiceImpl;
pub(crate) use usage_service::UsageServiceImpl;

use proto::access_token::{Caller, Scope};
use tonic::{Request, Status};

use crate::owner::OwnerId;

/// Who calls, if the token allows it: first things first (AIP-211).
fn owner_with<T>(request: &Request<T>, scope: Scope) -> Result<OwnerId, Status> {
    let caller = Caller::of(request)?;
    caller.require_scope(scope)?;
    Ok(OwnerId::of(caller)?)
}
