//! What one owner's write does in a transaction beside its rows: revisions, counts and what happened to tasks, kept while
//! the owner's row is locked and stored with the commit.

use chrono::{DateTime, Utc};

use super::ledger::Ledger;
use crate::domain::{Happened, Revision, Usage};
use crate::error::Error;
use crate::owner::OwnerId;

/// One owner's part in a transaction.
pub(crate) struct Share {
    owner: OwnerId,
    /// The owner's row, once it is locked for a write.
    ledger: Option<Ledger>,
    /// Which method writes, and when.
    method: Option<(&'static str, DateTime<Utc>)>,
    /// What happened to tasks, to be stored with the commit.
    happened: Vec<Happened>,
}

impl Share {
    pub(super) fn new(owner: OwnerId) -> Self {
        Self {
            owner,
            ledger: None,
            method: None,
            happened: Vec::new(),
        }
    }

    /// Whose it is.
    pub(crate) fn owner(&self) -> OwnerId {
        self.owner
    }

    /// The owner's row is locked, and this is what it says.
    pub(super) fn lock(&mut self, ledger: Ledger) {
        self.ledger = Some(ledger);
    }

    /// Whether the owner's row is locked: nobody writes without that.
    pub(super) fn is_locked(&self) -> bool {
        self.ledger.is_some()
    }

    /// What to store of the owner's row, if anything of it changed.
    pub(super) fn changed_ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref().filter(|ledger| ledger.is_changed())
    }

    /// What happened to tasks, by which method and when.
    pub(super) fn events(&self) -> Option<(&[Happened], &'static str, DateTime<Utc>)> {
        let (method, now) = self.method?;
        Some((&self.happened, method, now))
    }

    /// Says which method writes, and when, for the history of tasks.
    pub(crate) fn by(&mut self, method: &'static str, now: DateTime<Utc>) {
        self.method = Some((method, now));
    }

    /// The next revision, for one row that changes. The owner must be locked.
    pub(crate) fn raise(&mut self) -> Result<Revision, Error> {
        self.raise_by(1)
    }

    /// The first of so many revisions, for rows that change together. The owner must be locked.
    pub(crate) fn raise_by(&mut self, rows: i64) -> Result<Revision, Error> {
        Ok(self.ledger()?.raise_by(rows))
    }

    /// Fails with [`Error::QuotaExceeded`] when the write brings something above the owner's limits.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.changed_ledger().map_or(Ok(()), Ledger::check)
    }

    /// What the owner has, to be changed with a write.
    pub(super) fn usage(&mut self) -> Result<&mut Usage, Error> {
        Ok(self.ledger()?.usage())
    }

    /// Remembers what happened to tasks.
    pub(super) fn record(&mut self, happened: impl IntoIterator<Item = Happened>) -> Result<(), Error> {
        if self.method.is_none() {
            return Err(Error::internal("a task changes and nobody said by which method"));
        }
        self.happened.extend(happened);
        Ok(())
    }

    fn ledger(&mut self) -> Result<&mut Ledger, Error> {
        self.ledger
            .as_mut()
            .ok_or_else(|| Error::internal("a write without the owner's lock"))
    }
}
