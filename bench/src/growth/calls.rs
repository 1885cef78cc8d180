//! The calls whose cost must not grow.

use std::sync::Arc;

use proto::tasks::v1::task_service_client::TaskServiceClient;
use proto::tasks::v1::{CreateTaskRequest, GetTaskRequest, ListTasksRequest};
use tonic::Status;
use tonic::transport::Channel;

use crate::calls::{request, task};
use crate::load::Call;
use crate::people::Person;

/// Tasks on a page.
const PAGE: i32 = 50;

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Get,
    ListByRank,
    ListByDue,
    Create,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Get, Self::ListByRank, Self::ListByDue, Self::Create];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GetTask",
            Self::ListByRank => "ListTasks, 50 by rank",
            Self::ListByDue => "ListTasks, 50 open by due",
            Self::Create => "CreateTask",
        }
    }
}

/// One caller, with one call in flight.
pub(super) struct Operation {
    kind: Kind,
    person: Arc<Person>,
    tasks: TaskServiceClient<Channel>,
    next: usize,
}

impl Operation {
    pub(super) async fn new(kind: Kind, channel: Channel, person: Arc<Person>) -> Result<Self, Status> {
        Ok(Self {
            kind,
            person,
            tasks: TaskServiceClient::new(channel),
            next: 0,
        })
    }

    async fn list(&mut self, filter: &str, order_by: &str) -> Result<(), Status> {
        let message = ListTasksRequest {
            page_size: PAGE,
            filter: filter.to_owned(),
            order_by: order_by.to_owned(),
            ..ListTasksRequest::default()
        };
        let request = request(message, Some(&self.person.bearer));
        self.tasks.list_tasks(request).await.map(drop)
    }
}

impl Call for Operation {
    async fn call(&mut self) -> Result<(), Status> {
        let bearer = Some(&self.person.bearer);
        match self.kind {
            Kind::Get => {
                let id = self.person.tasks[self.next].id.clone();
                self.next = (self.next + 1) % self.person.tasks.len();
                let request = request(GetTaskRequest { id }, bearer);
                self.tasks.get_task(request).await.map(drop)
            }
            Kind::ListByRank => self.list("", "").await,
            Kind::ListByDue => self.list("state = OPEN", "due").await,
            Kind::Create => {
                let message = CreateTaskRequest {
                    task: Some(task("Water the plants".to_owned())),
                    ..CreateTaskRequest::default()
                };
                self.tasks.create_task(request(message, bearer)).await.map(drop)
            }
        }
    }
}
