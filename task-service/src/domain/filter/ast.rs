//! A filter as it was written: which field, which sign, which value, and where they stand. What they mean is not
//! known here.

use std::borrow::Cow;

/// A part of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node<'a> {
    /// Joined by AND.
    All(Vec<Self>),
    /// Joined by OR.
    Any(Vec<Self>),
    /// Behind NOT or a minus.
    Not(Box<Self>),
    /// A word by itself.
    Bare(Word<'a>),
    /// A field, a sign and a value.
    Comparison {
        field: Word<'a>,
        operator: Operator,
        value: Word<'a>,
    },
}

/// A word, or a text in quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// Its first character, counted from 1.
    pub(super) at: usize,
    pub(super) text: Cow<'a, str>,
    pub(super) is_quoted: bool,
}

/// A sign between a field and a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Has,
}

impl Operator {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Has => ":",
        }
    }
}
