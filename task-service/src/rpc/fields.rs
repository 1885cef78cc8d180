//! Gathers what is wrong with a request, so that a client hears of every fault at once.

use std::borrow::Cow;

use crate::error::{Error, Violation};

/// The faults found so far.
#[derive(Default)]
pub(super) struct Fields {
    violations: Vec<Violation>,
}

impl Fields {
    /// The value, or a fault to be told of.
    pub(super) fn check<T, C: Into<Cow<'static, str>>>(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        parsed: Result<T, C>,
    ) -> Option<T> {
        parsed.map_err(|complaint| self.fault(field, complaint)).ok()
    }

    /// A fault to be told of.
    pub(super) fn fault(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        complaint: impl Into<Cow<'static, str>>,
    ) {
        self.violations.push(Violation {
            field: field.into(),
            description: complaint.into(),
        });
    }

    /// The value if everything was right. A value that is missing had its fault told.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Error> {
        match value {
            Some(value) if self.violations.is_empty() => Ok(value),
            _ => Err(Error::Invalid(self.violations)),
        }
    }
}
