//! Somebody with a token, and the calls that most tests make.

use proto::tasks::v1 as pb;
use proto::tasks::v1::change_service_client::ChangeServiceClient;
use proto::tasks::v1::import_tasks_response::{Result as Imported, Step};
use proto::tasks::v1::owner_service_client::OwnerServiceClient;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use proto::tasks::v1::transfer_service_client::TransferServiceClient;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

use super::Service;

/// Somebody with a token.
pub(crate) struct Person<'a> {
    pub(super) service: &'a Service,
    pub(super) authorization: Option<String>,
}

macro_rules! by_id {
    ($name:ident, $method:ident, $request:ident, $reply:ident) => {
        pub(crate) async fn $name(&self, id: &str) -> Result<pb::$reply, Status> {
            let message = pb::$request {
                id: id.to_owned(),
                ..Default::default()
            };
            let reply = self.client().$method(self.request(message)).await;
            reply.map(Response::into_inner)
        }
    };
}

impl Person<'_> {
    pub(crate) fn channel(&self) -> Channel {
        self.service.channel.clone()
    }

    pub(crate) fn client(&self) -> TaskServiceClient<Channel> {
        TaskServiceClient::new(self.channel())
    }

    /// A request with this person's token.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(authorization) = &self.authorization {
            let header = authorization.parse().expect("ASCII");
            request.metadata_mut().insert("authorization", header);
        }
        request
    }

    /// Whether nothing of that person is left.
    pub(crate) async fn purge(&self, owner_id: &str) -> Result<bool, Status> {
        let message = pb::PurgeOwnerRequest {
            owner_id: owner_id.to_owned(),
        };
        let mut client = OwnerServiceClient::new(self.channel());
        let reply = client.purge_owner(self.request(message)).await;
        reply.map(|reply| reply.into_inner().done)
    }

    /// What changes, as a stream.
    pub(crate) async fn watch(
        &self,
        sync_token: &str,
    ) -> Result<Streaming<pb::WatchChangesResponse>, Status> {
        let message = pb::WatchChangesRequest {
            sync_token: sync_token.to_owned(),
        };
        let mut client = ChangeServiceClient::new(self.channel());
        let reply = client.watch_changes(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    /// A page of what changed.
    pub(crate) async fn changes(
        &self,
        sync_token: &str,
        page_size: i32,
    ) -> Result<pb::ListChangesResponse, Status> {
        let message = pb::ListChangesRequest {
            sync_token: sync_token.to_owned(),
            page_size,
        };
        let mut client = ChangeServiceClient::new(self.channel());
        let reply = client.list_changes(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn get(&self, id: &str) -> Result<pb::Task, Status> {
        let message = pb::GetTaskRequest { id: id.to_owned() };
        let reply = self.client().get_task(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn move_task(&self, message: pb::MoveTaskRequest) -> Result<pb::Task, Status> {
        let reply = self.client().move_task(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    by_id!(complete, complete_task, CompleteTaskRequest, CompleteTaskResponse);
    by_id!(cancel, cancel_task, CancelTaskRequest, Task);
    by_id!(reopen, reopen_task, ReopenTaskRequest, Task);
    by_id!(delete, delete_task, DeleteTaskRequest, Task);
    by_id!(undelete, undelete_task, UndeleteTaskRequest, Task);
    by_id!(skip, skip_occurrence, SkipOccurrenceRequest, Task);
    by_id!(purge_task, purge_task, PurgeTaskRequest, PurgeTaskResponse);

    /// The newest completions of a task.
    pub(crate) async fn completions(&self, id: &str) -> Vec<pb::TaskCompletion> {
        let message = pb::ListTaskCompletionsRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        let reply = self.client().list_task_completions(self.request(message)).await;
        reply.expect("a page").into_inner().completions
    }

    /// Under a request id that may be empty.
    pub(crate) async fn empty_trash(&self, request_id: &str) -> Result<pb::EmptyTrashResponse, Status> {
        let message = pb::EmptyTrashRequest {
            request_id: request_id.to_owned(),
        };
        let reply = self.client().empty_trash(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    /// The last message of an import, which is its result.
    pub(crate) async fn import(&self, message: pb::ImportTasksRequest) -> Result<Imported, Status> {
        let mut steps = self.importing(message).await?;
        let mut last = None;
        while let Some(message) = steps.message().await? {
            last = message.step;
        }
        match last {
            Some(Step::Result(result)) => Ok(result),
            other => panic!("no result but {other:?}"),
        }
    }

    /// An import, message by message.
    pub(crate) async fn importing(
        &self,
        message: pb::ImportTasksRequest,
    ) -> Result<Streaming<pb::ImportTasksResponse>, Status> {
        let reply = self.transfers().import_tasks(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    /// A whole file.
    pub(crate) async fn export(&self, format: pb::Format, filter: &str) -> Result<Vec<u8>, Status> {
        let message = pb::ExportTasksRequest {
            format: format.into(),
            filter: filter.to_owned(),
        };
        let mut chunks = self
            .transfers()
            .export_tasks(self.request(message))
            .await?
            .into_inner();
        let mut file = Vec::new();
        while let Some(message) = chunks.message().await? {
            assert!(message.chunk.len() <= 64 * 1024, "a chunk is too large");
            file.extend(message.chunk);
        }
        Ok(file)
    }

    pub(crate) fn transfers(&self) -> TransferServiceClient<Channel> {
        TransferServiceClient::new(self.channel())
    }

    pub(crate) async fn create(&self, message: pb::CreateTaskRequest) -> Result<pb::Task, Status> {
        let reply = self.client().create_task(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    /// Every task, those in the trash too.
    pub(crate) async fn list_all(&self) -> Vec<pb::Task> {
        let message = pb::ListTasksRequest {
            page_size: 1000,
            show_deleted: true,
            ..Default::default()
        };
        self.list(message).await.expect("a page").tasks
    }

    pub(crate) async fn list(&self, message: pb::ListTasksRequest) -> Result<pb::ListTasksResponse, Status> {
        let reply = self.client().list_tasks(self.request(message)).await;
        reply.map(Response::into_inner)
    }
}
