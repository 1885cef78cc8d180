//! How a task comes again.

use super::Complaint;

/// What the next occurrence is counted from. The numbers are those of the contract and of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum Basis {
    /// The present due.
    Due = 1,
    /// The day of the completion.
    Completion = 2,
}

impl Basis {
    /// The number in the column.
    pub fn number(self) -> i16 {
        self as i16
    }

    /// From the number in the column.
    pub fn from_number(number: i16) -> Option<Self> {
        [Self::Due, Self::Completion]
            .into_iter()
            .find(|basis| basis.number() == number)
    }
}

/// A rule of RFC 5545 and what it counts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    rrule: String,
    basis: Basis,
}

impl Recurrence {
    /// Reads a rule.
    ///
    /// # Errors
    ///
    /// What to do about it.
    pub fn parse(_rrule: &str, _basis: Basis) -> Result<Self, Complaint> {
        Err("Recurring tasks are not built yet; leave the recurrence out.")
    }

    /// One read from the database.
    pub fn stored(rrule: String, basis: Basis) -> Self {
        Self { rrule, basis }
    }

    /// The rule as text.
    pub fn rrule(&self) -> &str {
        &self.rrule
    }

    /// What it counts from.
    pub fn basis(&self) -> Basis {
        self.basis
    }
}
