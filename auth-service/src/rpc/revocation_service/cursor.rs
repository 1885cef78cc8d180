//! Where a watcher stands: which database, and up to which revocation. Opaque to clients, and no secret.

use uuid::Uuid;

use crate::store::revocations::Position;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) epoch: Uuid,
    pub(super) number: i64,
}

impl Cursor {
    /// Reads what [`Self::to_text`] wrote; anything else is no cursor, and the watcher starts over.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (epoch, number) = text.split_once('.')?;
        Some(Self {
            epoch: Uuid::try_parse(epoch).ok()?,
            number: number.parse().ok()?,
        })
    }

    pub(super) fn to_text(self) -> String {
        format!("{}.{}", self.epoch.simple(), self.number)
    }

    /// Whether nothing is missed by going on from here: the same database, not before what was deleted, and not ahead of
    /// the log, as a cursor is after an older backup was restored.
    pub(super) fn continues(self, log: Position) -> bool {
        self.epoch == log.epoch && (log.floor..=log.number).contains(&self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_goes_on_only_in_its_own_database_and_within_its_log() {
        let log = Position {
            epoch: Uuid::from_u128(1),
            number: 9,
            floor: 3,
        };
        let at = |epoch, number| Cursor {
            epoch: Uuid::from_u128(epoch),
            number,
        };
        assert!(at(1, 3).continues(log) && at(1, 9).continues(log));
        assert!(!at(1, 2).continues(log), "deleted");
        assert!(!at(1, 10).continues(log), "a restored backup");
        assert!(!at(2, 5).continues(log), "another database");
    }

    #[test]
    fn a_cursor_survives_its_text_and_nonsense_is_none() {
        let cursor = Cursor {
            epoch: Uuid::from_u128(7),
            number: 42,
        };
        assert_eq!(Cursor::parse(&cursor.to_text()), Some(cursor));
        for text in ["", "42", "x.42", "00000000000000000000000000000007.", "💥.1"] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }
}
