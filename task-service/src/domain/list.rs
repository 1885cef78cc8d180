//! A list of tasks, and what it is called.

use chrono::{DateTime, Utc};

use super::{Complaint, DeletionId, ListId, Rank, Revision, TRASH_LIFE};

/// 1 to 200 code points, without white space at the ends and without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListTitle(String);

impl ListTitle {
    const LONGEST: usize = 200;

    /// Trims and checks.
    ///
    /// # Errors
    ///
    /// What to do about it.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        let text = text.trim();
        if text.is_empty() {
            return Err("The title is empty; write 1 to 200 characters.");
        }
        if text.chars().count() > Self::LONGEST {
            return Err("The title is too long; write at most 200 characters.");
        }
        if text.chars().any(char::is_control) {
            return Err("The title has control characters; remove line breaks and the like.");
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A list as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its id.
    pub id: ListId,
    /// The owner's revision at its last change.
    pub revision: Revision,
    /// What it is called.
    pub title: ListTitle,
    /// Its place in the person's own order.
    pub rank: Rank,
    /// When it was made.
    pub create_time: DateTime<Utc>,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
    /// When it was moved to the trash.
    pub delete_time: Option<DateTime<Utc>>,
    /// When the trash drops it.
    pub purge_time: Option<DateTime<Utc>>,
    /// Which deletion took it to the trash.
    pub deletion_id: Option<DeletionId>,
}

impl List {
    /// Moves it to the trash.
    pub fn delete(&mut self, deletion: DeletionId, now: DateTime<Utc>) {
        self.delete_time = Some(now);
        self.purge_time = Some(now + TRASH_LIFE);
        self.deletion_id = Some(deletion);
    }

    /// Brings it back from the trash.
    pub fn undelete(&mut self) {
        self.delete_time = None;
        self.purge_time = None;
        self.deletion_id = None;
    }

    /// Whether it is in the trash.
    pub fn is_deleted(&self) -> bool {
        self.delete_time.is_some()
    }

    /// What it counts for in what its owner stores.
    pub fn size_bytes(&self) -> usize {
        self.title.0.len()
    }
}
