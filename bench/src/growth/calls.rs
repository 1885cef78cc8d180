//! The calls whose cost must not grow.

use std::sync::Arc;

use proto::tasks::v1::change_service_client::ChangeServiceClient;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use proto::tasks::v1::{
    CreateTaskRequest, GetTaskRequest, ListChangesRequest, ListTasksRequest, SearchTasksRequest,
};
use tonic::Status;
use tonic::transport::Channel;

use crate::calls::{latest, request, task};
use crate::load::Call;
use crate::people::Person;

/// A word that a fifth of all tasks have. With a number, which begins a word as well, it fits more of them the more there are.
const WORD: &str = "plants";
const BEGINNING: u64 = 20;
/// Tasks on a page.
const PAGE: i32 = 50;

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Get,
    ListByRank,
    ListByDue,
    /// One task fits.
    SearchOne,
    /// The more tasks, the more of them fit: one of a hundred, 223 of 100,000.
    SearchMany,
    NoChange,
    Create,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Get,
        Self::ListByRank,
        Self::ListByDue,
        Self::SearchOne,
        Self::SearchMany,
        Self::NoChange,
        Self::Create,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GetTask",
            Self::ListByRank => "ListTasks, 50 by rank",
            Self::ListByDue => "ListTasks, 50 open by due",
            Self::SearchOne => "SearchTasks, one fits",
            Self::SearchMany => "SearchTasks, more fit",
            Self::NoChange => "ListChanges, none",
            Self::Create => "CreateTask",
        }
    }

    /// Whether the same is asked for and answered however many tasks there are.
    pub(super) const fn is_to_be_flat(self) -> bool {
        !matches!(self, Self::SearchMany)
    }
}

/// One caller, with one call in flight.
pub(super) struct Operation {
    kind: Kind,
    person: Arc<Person>,
    tasks: TaskServiceClient<Channel>,
    changes: ChangeServiceClient<Channel>,
    sync_token: String,
    next: usize,
}

impl Operation {
    pub(super) async fn new(kind: Kind, channel: Channel, person: Arc<Person>) -> Result<Self, Status> {
        let changes = ChangeServiceClient::new(channel.clone());
        let sync_token = match kind {
            Kind::NoChange => latest(channel.clone(), &person.bearer).await?,
            _ => String::new(),
        };
        Ok(Self {
            kind,
            person,
            tasks: TaskServiceClient::new(channel),
            changes,
            sync_token,
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

    async fn search(&mut self, number: u64) -> Result<(), Status> {
        let message = SearchTasksRequest {
            query: format!("{WORD} {number}"),
            page_size: PAGE,
            ..SearchTasksRequest::default()
        };
        let request = request(message, Some(&self.person.bearer));
        self.tasks.search_tasks(request).await.map(drop)
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
            Kind::SearchOne => self.search(self.person.seeded).await,
            Kind::SearchMany => self.search(BEGINNING).await,
            Kind::NoChange => {
                let message = ListChangesRequest {
                    sync_token: self.sync_token.clone(),
                    ..ListChangesRequest::default()
                };
                self.changes
                    .list_changes(request(message, bearer))
                    .await
                    .map(drop)
            }
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
