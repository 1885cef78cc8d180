//! The first wall: whose the rows are. An [`OwnerId`] comes from a verified caller and from nowhere else, and without
//! one no statement can be written.

use proto::access_token::{Caller, Subject};
use uuid::Uuid;

use crate::error::Error;

/// A person, proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnerId(Uuid);

impl OwnerId {
    /// The person that a verified token speaks for.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] for a service on its own behalf: it has no tasks.
    pub fn of(caller: &Caller) -> Result<Self, Error> {
        match caller.subject() {
            Subject::Person { id, .. } => Ok(Self(*id)),
            Subject::Service(_) => Err(Error::Denied),
        }
    }

    /// For a statement's parameter.
    pub fn uuid(self) -> Uuid {
        self.0
    }
}
