//! What the town asks of task-service: each call is somebody else's, with a task of theirs.

use std::sync::Arc;

use chassis::{Clock, Entropy};
use prost_types::FieldMask;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use proto::tasks::v1::{CreateTaskRequest, GetTaskRequest, ListTasksRequest, Task, UpdateTaskRequest};
use tonic::Status;
use tonic::transport::Channel;

use super::{request, task};
use crate::load::Call;
use crate::town::Town;

/// Reads a task.
#[derive(Clone)]
pub(crate) struct GetTask {
    client: TaskServiceClient<Channel>,
    town: Arc<Town>,
}

impl GetTask {
    pub(crate) fn new(channel: Channel, town: Arc<Town>) -> Self {
        Self {
            client: TaskServiceClient::new(channel),
            town,
        }
    }
}

impl Call for GetTask {
    async fn call(&mut self) -> Result<(), Status> {
        let turn = self.town.turn();
        let id = turn.task.to_string();
        let request = request(GetTaskRequest { id }, Some(turn.bearer));
        self.client.get_task(request).await.map(drop)
    }
}

/// Reads somebody's first fifty tasks in their own order.
#[derive(Clone)]
pub(crate) struct ListTasks {
    client: TaskServiceClient<Channel>,
    town: Arc<Town>,
}

impl ListTasks {
    const PAGE: i32 = 50;

    pub(crate) fn new(channel: Channel, town: Arc<Town>) -> Self {
        Self {
            client: TaskServiceClient::new(channel),
            town,
        }
    }
}

impl Call for ListTasks {
    async fn call(&mut self) -> Result<(), Status> {
        let message = ListTasksRequest {
            page_size: Self::PAGE,
            ..ListTasksRequest::default()
        };
        let request = request(message, Some(self.town.turn().bearer));
        self.client.list_tasks(request).await.map(drop)
    }
}

/// Adds a task, with a request id, so that a repeat would be safe.
#[derive(Clone)]
pub(crate) struct CreateTask {
    client: TaskServiceClient<Channel>,
    town: Arc<Town>,
    clock: Clock,
    entropy: Entropy,
}

impl CreateTask {
    pub(crate) fn new(channel: Channel, town: Arc<Town>) -> Self {
        Self {
            client: TaskServiceClient::new(channel),
            town,
            clock: Clock::system(),
            entropy: Entropy::system(),
        }
    }
}

impl Call for CreateTask {
    async fn call(&mut self) -> Result<(), Status> {
        let message = CreateTaskRequest {
            task: Some(task("Water the plants".to_owned())),
            task_id: String::new(),
            request_id: self.entropy.uuid_v7(&self.clock).to_string(),
        };
        let request = request(message, Some(self.town.turn().bearer));
        self.client.create_task(request).await.map(drop)
    }
}

/// Gives a task another title, with a request id and without an etag: an ordinary edit, where the last one wins.
#[derive(Clone)]
pub(crate) struct UpdateTask {
    client: TaskServiceClient<Channel>,
    town: Arc<Town>,
    clock: Clock,
    entropy: Entropy,
}

impl UpdateTask {
    pub(crate) fn new(channel: Channel, town: Arc<Town>) -> Self {
        Self {
            client: TaskServiceClient::new(channel),
            town,
            clock: Clock::system(),
            entropy: Entropy::system(),
        }
    }
}

impl Call for UpdateTask {
    async fn call(&mut self) -> Result<(), Status> {
        let turn = self.town.turn();
        let request_id = self.entropy.uuid_v7(&self.clock);
        let message = UpdateTaskRequest {
            task: Some(Task {
                id: turn.task.to_string(),
                // Never the title that is there: an edit that changes nothing is not written.
                title: format!("Water the plants {request_id}"),
                ..Task::default()
            }),
            update_mask: Some(FieldMask {
                paths: vec!["title".to_owned()],
            }),
            request_id: request_id.to_string(),
        };
        let request = request(message, Some(turn.bearer));
        self.client.update_task(request).await.map(drop)
    }
}
