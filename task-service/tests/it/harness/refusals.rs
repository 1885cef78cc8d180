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

pub(crate) fn reason_of(status: &Status) -> String {
    status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default()
}

/// INVALID_ARGUMENT with violations of just these fields, sorted.
#[track_caller]
pub(crate) fn assert_violations<T>(result: Result<T, Status>, fields: &[&str]) {
    let status = assert_refused(result, Code::InvalidArgument, ErrorReason::FieldInvalid);
    let violations = status
        .get_details_bad_request()
        .map(|bad| bad.field_violations)
        .unwrap_or_default();
    let mut found: Vec<_> = violations
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    found.sort_unstable();
    assert_eq!(found, fields);
    assert!(
        violations
            .iter()
            .all(|violation| violation.description.ends_with('.')),
        "{violations:?}"
    );
}
