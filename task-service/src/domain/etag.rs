//! Revisions, and the etags that clients see of them.

/// A place in an owner's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub i64);

/// What a client knows of a task's revision. Opaque to it, so text of any other kind is as stale as an old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Etag(String);

impl Etag {
    /// The text that a client gets.
    pub fn text(revision: Revision) -> String {
        format!("r{}", revision.0)
    }

    /// What a client sent back; empty means none.
    pub fn sent(text: &str) -> Option<Self> {
        Some(text)
            .filter(|text| !text.is_empty())
            .map(|text| Self(text.to_owned()))
    }

    /// Whether the task is still what the client knows.
    pub fn matches(&self, revision: Revision) -> bool {
        self.0 == Self::text(revision)
    }
}
