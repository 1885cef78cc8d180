//! How a task comes again. Rules are expanded on civil values, and the zone is attached afterwards: what is due at nine is
//! due at nine on both sides of a change of clocks.

mod expand;
mod rule;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::{Complaint, When};
use rule::{Rule, Until};

/// The most bytes of a rule; the column's limit too.
const RRULE_LIMIT_BYTES: usize = 500;

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
    /// Reads a rule. It is kept as it was written, but in capitals and without white space around it.
    ///
    /// # Errors
    ///
    /// What to do about it.
    pub fn parse(rrule: &str, basis: Basis) -> Result<Self, Complaint> {
        let rrule = rrule.trim();
        if rrule.is_empty() {
            return Err("The rule is missing; give one such as FREQ=WEEKLY, or leave the recurrence out.");
        }
        if rrule.len() > RRULE_LIMIT_BYTES {
            return Err("The rule is over 500 bytes; shorten it.");
        }
        if rrule.contains(['\n', '\r']) {
            return Err("There are several lines; give one rule, and the start as the due date.");
        }
        if rrule.contains(':') {
            return Err(
                "Leave out what stands before the colon, such as RRULE or DTSTART; the due date is the start.",
            );
        }
        let rrule = rrule.to_ascii_uppercase();
        Rule::parse(&rrule)?;
        Ok(Self { rrule, basis })
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

    /// Whether a task of that due can come again in this way.
    ///
    /// # Errors
    ///
    /// What to do about it.
    pub fn check(&self, due: &When) -> Result<(), Complaint> {
        let rule = Rule::parse(&self.rrule)?;
        if due.time.is_none() && rule.has_times() {
            return Err(
                "The rule names times of day; give the due date a time, or use FREQ=DAILY without them.",
            );
        }
        match expand::first_after(&rule, due.civil(), None) {
            Some(_) => Ok(()),
            None => Err("With this due date the rule never comes again; change the rule or the date."),
        }
    }

    /// The due after this one, the `number`th, completed or skipped at `now`; none when it was the last. `floating` is
    /// the zone of a due without one.
    ///
    /// # Errors
    ///
    /// When the rule is not one that [`Recurrence::parse`] lets through.
    pub fn next(
        &self,
        due: &When,
        number: i32,
        now: DateTime<Utc>,
        floating: Tz,
    ) -> Result<Option<When>, Complaint> {
        let rule = Rule::parse(&self.rrule)?;
        if rule.count.is_some_and(|count| number >= count) {
            return Ok(None);
        }
        let zone = due.tz().unwrap_or(floating);
        let present = due.civil();
        let next = match self.basis {
            Basis::Due => expand::first_after(&rule, present, None),
            Basis::Completion => {
                let day = now.with_timezone(&zone).date_naive();
                // Never the same again: an occurrence is known by its due.
                expand::first_after(&rule, day.and_time(present.time()), Some(present))
            }
        };
        let is_over = |at: NaiveDateTime| match rule.until {
            None => false,
            Some(Until::Day(day)) => at.date() > day,
            Some(Until::Civil(until)) => is_later(at, until, due),
            Some(Until::Instant(until)) => is_later(at, until.with_timezone(&zone).naive_local(), due),
        };
        Ok(next
            .filter(|at| When::YEARS.contains(&at.year()) && !is_over(*at))
            .map(|at| When {
                date: at.date(),
                time: due.time.map(|_| at.time()),
                zone: due.zone.clone(),
            }))
    }
}

/// A whole day is over with its last moment.
fn is_later(at: NaiveDateTime, until: NaiveDateTime, due: &When) -> bool {
    match due.time {
        Some(_) => at > until,
        None => at.date() > until.date(),
    }
}
