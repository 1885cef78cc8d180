//! Where a task stands.

/// The numbers are those of the contract and of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum State {
    /// To be done.
    Open = 1,
    /// Done.
    Done = 2,
    /// Given up.
    Cancelled = 3,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Done, Self::Cancelled];

    /// The number in the column.
    pub fn number(self) -> i16 {
        self as i16
    }

    /// From the number in the column.
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }

    /// The name in the contract, without prefix.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Done => "DONE",
            Self::Cancelled => "CANCELLED",
        }
    }
}
