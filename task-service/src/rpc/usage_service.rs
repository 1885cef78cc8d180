//! `tandem.tasks.v1.UsageService`: what a person uses of their limits.

use std::sync::Arc;

use chassis::deadline::Deadline;
use proto::access_token::Scope;
use proto::tasks::v1 as pb;
use tonic::{Request, Response, Status};

use super::owner_with;
use crate::app::App;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::{OwnerTx, owners};

/// The service over its dependencies.
pub(crate) struct UsageServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::usage_service_server::UsageService for UsageServiceImpl {
    async fn get_usage(&self, request: Request<pb::GetUsageRequest>) -> Result<Response<pb::Usage>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        let deadline = Deadline::of(&request);
        Ok(Response::new(get_usage(&self.0, owner, deadline).await?))
    }
}

async fn get_usage(app: &App, owner: OwnerId, deadline: Deadline) -> Result<pb::Usage, Error> {
    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    let usage = owners::find_usage(&mut tx).await?;
    tx.commit().await?;
    let limits = app.limits;
    let small = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    Ok(pb::Usage {
        tasks: usage.tasks,
        tasks_limit: limits.tasks,
        lists: usage.lists,
        lists_limit: limits.lists,
        stored_bytes: usage.stored_bytes,
        stored_bytes_limit: limits.stored_bytes,
        open_streams: small(app.streams.count(owner)),
        open_streams_limit: small(limits.streams),
        calls_per_second_limit: small(limits.calls_per_second),
        burst_limit: small(limits.calls_burst),
    })
}
