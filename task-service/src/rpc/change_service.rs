//! `tandem.tasks.v1.ChangeService`: what changed since a client last looked.

mod list_changes;
mod page;
mod watch_changes;

use std::sync::Arc;

use proto::access_token::{Authenticate, Scope};
use proto::tasks::v1 as pb;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::owner_with;

/// The service over its dependencies.
pub(crate) struct ChangeServiceImpl {
    pub(crate) app: Arc<App>,
    /// Who knows until when a caller is good; a stream outlives the interceptor.
    pub(crate) callers: Authenticate,
}

#[tonic::async_trait]
impl pb::change_service_server::ChangeService for ChangeServiceImpl {
    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Result<Response<pb::ListChangesResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(
            list_changes::list_changes(&self.app, owner, request).await?,
        ))
    }

    type WatchChangesStream = BoxStream<pb::WatchChangesResponse>;

    async fn watch_changes(
        &self,
        request: Request<pb::WatchChangesRequest>,
    ) -> Result<Response<Self::WatchChangesStream>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        watch_changes::watch_changes(&self.app, &self.callers, owner, &request)
    }
}
