//! `tandem.tasks.v1.ListService`: a person's lists.

mod change;
mod create_list;
mod delete_list;
mod get_list;
mod list_lists;
mod move_list;
mod undelete_list;
mod update_list;

use std::sync::Arc;

use proto::access_token::Scope;
use proto::tasks::v1 as pb;
use tonic::{Request, Response, Status};

use super::owner_with;
use crate::app::App;

/// The service over its dependencies.
pub(crate) struct ListServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::list_service_server::ListService for ListServiceImpl {
    async fn create_list(
        &self,
        request: Request<pb::CreateListRequest>,
    ) -> Result<Response<pb::List>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            create_list::create_list(&self.0, owner, request).await?,
        ))
    }

    async fn get_list(&self, request: Request<pb::GetListRequest>) -> Result<Response<pb::List>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(get_list::get_list(&self.0, owner, request).await?))
    }

    async fn list_lists(
        &self,
        request: Request<pb::ListListsRequest>,
    ) -> Result<Response<pb::ListListsResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(
            list_lists::list_lists(&self.0, owner, request).await?,
        ))
    }

    async fn update_list(
        &self,
        request: Request<pb::UpdateListRequest>,
    ) -> Result<Response<pb::List>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            update_list::update_list(&self.0, owner, request).await?,
        ))
    }

    async fn move_list(&self, request: Request<pb::MoveListRequest>) -> Result<Response<pb::List>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            move_list::move_list(&self.0, owner, request).await?,
        ))
    }

    async fn delete_list(
        &self,
        request: Request<pb::DeleteListRequest>,
    ) -> Result<Response<pb::List>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            delete_list::delete_list(&self.0, owner, request).await?,
        ))
    }

    async fn undelete_list(
        &self,
        request: Request<pb::UndeleteListRequest>,
    ) -> Result<Response<pb::List>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            undelete_list::undelete_list(&self.0, owner, request).await?,
        ))
    }
}
