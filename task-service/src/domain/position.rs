//! Where something shall stand among others of its kind.

/// A place that a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position<T> {
    /// Before all others.
    First,
    /// Behind all others.
    Last,
    /// Right before this one.
    Before(T),
    /// Right behind this one.
    After(T),
}

impl<T> Position<T> {
    /// The one that it is beside.
    pub fn beside(&self) -> Option<&T> {
        match self {
            Self::First | Self::Last => None,
            Self::Before(other) | Self::After(other) => Some(other),
        }
    }

    /// The same place, with what was found of the one that it is beside.
    pub fn found<U>(self, other: Option<U>) -> Position<U> {
        match (self, other) {
            (Self::Before(_), Some(other)) => Position::Before(other),
            (Self::After(_), Some(other)) => Position::After(other),
            (Self::First, _) => Position::First,
            _ => Position::Last,
        }
    }
}
