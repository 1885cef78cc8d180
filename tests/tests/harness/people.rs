//! People by name. Each has an account of their own, made for one story.

use proto::auth::v1::{Session, SignUpRequest};
use proto::tasks::v1::{CreateTaskRequest, ListTasksRequest, Task};
use tonic::Request;

use super::System;

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) session: Session,
}

impl Person {
    /// Signs somebody up whom the system has never seen.
    pub(crate) async fn sign_up(system: &System, name: &str) -> Self {
        let email = new_email(name);
        let password = format!("nine clouds over {name}");
        let request = SignUpRequest {
            email: email.clone(),
            password: password.clone(),
            ..SignUpRequest::default()
        };
        let answer = system
            .auth_service()
            .sign_up(request)
            .await
            .expect("anybody may sign up");
        Self {
            email,
            password,
            session: answer.into_inner().session.expect("a sign-up brings a session"),
        }
    }

    /// A request with this person's token.
    pub(crate) fn asks<T>(&self, message: T) -> Request<T> {
        bearing(&self.session.access_token, message)
    }

    /// Makes a task.
    pub(crate) async fn adds(&self, system: &System, title: &str) -> Task {
        let request = CreateTaskRequest {
            task: Some(Task {
                title: title.to_owned(),
                ..Task::default()
            }),
            ..CreateTaskRequest::default()
        };
        let answer = system.task_service().create_task(self.asks(request)).await;
        answer.expect("a person may make tasks").into_inner()
    }

    /// Everything they see, page after page.
    pub(crate) async fn sees(&self, system: &System) -> Vec<Task> {
        let mut tasks = Vec::new();
        let mut request = ListTasksRequest {
            page_size: 1000,
            show_deleted: true,
            ..ListTasksRequest::default()
        };
        loop {
            let answer = system.task_service().list_tasks(self.asks(request.clone())).await;
            let page = answer.expect("a person may list tasks").into_inner();
            tasks.extend(page.tasks);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                return tasks;
            }
        }
    }
}

/// An address that no system has seen.
pub(crate) fn new_email(name: &str) -> String {
    let number = u128::from_be_bytes(chassis::Entropy::system().bytes());
    format!("{name}-{number:x}@example.org")
}

/// A request with any token.
pub(crate) fn bearing<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let header = format!("Bearer {token}").parse().expect("a token is ASCII");
    request.metadata_mut().insert("authorization", header);
    request
}

/// A request from nobody.
pub(crate) fn anonymous<T>(message: T) -> Request<T> {
    Request::new(message)
}
