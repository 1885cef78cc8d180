//! `tandem.tasks.v1.LabelService`: a person's labels, which exist as long as a task has them.

mod delete_label;
mod list_labels;
mod rename_label;

use std::sync::Arc;

use proto::access_token::Scope;
use proto::tasks::v1 as pb;
use tonic::{Request, Response, Status};

use super::owner_with;
use crate::app::App;

/// The service over its dependencies.
pub(crate) struct LabelServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::label_service_server::LabelService for LabelServiceImpl {
    async fn list_labels(
        &self,
        request: Request<pb::ListLabelsRequest>,
    ) -> Result<Response<pb::ListLabelsResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(
            list_labels::list_labels(&self.0, owner, request).await?,
        ))
    }

    async fn rename_label(
        &self,
        request: Request<pb::RenameLabelRequest>,
    ) -> Result<Response<pb::RenameLabelResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            rename_label::rename_label(&self.0, owner, request).await?,
        ))
    }

    async fn delete_label(
        &self,
        request: Request<pb::DeleteLabelRequest>,
    ) -> Result<Response<pb::DeleteLabelResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            delete_label::delete_label(&self.0, owner, request).await?,
        ))
    }
}
