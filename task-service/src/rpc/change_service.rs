//! `tandem.tasks.v1.ChangeService`: what changed since a client last looked.

mod list_changes;
mod page;

use std::sync::Arc;

use proto::access_token::Scope;
use proto::tasks::v1 as pb;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::owner_with;

/// The service over its dependencies.
pub(crate) struct ChangeServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::change_service_server::ChangeService for ChangeServiceImpl {
    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Result<Response<pb::ListChangesResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(
            list_changes::list_changes(&self.0, owner, request).await?,
        ))
    }
}
