//! `tandem.tasks.v1.OwnerService`: people as owners of tasks, for the service that deletes accounts.

mod purge_owner;

use std::sync::Arc;

use proto::access_token::Caller;
use proto::tasks::v1 as pb;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::owner::PurgeGrant;

/// The service over its dependencies.
pub(crate) struct OwnerServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::owner_service_server::OwnerService for OwnerServiceImpl {
    async fn purge_owner(
        &self,
        request: Request<pb::PurgeOwnerRequest>,
    ) -> Result<Response<pb::PurgeOwnerResponse>, Status> {
        let grant = PurgeGrant::of(Caller::of(&request)?)?;
        Ok(Response::new(
            purge_owner::purge_owner(&self.0, &grant, request).await?,
        ))
    }
}
