//! Gathers what is wrong with a request, so that a client hears of every fault at once.

use crate::domain::Complaint;
use crate::error::{Error, Violation};

/// The faults found so far.
#[derive(Default)]
pub(super) struct Fields {
    violations: Vec<Violation>,
}

impl Fields {
    /// The value, or a fault to be told of.
    pub(super) fn check<T>(&mut self, field: &'static str, parsed: Result<T, Complaint>) -> Option<T> {
        parsed
            .map_err(|description| self.violations.push(Violation { field, description }))
            .ok()
    }

    /// A fault that no parser found.
    pub(super) fn fault(&mut self, field: &'static str, description: Complaint) {
        self.violations.push(Violation { field, description });
    }

    /// What was parsed, or all faults as one error.
    pub(super) fn finish<T>(self, parsed: Option<T>) -> Result<T, Error> {
        parsed
            .filter(|_| self.violations.is_empty())
            .ok_or(Error::Invalid(self.violations))
    }

    /// All faults as one error. What is left after it is `Some` throughout.
    pub(super) fn refuse(self) -> Error {
        Error::Invalid(self.violations)
    }
}

/// One fault.
pub(super) fn invalid(field: &'static str, description: Complaint) -> Error {
    Error::Invalid(vec![Violation { field, description }])
}
