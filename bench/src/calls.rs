//! The calls that the rows make, as a person's client would make them.

use std::sync::Arc;

use chassis::{Clock, Entropy};
use proto::auth::v1::SignInRequest;
use proto::auth::v1::auth_service_client::AuthServiceClient;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use proto::tasks::v1::{CreateTaskRequest, GetTaskRequest, Task};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::load::Call;
use crate::people::Person;

/// A request with a person's token, if there is one.
pub(crate) fn request<T>(message: T, bearer: Option<&MetadataValue<Ascii>>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(bearer) = bearer {
        request.metadata_mut().insert("authorization", bearer.clone());
    }
    request
}

/// What people write down.
pub(crate) fn task(title: String) -> Task {
    Task {
        title,
        notes: "Two litres, and look at the leaves of the one by the window.".to_owned(),
        ..Task::default()
    }
}

/// Reads a person's tasks, one after the other.
pub(crate) struct GetTask {
    client: TaskServiceClient<Channel>,
    person: Arc<Person>,
    next: usize,
}

impl GetTask {
    pub(crate) fn new(channel: Channel, person: Arc<Person>) -> Self {
        Self {
            client: TaskServiceClient::new(channel),
            person,
            next: 0,
        }
    }
}

impl Call for GetTask {
    async fn call(&mut self) -> Result<(), Status> {
        let id = self.person.tasks[self.next].id.clone();
        self.next = (self.next + 1) % self.person.tasks.len();
        let request = request(GetTaskRequest { id }, Some(&self.person.bearer));
        self.client.get_task(request).await.map(drop)
    }
}

/// Adds tasks, each with a request id, so that a repeat would be safe.
pub(crate) struct CreateTask {
    client: TaskServiceClient<Channel>,
    person: Arc<Person>,
    clock: Clock,
    entropy: Entropy,
}

impl CreateTask {
    pub(crate) fn new(channel: Channel, person: Arc<Person>) -> Self {
        Self {
            client: TaskServiceClient::new(channel),
            person,
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
        let request = request(message, Some(&self.person.bearer));
        self.client.create_task(request).await.map(drop)
    }
}

/// Signs a person in, with the right password and from a known device.
pub(crate) struct SignIn {
    client: AuthServiceClient<Channel>,
    person: Arc<Person>,
}

impl SignIn {
    pub(crate) fn new(channel: Channel, person: Arc<Person>) -> Self {
        Self {
            client: AuthServiceClient::new(channel),
            person,
        }
    }
}

impl Call for SignIn {
    async fn call(&mut self) -> Result<(), Status> {
        let message = SignInRequest {
            email: self.person.email.clone(),
            password: self.person.password.clone(),
            device_token: self.person.device_token.clone(),
            ..SignInRequest::default()
        };
        self.client.sign_in(message).await.map(drop)
    }
}
