//! The one way to make an error that a client can act on (AIP-193): a canonical code, one `google.rpc.ErrorInfo` of
//! the domain `tandem`, and where they apply field violations, a delay and quota failures.
//!
//! What may never be put here: text from a database or a library, or a request's own text unless it is escaped and cut.
//! Messages are for strangers.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

use crate::errors::v1::ErrorReason;

/// The domain of every `google.rpc.ErrorInfo` that Tandem sends.
pub const DOMAIN: &str = "tandem";

/// Field violations may take this many bytes. The whole status travels in one header, and common clients refuse
/// headers above 8 KiB; base64 and the other details need the rest.
const VIOLATIONS_LIMIT_BYTES: usize = 4 * 1024;

/// Metadata key that counts the violations left out for want of room.
const MORE_VIOLATIONS: &str = "more_violations";

/// A status with a reason and nothing else.
pub fn status(code: Code, reason: ErrorReason, message: impl Into<String>) -> Status {
    Refusal::new(code, reason, message).into_status()
}

/// A refusal with one more pair in the ErrorInfo's metadata.
pub fn with_metadata(status: &Status, key: impl Into<String>, value: impl Into<String>) -> Status {
    let mut details = status.get_error_details();
    if let Some(info) = details.error_info() {
        let mut metadata = info.metadata.clone();
        metadata.insert(key.into(), value.into());
        let (reason, domain) = (info.reason.clone(), info.domain.clone());
        details.set_error_info(reason, domain, metadata);
    }
    Status::with_error_details(status.code(), status.message(), details)
}

/// An error on its way to a client.
#[derive(Debug, Clone)]
#[must_use = "a refusal does nothing until it is returned as a status"]
pub struct Refusal {
    code: Code,
    message: String,
    reason: ErrorReason,
    violations: Vec<FieldViolation>,
    retry_after: Option<Duration>,
    quota: Vec<(String, String)>,
    metadata: Vec<(String, String)>,
}

impl Refusal {
    /// Starts with the code, the reason for programs and the sentence for people.
    pub fn new(code: Code, reason: ErrorReason, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            reason,
            violations: Vec::new(),
            retry_after: None,
            quota: Vec::new(),
            metadata: Vec::new(),
        }
    }

    /// INVALID_ARGUMENT FIELD_INVALID, to be filled by [`violation`](Self::violation).
    pub fn invalid() -> Self {
        Self::new(
            Code::InvalidArgument,
            ErrorReason::FieldInvalid,
            "Some fields are not valid; the details name each one and say what to do.",
        )
    }

    /// Adds a refused field: its path in the request, and what to do.
    pub fn violation(mut self, field: impl Into<String>, description: impl Into<String>) -> Self {
        self.violations.push(FieldViolation::new(field, description));
        self
    }

    /// Says when to try again.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Names an exceeded quota: for whom it is counted, and what it is.
    pub fn quota(mut self, subject: impl Into<String>, description: impl Into<String>) -> Self {
        self.quota.push((subject.into(), description.into()));
        self
    }

    /// Adds a pair to the ErrorInfo's metadata.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.push((key.into(), value.into()));
        self
    }

    /// The status as it goes on the wire.
    pub fn into_status(mut self) -> Status {
        let left_out = self.drop_what_does_not_fit();
        if left_out > 0 {
            self.metadata
                .push((MORE_VIOLATIONS.to_owned(), left_out.to_string()));
        }
        let mut details = ErrorDetails::with_error_info(
            self.reason.name(),
            DOMAIN,
            self.metadata
                .into_iter()
                .collect::<std::collections::HashMap<_, _>>(),
        );
        if !self.violations.is_empty() {
            details.set_bad_request(self.violations);
        }
        if let Some(delay) = self.retry_after {
            details.set_retry_info(Some(delay));
        }
        for (subject, description) in self.quota {
            details.add_quota_failure_violation(subject, description);
        }
        Status::with_error_details(self.code, self.message, details)
    }

    /// Keeps the first violations up to the limit and returns how many had to go.
    fn drop_what_does_not_fit(&mut self) -> usize {
        let mut room = VIOLATIONS_LIMIT_BYTES;
        let fitting = self
            .violations
            .iter()
            .take_while(|violation| {
                let size = violation.field.len() + violation.description.len() + 8;
                let fits = size <= room;
                room = room.saturating_sub(size);
                fits
            })
            .count();
        let left_out = self.violations.len() - fitting;
        self.violations.truncate(fitting);
        left_out
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        refusal.into_status()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_one_reason_and_every_violation() {
        let status = Refusal::invalid()
            .violation("email", "Give one.")
            .violation("password", "Longer.")
            .into_status();
        let details = status.get_error_details();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(
            details
                .error_info()
                .map(|info| (info.domain.as_str(), info.reason.as_str())),
            Some(("tandem", "FIELD_INVALID"))
        );
        assert_eq!(
            details.bad_request().map(|bad| bad.field_violations.len()),
            Some(2)
        );
    }

    #[test]
    fn metadata_is_added_to_whatever_a_refusal_says() {
        let refusal = Refusal::invalid().violation("title", "Give one.").into_status();
        let status = with_metadata(&refusal, "index", "7");
        let details = status.get_error_details();
        assert_eq!(
            (status.code(), status.message()),
            (refusal.code(), refusal.message())
        );
        let info = details.error_info().expect("an ErrorInfo");
        assert_eq!(
            (info.reason.as_str(), info.metadata["index"].as_str()),
            ("FIELD_INVALID", "7")
        );
        assert_eq!(
            details.bad_request().map(|bad| bad.field_violations.len()),
            Some(1)
        );
    }

    #[test]
    fn a_thousand_violations_stay_below_six_kibibytes_and_the_rest_is_counted() {
        let refusal = (0..1000).fold(Refusal::invalid(), |refusal, i| {
            refusal.violation(
                format!("requests[{i}].task.title"),
                "The title is empty; write 1 to 500 characters.",
            )
        });
        let status = refusal.into_status();
        assert!(status.details().len() < 6 * 1024);
        let details = status.get_error_details();
        let shown = details.bad_request().map_or(0, |bad| bad.field_violations.len());
        let more = details
            .error_info()
            .and_then(|info| info.metadata.get(MORE_VIOLATIONS))
            .and_then(|n| n.parse::<usize>().ok());
        assert_eq!(more.map(|more| more + shown), Some(1000));
    }
}
