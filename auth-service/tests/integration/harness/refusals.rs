//! What must be refused, and how.

use proto::errors::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Code and reason of a refusal.
#[track_caller]
pub(crate) fn assert_refused<T>(result: Result<T, Status>, code: Code, reason: ErrorReason) -> Status {
    let Err(status) = result else {
        panic!("let through instead of {reason:?}");
    };
    assert_eq!(
        (status.code(), reason_of(&status)),
        (code, reason.name().to_owned()),
        "{status:?}"
    );
    status
}

/// The fields that a refusal complains of.
#[track_caller]
pub(crate) fn assert_invalid<T>(result: Result<T, Status>, fields: &[&str]) -> Status {
    let status = assert_refused(result, Code::InvalidArgument, ErrorReason::FieldInvalid);
    let details = status.get_details_bad_request().expect("field violations");
    let named: Vec<_> = details
        .field_violations
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    assert_eq!(named, fields);
    assert!(
        details
            .field_violations
            .iter()
            .all(|violation| !violation.description.is_empty())
    );
    status
}

pub(crate) fn reason_of(status: &Status) -> String {
    status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default()
}
