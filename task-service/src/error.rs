//! Every way in which a call can fail, and the one place where a failure becomes a status.
//!
//! A source goes to the log, once, and never to the client.

use std::borrow::Cow;
use std::time::Duration;

use proto::errors::v1::ErrorReason;
use proto::refusal::{self, Refusal};
use tonic::{Code, Status};

use crate::domain::Quota;
use crate::refusals;

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

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(violations) => violations
                .into_iter()
                .fold(Refusal::invalid(), |refusal, Violation { field, description }| {
                    refusal.violation(field, description)
                })
                .into_status(),
            Error::PageToken => Refusal::new(
                Code::InvalidArgument,
                ErrorReason::PageTokenInvalid,
                "The page token is not for this call; send next_page_token with the same arguments, or start over.",
            )
            .violation("page_token", "Send next_page_token as it came, with the same other arguments.")
            .into_status(),
            Error::BatchTooLarge(part) => batch_too_large(part),
            Error::Member(index, error) => {
                refusal::with_metadata(&Self::from(*error), "index", index.to_string())
            }
            Error::SyncToken => Refusal::new(
                Code::InvalidArgument,
                ErrorReason::SyncTokenInvalid,
                "The sync token is not this person's; send next_sync_token as it came, or start again without one.",
            )
            .violation("sync_token", "Send next_sync_token as it came, or leave it out to start again.")
            .into_status(),
            Error::Denied(why) => denied(why),
            Error::OwnerPurged => refusal::status(
                Code::Unauthenticated,
                ErrorReason::TokenRevoked,
                "The account behind the access token was deleted; sign in with another one.",
            ),
            Error::NotFound(what) => missing(what),
            Error::QuotaExceeded(quota) => quota_exceeded(quota),
            Error::TooManyCalls(wait) => too_many_calls(wait),
            Error::Exists(what) => exists(what),
            Error::Stale => refusal::status(
                Code::Aborted,
                ErrorReason::EtagMismatch,
                "It changed since its etag was read; read it again, then decide.",
            ),
            Error::Precondition(why) => precondition(why),
            Error::DeadlinePassed => chassis::status::deadline_exceeded(),
            Error::Unavailable(source) => {
                tracing::warn!(error = ?source, "the database is unavailable");
                chassis::status::database_unavailable()
            }
            Error::Internal(source) => {
                tracing::error!(error = ?source, "internal error");
                chassis::status::internal()
            }
        }
    }
}

fn batch_too_large(part: BatchPart) -> Status {
    let what = match part {
        BatchPart::Members => "The batch has over 1,000 requests; send several.",
        BatchPart::Request => "The batch has over 3 MiB; send several.",
        BatchPart::Reply => "The reply would have over 3 MiB; ask for fewer tasks at once.",
    };
    Refusal::new(Code::InvalidArgument, ErrorReason::BatchTooLarge, what)
        .violation("requests", what)
        .into_status()
}

fn denied(why: Denied) -> Status {
    let message = match why {
        Denied::NotAPerson => "Only a person, or a service acting for one, has tasks.",
        Denied::NotAService => "Only a service may call this, for itself; use a service token.",
    };
    refusal::status(Code::PermissionDenied, ErrorReason::CallerNotAllowed, message)
}

fn missing(what: Missing) -> Status {
    let message = match what {
        Missing::Task => "There is no such task.",
        Missing::List => "There is no such list.",
        Missing::Parent => "There is no such parent task.",
        Missing::Label => "No task has this label.",
    };
    refusal::status(Code::NotFound, ErrorReason::NotFound, message)
}

fn quota_exceeded(quota: Quota) -> Status {
    let (subject, what) = match quota {
        Quota::Tasks => (
            "tasks",
            "The person has as many tasks as this deployment allows; delete some and empty the trash.",
        ),
        Quota::Lists => (
            "lists",
            "The person has as many lists as this deployment allows; delete some and empty the trash.",
        ),
        Quota::StoredBytes => (
            "stored_bytes",
            "The person's titles, notes and labels take as much room as this deployment allows; delete some tasks and empty the trash.",
        ),
        Quota::Streams => (
            "streams",
            "The person has as many streams open here as this deployment allows; end one first, or share one.",
        ),
    };
    refusals::count(subject);
    Refusal::new(Code::ResourceExhausted, ErrorReason::QuotaExceeded, what)
        .quota(subject, what)
        .into_status()
}

fn too_many_calls(wait: Duration) -> Status {
    let what =
        "The person calls more often than this deployment allows; wait a little, then go on more slowly.";
    refusals::count("calls");
    Refusal::new(Code::ResourceExhausted, ErrorReason::QuotaExceeded, what)
        .quota("calls", what)
        .retry_after(wait)
        .into_status()
}

fn exists(what: Exists) -> Status {
    let (reason, message) = match what {
        Exists::TaskId => (
            ErrorReason::IdTaken,
            "The task_id is in use for another body; choose a fresh UUID.",
        ),
        Exists::ListId => (
            ErrorReason::IdTaken,
            "The list_id is in use for another body; choose a fresh UUID.",
        ),
        Exists::RequestId => (
            ErrorReason::RequestIdReused,
            "The request_id was used with another body or method; use a fresh UUID per intent.",
        ),
    };
    refusal::status(Code::AlreadyExists, reason, message)
}

fn precondition(why: Precondition) -> Status {
    let (reason, message) = match why {
        Precondition::Deleted => (
            ErrorReason::Deleted,
            "The task is in the trash; undelete it first.",
        ),
        Precondition::NotDeleted => (
            ErrorReason::NotDeleted,
            "The task is not in the trash; delete it first.",
        ),
        Precondition::ListDeleted => (
            ErrorReason::Deleted,
            "The list is in the trash; undelete it first, or choose another.",
        ),
        Precondition::ParentDeleted => (
            ErrorReason::Deleted,
            "The parent task is in the trash; undelete it first, or choose another.",
        ),
        Precondition::NeighbourDeleted => (
            ErrorReason::Deleted,
            "The task to be placed beside is in the trash; undelete it first, or name another.",
        ),
        Precondition::Cycle => (
            ErrorReason::Cycle,
            "A task cannot become a part of itself, or of what is below it; choose another parent.",
        ),
        Precondition::TooDeep => (
            ErrorReason::TooDeep,
            "Subtasks can be five levels deep; choose a parent further up.",
        ),
        Precondition::Cancelled => (
            ErrorReason::StateNotAllowed,
            "The task is cancelled; reopen it before it can be completed.",
        ),
        Precondition::Done => (
            ErrorReason::StateNotAllowed,
            "The task is done; reopen it before it can be cancelled.",
        ),
        Precondition::OccurrenceNeverDue => (
            ErrorReason::OccurrenceNeverDue,
            "No such occurrence is due or was completed; leave occurrence out to complete the present one.",
        ),
        Precondition::NotRecurring => (
            ErrorReason::NotRecurring,
            "The task does not recur; complete or cancel it, or give it a recurrence.",
        ),
        Precondition::NotOpen => (
            ErrorReason::StateNotAllowed,
            "The task is done or cancelled; reopen it before an occurrence can be skipped.",
        ),
        Precondition::SyncTokenExpired => (
            ErrorReason::SyncTokenExpired,
            "The sync token is too old, or the database was restored since; drop the local copy and start again without one.",
        ),
    };
    refusal::status(Code::FailedPrecondition, reason, message)
}
