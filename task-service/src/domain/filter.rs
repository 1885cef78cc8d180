//! The filter language: a subset of AIP-160, `state = OPEN AND (due < "2026-12-01" OR label:home)`. Here stands what a
//! filter can mean; `lexer` reads words, `parser` makes a tree of them, `meaning` knows the fields and their values.
//! What may never be put here: SQL. Whoever adds a condition adds it to `store/list/condition.rs` too.

mod ast;
mod lexer;
mod meaning;
mod parser;

use chrono::{DateTime, Utc};

use super::{Here, Label, ListId, Moment, State, TaskId};

/// The longest filter that is read.
pub const FILTER_LIMIT_BYTES: usize = 1024;
/// So many comparisons a filter has at the most.
pub const FILTER_MOST_CONDITIONS: usize = 32;
/// So many brackets can stand in each other.
pub const FILTER_MOST_LEVELS: usize = 16;

/// Which tasks are meant. The default is all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// What must hold of them.
    pub expr: Option<Expr>,
}

impl Filter {
    /// Reads a filter; empty means everything. `here` says which day is today.
    ///
    /// # Errors
    ///
    /// A sentence that says what was expected where. It repeats at most a word of the input.
    pub fn parse(text: &str, here: &Here) -> Result<Self, String> {
        if text.len() > FILTER_LIMIT_BYTES {
            return Err(format!(
                "The filter is too long; write at most {FILTER_LIMIT_BYTES} bytes."
            ));
        }
        let tokens = lexer::tokens(text)?;
        let tree = parser::parse(&tokens)?;
        let expr = tree.map(|tree| meaning::of(&tree, here)).transpose()?;
        Ok(Self { expr })
    }
}

/// What must hold. It holds or not: a comparison with an empty value does not hold, and its negation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// All of these.
    All(Vec<Self>),
    /// One of these.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// This.
    Is(Condition),
}

/// What can be said of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The state is this one.
    State(State),
    /// How the priority compares with a weight, 0 (none) to 4 (urgent).
    Priority(Comparison, i16),
    /// It is in this list; `None`: in the inbox.
    List(Option<ListId>),
    /// It is a part of this task; `None`: of none.
    Parent(Option<TaskId>),
    /// It has this label.
    Label(Label),
    /// This is its title.
    Title(String),
    /// The title has this part, which is in lower case.
    TitleHas(String),
    /// How a time compares with this one.
    Time(TimeField, Comparison, DateTime<Utc>),
    /// A day is there, not before the one moment and before the other.
    Between {
        /// Which day.
        field: DayField,
        /// Not before this.
        from: Option<Moment>,
        /// Before this.
        before: Option<Moment>,
    },
    /// The field has a value.
    Has(Optional),
}

/// How something compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A point in time of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeField {
    /// When it was made.
    Create,
    /// When it last changed.
    Update,
    /// When it was done.
    Complete,
    /// When it was moved to the trash.
    Delete,
}

/// A civil day of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayField {
    /// When work can begin.
    Start,
    /// When it should be done.
    Due,
}

/// A field that can be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optional {
    /// The list.
    List,
    /// The parent.
    Parent,
    /// The priority.
    Priority,
    /// The labels.
    Labels,
    /// The start.
    Start,
    /// The due.
    Due,
    /// When it was done.
    CompleteTime,
    /// When it was moved to the trash.
    DeleteTime,
}

/// A word of the input, short enough for a message.
fn shown(word: &str) -> String {
    word.chars().take(32).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests;
