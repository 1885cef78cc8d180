//! Revisions, and the etags that clients see of them.

use super::Complaint;

/// A place in an owner's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub i64);

/// What a client knows of a task's revision. Opaque to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Etag(Revision);

impl Etag {
    /// The text that a client gets.
    pub fn text(revision: Revision) -> String {
        format!("r{}", revision.0)
    }

    /// What a client sent back; empty means none.
    pub fn parse(text: &str) -> Result<Option<Self>, Complaint> {
        if text.is_empty() {
            return Ok(None);
        }
        text.strip_prefix('r')
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .map(|number| Some(Self(Revision(number))))
            .ok_or("This is not an etag of ours; send the one that came with the task, or none.")
    }

    /// Whether the task is still what the client knows.
    pub fn matches(self, revision: Revision) -> bool {
        self.0 == revision
    }
}
