//! What a list can be sorted by.

use super::Complaint;

/// A field to sort by. Empty values come last in both directions, and the id decides between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortField {
    /// The person's own order.
    #[default]
    Rank,
    /// Due date and time as written.
    Due,
    /// Priority.
    Priority,
    /// Title, without regard to case.
    Title,
    /// When it was made.
    CreateTime,
    /// When it last changed.
    UpdateTime,
}

/// A field and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderBy {
    /// The field.
    pub field: SortField,
    /// Greatest first.
    pub descending: bool,
}

impl OrderBy {
    /// Reads `due`, `due asc` or `due desc`; empty means by rank.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        const EXPECTED: Complaint = "This is no order; use rank, due, priority, title, create_time or update_time, \
                                     alone or followed by desc.";
        let mut words = text.split_whitespace();
        let field = match words.next() {
            None => return Ok(Self::default()),
            Some("rank") => SortField::Rank,
            Some("due") => SortField::Due,
            Some("priority") => SortField::Priority,
            Some("title") => SortField::Title,
            Some("create_time") => SortField::CreateTime,
            Some("update_time") => SortField::UpdateTime,
            Some(_) => return Err(EXPECTED),
        };
        let descending = match words.next() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(EXPECTED),
        };
        match words.next() {
            None => Ok(Self { field, descending }),
            Some(_) => Err(EXPECTED),
        }
    }
}
