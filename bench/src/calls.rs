//! The calls that the rows make, as a person's client would make them.

mod accounts;
mod feed;
mod tasks;

use proto::tasks::v1::Task;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};

pub(crate) use accounts::{RefreshSession, SignIn};
pub(crate) use feed::{latest, watch};
pub(crate) use tasks::{CreateTask, GetTask, ListTasks, UpdateTask};

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
