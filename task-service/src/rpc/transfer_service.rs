//! `tandem.tasks.v1.TransferService`: tasks in and out as files.

mod chunks;
mod export_tasks;
mod import;
mod import_tasks;

use std::sync::Arc;

use proto::access_token::Scope;
use proto::tasks::v1 as pb;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use super::owner_with;
use crate::app::App;

/// The service over its dependencies.
pub(crate) struct TransferServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::transfer_service_server::TransferService for TransferServiceImpl {
    type ImportTasksStream = BoxStream<pb::ImportTasksResponse>;
    type ExportTasksStream = BoxStream<pb::ExportTasksResponse>;

    async fn import_tasks(
        &self,
        request: Request<pb::ImportTasksRequest>,
    ) -> Result<Response<Self::ImportTasksStream>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(import_tasks::import_tasks(self.0.clone(), owner, request).await?)
    }

    async fn export_tasks(
        &self,
        request: Request<pb::ExportTasksRequest>,
    ) -> Result<Response<Self::ExportTasksStream>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(export_tasks::export_tasks(self.0.clone(), owner, request)?)
    }
}
