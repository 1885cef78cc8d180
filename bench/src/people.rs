//! The people of a load run and what they keep, made through the public API as anybody would.

use std::sync::Arc;

use futures_util::future::try_join_all;
use proto::auth::v1::SignUpRequest;
use proto::auth::v1::auth_service_client::AuthServiceClient;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use proto::tasks::v1::{CreateTaskRequest, ListTasksRequest, Task};
use tonic::Status;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use uuid::Uuid;

use crate::calls;
use crate::service::{Service, endpoint};

/// As many sign-ups a minute always pass from one address.
pub(crate) const PEOPLE: usize = 30;
const TASKS_EACH: usize = 100;

/// Somebody with an account and tasks.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) password: String,
    /// The value of the `authorization` header.
    pub(crate) bearer: MetadataValue<Ascii>,
    pub(crate) tasks: Vec<Task>,
    /// What makes later sign-ins come from a known device, as nearly all do.
    pub(crate) device_token: String,
    user_id: String,
}

impl Person {
    /// Signs the person of that number up.
    pub(crate) async fn sign_up(auth: Channel, number: usize) -> Result<Self, Status> {
        let email = format!("person{number}@bench.example");
        let password = format!("nothing secret here {number}");
        let request = SignUpRequest {
            email: email.clone(),
            password: password.clone(),
            ..SignUpRequest::default()
        };
        let answer = AuthServiceClient::new(auth).sign_up(request).await?.into_inner();
        let session = answer.session.unwrap_or_default();
        let token = session.access_token;
        let bearer = format!("Bearer {token}")
            .parse()
            .map_err(|_| Status::internal("the access token does not fit into a header"))?;
        Ok(Self {
            email,
            password,
            bearer,
            tasks: Vec::new(),
            device_token: session.device_token,
            user_id: session.user.unwrap_or_default().id,
        })
    }

    /// Whose tasks theirs are.
    pub(crate) fn user_id(&self) -> anyhow::Result<Uuid> {
        Ok(Uuid::parse_str(&self.user_id)?)
    }

    /// With these among their tasks.
    pub(crate) fn with_tasks(mut self, ids: Vec<Uuid>) -> Self {
        let of_id = |id: Uuid| Task {
            id: id.to_string(),
            ..Task::default()
        };
        self.tasks = ids.into_iter().map(of_id).collect();
        self
    }

    /// The access token alone.
    pub(crate) fn token(&self) -> &str {
        let header = self.bearer.to_str().unwrap_or_default();
        header.strip_prefix("Bearer ").unwrap_or(header)
    }

    async fn write_tasks(mut self, tasks: Channel) -> Result<Arc<Self>, Status> {
        let mut client = TaskServiceClient::new(tasks);
        for number in 0..TASKS_EACH {
            let message = CreateTaskRequest {
                task: Some(calls::task(format!("Water the plants, round {number}"))),
                ..CreateTaskRequest::default()
            };
            let request = calls::request(message, Some(&self.bearer));
            self.tasks.push(client.create_task(request).await?.into_inner());
        }
        Ok(Arc::new(self))
    }
}

/// Starts the services for the first time, which makes their tables, and lets everybody in. They are ended again.
pub(crate) async fn settle(auth: &Service, tasks: &Service) -> anyhow::Result<Vec<Arc<Person>>> {
    let (first_auth, first) = auth
        .start(async |channel| Person::sign_up(channel, 0).await)
        .await?;
    let list = async |channel| {
        let request = calls::request(ListTasksRequest::default(), Some(&first.bearer));
        TaskServiceClient::new(channel).list_tasks(request).await
    };
    let (first_tasks, _) = tasks.start(list).await?;

    let auth = endpoint(auth.address)?.connect().await?;
    let tasks = endpoint(tasks.address)?.connect().await?;
    let mut people = try_join_all((1..PEOPLE).map(|number| Person::sign_up(auth.clone(), number))).await?;
    people.push(first);
    let settled = people.into_iter().map(|person| person.write_tasks(tasks.clone()));
    let people = try_join_all(settled).await?;
    first_auth.kill().await?;
    first_tasks.kill().await?;
    Ok(people)
}
