//! The refusals that every service shares. Each is one fixed sentence: what went wrong inside goes to the log.

use std::time::Duration;

use proto::errors::v1::ErrorReason;
use proto::refusal::Refusal;
use tonic::{Code, Status};

use crate::RequestId;

/// Long enough for a pool to recover or a replica to take over, short enough for a person to wait.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// INTERNAL with the id of the call at work; the cause must have been logged.
pub fn internal() -> Status {
    Refusal::new(
        Code::Internal,
        ErrorReason::Internal,
        "Something went wrong on our side; report the request id if it persists.",
    )
    .metadata("request_id", RequestId::current())
    .into_status()
}

/// UNAVAILABLE with RetryInfo: Postgres cannot be reached.
pub fn database_unavailable() -> Status {
    Refusal::new(
        Code::Unavailable,
        ErrorReason::DatabaseUnavailable,
        "The database cannot be reached; try again shortly.",
    )
    .retry_after(RETRY_AFTER)
    .into_status()
}

/// UNAVAILABLE with RetryInfo: the service is starting or stopping.
pub fn service_unavailable() -> Status {
    Refusal::new(
        Code::Unavailable,
        ErrorReason::ServiceUnavailable,
        "The service is starting or stopping; try again shortly.",
    )
    .retry_after(RETRY_AFTER)
    .into_status()
}

/// RESOURCE_EXHAUSTED with RetryInfo: there is as much work as can be done.
pub fn overloaded() -> Status {
    Refusal::new(
        Code::ResourceExhausted,
        ErrorReason::Overloaded,
        "The service has as much work as it can do; try again shortly.",
    )
    .retry_after(RETRY_AFTER)
    .into_status()
}

/// DEADLINE_EXCEEDED: the time of the call is over.
pub fn deadline_exceeded() -> Status {
    proto::refusal::status(
        Code::DeadlineExceeded,
        ErrorReason::DeadlineExceeded,
        "The deadline passed; repeat a write with the same request_id to learn whether it happened.",
    )
}
