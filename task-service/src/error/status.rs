//! The one place where a failure becomes a status: what the client is told, and what it can do about it.
//!
//! A source goes to the log, once, and never to the client.

use std::time::Duration;

use proto::errors::v1::ErrorReason;
use proto::refusal::{self, Refusal};
use tonic::{Code, Status};

use super::{BatchPart, Denied, Error, Exists, Missing, Precondition, Violation};
use crate::domain::Quota;
use crate::refusals;

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
