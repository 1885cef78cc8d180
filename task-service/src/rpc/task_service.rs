//! `tandem.tasks.v1.TaskService`: a person's tasks.

mod cancel_task;
mod change;
mod complete_task;
mod create_task;
mod delete_task;
mod empty_trash;
mod get_task;
mod list_task_completions;
mod list_task_events;
mod list_tasks;
mod move_task;
mod place;
mod purge_task;
mod reopen_task;
mod search_tasks;
mod skip_occurrence;
mod undelete_task;
mod update_task;

use std::sync::Arc;

use proto::access_token::Scope;
use proto::tasks::v1 as pb;
use tonic::{Request, Response, Status};

use super::owner_with;
use crate::app::App;

/// The service over its dependencies.
pub(crate) struct TaskServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::task_service_server::TaskService for TaskServiceImpl {
    async fn create_task(
        &self,
        request: Request<pb::CreateTaskRequest>,
    ) -> Result<Response<pb::Task>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            create_task::create_task(&self.0, owner, request).await?,
        ))
    }

    async fn get_task(&self, request: Request<pb::GetTaskRequest>) -> Result<Response<pb::Task>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(get_task::get_task(&self.0, owner, request).await?))
    }

    async fn list_tasks(
        &self,
        request: Request<pb::ListTasksRequest>,
    ) -> Result<Response<pb::ListTasksResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(
            list_tasks::list_tasks(&self.0, owner, request).await?,
        ))
    }

    async fn search_tasks(
        &self,
        request: Request<pb::SearchTasksRequest>,
    ) -> Result<Response<pb::SearchTasksResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(
            search_tasks::search_tasks(&self.0, owner, request).await?,
        ))
    }

    async fn update_task(
        &self,
        request: Request<pb::UpdateTaskRequest>,
    ) -> Result<Response<pb::Task>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            update_task::update_task(&self.0, owner, request).await?,
        ))
    }

    async fn complete_task(
        &self,
        request: Request<pb::CompleteTaskRequest>,
    ) -> Result<Response<pb::CompleteTaskResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            complete_task::complete_task(&self.0, owner, request).await?,
        ))
    }

    async fn reopen_task(
        &self,
        request: Request<pb::ReopenTaskRequest>,
    ) -> Result<Response<pb::Task>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            reopen_task::reopen_task(&self.0, owner, request).await?,
        ))
    }

    async fn cancel_task(
        &self,
        request: Request<pb::CancelTaskRequest>,
    ) -> Result<Response<pb::Task>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            cancel_task::cancel_task(&self.0, owner, request).await?,
        ))
    }

    async fn move_task(&self, request: Request<pb::MoveTaskRequest>) -> Result<Response<pb::Task>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            move_task::move_task(&self.0, owner, request).await?,
        ))
    }

    async fn skip_occurrence(
        &self,
        request: Request<pb::SkipOccurrenceRequest>,
    ) -> Result<Response<pb::Task>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            skip_occurrence::skip_occurrence(&self.0, owner, request).await?,
        ))
    }

    async fn list_task_completions(
        &self,
        request: Request<pb::ListTaskCompletionsRequest>,
    ) -> Result<Response<pb::ListTaskCompletionsResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(
            list_task_completions::list_task_completions(&self.0, owner, request).await?,
        ))
    }

    async fn delete_task(
        &self,
        request: Request<pb::DeleteTaskRequest>,
    ) -> Result<Response<pb::Task>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            delete_task::delete_task(&self.0, owner, request).await?,
        ))
    }

    async fn undelete_task(
        &self,
        request: Request<pb::UndeleteTaskRequest>,
    ) -> Result<Response<pb::Task>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            undelete_task::undelete_task(&self.0, owner, request).await?,
        ))
    }

    async fn batch_get_tasks(
        &self,
        request: Request<pb::BatchGetTasksRequest>,
    ) -> Result<Response<pb::BatchGetTasksResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(
            get_task::batch_get_tasks(&self.0, owner, request).await?,
        ))
    }

    async fn batch_create_tasks(
        &self,
        request: Request<pb::BatchCreateTasksRequest>,
    ) -> Result<Response<pb::BatchCreateTasksResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            create_task::batch_create_tasks(&self.0, owner, request).await?,
        ))
    }

    async fn batch_update_tasks(
        &self,
        request: Request<pb::BatchUpdateTasksRequest>,
    ) -> Result<Response<pb::BatchUpdateTasksResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            update_task::batch_update_tasks(&self.0, owner, request).await?,
        ))
    }

    async fn batch_delete_tasks(
        &self,
        request: Request<pb::BatchDeleteTasksRequest>,
    ) -> Result<Response<pb::BatchDeleteTasksResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            delete_task::batch_delete_tasks(&self.0, owner, request).await?,
        ))
    }

    async fn purge_task(
        &self,
        request: Request<pb::PurgeTaskRequest>,
    ) -> Result<Response<pb::PurgeTaskResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            purge_task::purge_task(&self.0, owner, request).await?,
        ))
    }

    async fn empty_trash(
        &self,
        request: Request<pb::EmptyTrashRequest>,
    ) -> Result<Response<pb::EmptyTrashResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksWrite)?;
        Ok(Response::new(
            empty_trash::empty_trash(&self.0, owner, request).await?,
        ))
    }

    async fn list_task_events(
        &self,
        request: Request<pb::ListTaskEventsRequest>,
    ) -> Result<Response<pb::ListTaskEventsResponse>, Status> {
        let owner = owner_with(&request, Scope::TasksRead)?;
        Ok(Response::new(
            list_task_events::list_task_events(&self.0, owner, request).await?,
        ))
    }
}
