//! Ids, each its own type.

use uuid::Uuid;

use super::Complaint;

/// A task of some owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub Uuid);

impl TaskId {
    /// Reads the text of a UUID.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        parse(text).map(Self)
    }
}

/// A list of some owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListId(pub Uuid);

impl ListId {
    /// Reads the text of a UUID.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        parse(text).map(Self)
    }
}

/// One deletion, and what it took along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeletionId(pub Uuid);

/// A person, as one names them who is trusted to. It opens nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PersonId(pub Uuid);

impl PersonId {
    /// Reads the text of a UUID.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        parse(text).map(Self)
    }
}

/// A completion of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CompletionId(pub Uuid);

/// What makes a write safe to repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// Reads the text of a UUID; empty means none.
    pub fn parse(text: &str) -> Result<Option<Self>, Complaint> {
        if text.is_empty() {
            return Ok(None);
        }
        parse(text).map(|id| Some(Self(id)))
    }
}

fn parse(text: &str) -> Result<Uuid, Complaint> {
    const NOT_A_UUID: Complaint = "This is not a UUID; write it like 0193a0b0-0000-7000-8000-000000000001.";
    match text.len() {
        0 => Err("The id is missing; give a UUID."),
        // The hyphenated form alone, so that one id has one text.
        36 => Uuid::try_parse(text).map_err(|_| NOT_A_UUID),
        _ => Err(NOT_A_UUID),
    }
}
