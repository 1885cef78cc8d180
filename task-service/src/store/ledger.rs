//! What a write does to its owner's row: revisions and counts, gathered while the row is locked and stored with the commit.

use crate::domain::{Limits, Revision, Usage};
use crate::error::Error;

/// The owner's row as it was locked, and as the write leaves it.
pub(super) struct Ledger {
    locked_at: Revision,
    revision: Revision,
    usage_before: Usage,
    usage: Usage,
    limits: Limits,
}

impl Ledger {
    pub(super) fn new(revision: Revision, usage: Usage, limits: Limits) -> Self {
        Self {
            locked_at: revision,
            revision,
            usage_before: usage,
            usage,
            limits,
        }
    }

    /// The first of so many new revisions.
    pub(super) fn raise_by(&mut self, rows: i64) -> Revision {
        let first = Revision(self.revision.0 + 1);
        self.revision.0 += rows;
        first
    }

    pub(super) fn revision(&self) -> Revision {
        self.revision
    }

    pub(super) fn usage(&mut self) -> &mut Usage {
        &mut self.usage
    }

    pub(super) fn usage_now(&self) -> Usage {
        self.usage
    }

    pub(super) fn is_changed(&self) -> bool {
        self.revision != self.locked_at || self.usage != self.usage_before
    }

    /// Whether the owner may have so much.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.limits.exceeded(self.usage_before, self.usage) {
            Some(quota) => Err(Error::QuotaExceeded(quota)),
            None => Ok(()),
        }
    }
}
