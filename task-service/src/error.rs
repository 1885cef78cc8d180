//! Every way in which a call can fail. What may never be put here: text that goes to a client, which is `status`'s.

mod status;

use std::borrow::Cow;
use std::time::Duration;

use crate::domain::Quota;

/// The SQLSTATE with which the policies refuse an owner who is a tombstone.
const OWNER_PURGED: &str = "TD001";

/// A fault in a field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its path.
    pub field: Cow<'static, str>,
    /// What to do about it.
    pub description: Cow<'static, str>,
}

impl Violation {
    /// The same in a member of a batch.
    pub fn of_member(self, index: usize) -> Self {
        Self {
            field: format!("requests[{index}].{}", self.field).into(),
            ..self
        }
    }
}

/// What of a batch is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchPart {
    /// It has too many members.
    Members,
    /// Its message.
    Request,
    /// What it would be answered with.
    Reply,
}

/// What exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exists {
    /// The client-chosen id, for another body.
    TaskId,
    /// The request id, for another body or method.
    RequestId,
    /// The client-chosen id of a list, for another body.
    ListId,
}

/// What is not there, or another person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The task.
    Task,
    /// The list.
    List,
    /// The task to be a part of.
    Parent,
    /// The label.
    Label,
}

/// Why somebody may not call, whoever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// A service on its own behalf has no tasks.
    NotAPerson,
    /// Only a service on its own behalf may call.
    NotAService,
}

/// Why a task's condition does not allow the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// It is in the trash.
    Deleted,
    /// It is not in the trash.
    NotDeleted,
    /// The list is in the trash.
    ListDeleted,
    /// The task that it is, or would be, a part of is in the trash.
    ParentDeleted,
    /// The task to be placed beside is in the trash.
    NeighbourDeleted,
    /// It would be a part of itself.
    Cycle,
    /// Subtasks would be too deep.
    TooDeep,
    /// A cancelled task cannot be completed.
    Cancelled,
    /// A task that is done cannot be cancelled.
    Done,
    /// It never had that due.
    OccurrenceNeverDue,
    /// The feed cannot go on from the sync token.
    SyncTokenExpired,
    /// It comes once only.
    NotRecurring,
    /// No occurrence of a task that is done or cancelled can be skipped.
    NotOpen,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields of the request break rules.
    #[error("fields are invalid")]
    Invalid(Vec<Violation>),
    /// The page token is not for this call.
    #[error("the page token is not for this call")]
    PageToken,
    /// The batch is too large.
    #[error("the batch is too large: {0:?}")]
    BatchTooLarge(BatchPart),
    /// It is the fault of the member of a batch at that place.
    #[error("member {0}")]
    Member(usize, #[source] Box<Error>),
    /// The sync token is none of this person's.
    #[error("the sync token is not this person's")]
    SyncToken,
    /// It is not for this kind of caller.
    #[error("denied: {0:?}")]
    Denied(Denied),
    /// The caller's account was deleted.
    #[error("the owner is a tombstone")]
    OwnerPurged,
    /// There is no such thing for this person.
    #[error("not found: {0:?}")]
    NotFound(Missing),
    /// The write would bring the person above a limit.
    #[error("quota exceeded: {0:?}")]
    QuotaExceeded(Quota),
    /// The person calls too often; a call can pass after that time.
    #[error("too many calls")]
    TooManyCalls(Duration),
    /// Something of that name exists.
    #[error("exists: {0:?}")]
    Exists(Exists),
    /// It changed since its etag was read.
    #[error("the etag is stale")]
    Stale,
    /// The task must change first.
    #[error("precondition: {0:?}")]
    Precondition(Precondition),
    /// The database did not answer before the call's deadline.
    #[error("the deadline passed")]
    DeadlinePassed,
    /// The database cannot be reached.
    #[error("the database is unavailable")]
    Unavailable(#[source] sqlx::Error),
    /// A fault of ours.
    #[error("internal")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A fault of ours.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// A commit was sent and not answered: it may have come to pass.
    pub(crate) fn commit_unknown() -> Self {
        Self::Unavailable(sqlx::Error::Protocol("a commit was not answered".to_owned()))
    }

    /// The same for the member of a batch at that place. What is no member's fault stays as it is.
    #[must_use]
    pub fn of_member(self, index: usize) -> Self {
        match self {
            Self::Invalid(violations) => {
                let violations = violations.into_iter();
                let violations = violations.map(|violation| violation.of_member(index)).collect();
                Self::Member(index, Box::new(Self::Invalid(violations)))
            }
            Self::NotFound(_) | Self::Exists(_) | Self::Stale | Self::Precondition(_) => {
                Self::Member(index, Box::new(self))
            }
            Self::PageToken
            | Self::SyncToken
            | Self::BatchTooLarge(_)
            | Self::Member(..)
            | Self::Denied(_)
            | Self::OwnerPurged
            | Self::QuotaExceeded(_)
            | Self::TooManyCalls(_)
            | Self::DeadlinePassed
            | Self::Unavailable(_)
            | Self::Internal(_) => self,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        if code.is_some_and(|code| code == OWNER_PURGED) {
            Self::OwnerPurged
        } else if chassis::postgres::is_deadline(&error) {
            Self::DeadlinePassed
        } else if chassis::postgres::is_unavailable(&error) {
            Self::Unavailable(error)
        } else {
            Self::internal(error)
        }
    }
}
