//! How far a client has read its person's feed. It holds no secret and is not signed: whoever makes one up reads their own
//! feed from elsewhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::{PersonId, Revision};

const VERSION: u8 = 1;
/// Version, person, epoch, position, base.
const BYTES: usize = 1 + 16 + 16 + 8 + 8;

/// A place in a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncToken {
    /// Whose feed.
    pub person: PersonId,
    /// In which life of the database.
    pub epoch: Uuid,
    /// Everything up to here was read.
    pub position: Revision,
    /// Where the feed ended when the client began with nothing. What was removed up to here it never had.
    pub base: Revision,
}

/// Where a person's feed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedState {
    /// The life of the database.
    pub epoch: Uuid,
    /// The newest change.
    pub end: Revision,
    /// Removals up to here are forgotten.
    pub floor: Revision,
}

impl SyncToken {
    /// The token of somebody who has nothing so far.
    pub fn beginning(person: PersonId, feed: FeedState) -> Self {
        Self {
            person,
            epoch: feed.epoch,
            position: Revision(0),
            base: feed.end,
        }
    }

    /// As it is sent.
    pub fn to_text(self) -> String {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.push(VERSION);
        bytes.extend(self.person.0.as_bytes());
        bytes.extend(self.epoch.as_bytes());
        bytes.extend(self.position.0.to_be_bytes());
        bytes.extend(self.base.0.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a person sent; `None` for whatever is no token of theirs.
    pub fn parse(text: &str, person: PersonId) -> Option<Self> {
        // A longer one is not worth decoding.
        let fits = text.len() == BYTES.div_ceil(3) * 4 - (3 - BYTES % 3) % 3;
        let bytes = fits.then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten()?;
        let (version, rest) = bytes.split_first()?;
        let (owner, rest) = rest.split_first_chunk()?;
        let (epoch, rest) = rest.split_first_chunk()?;
        let (position, rest) = rest.split_first_chunk()?;
        let (base, []) = rest.split_first_chunk()? else {
            return None;
        };
        let token = Self {
            person: PersonId(Uuid::from_bytes(*owner)),
            epoch: Uuid::from_bytes(*epoch),
            position: Revision(i64::from_be_bytes(*position)),
            base: Revision(i64::from_be_bytes(*base)),
        };
        let right =
            *version == VERSION && token.person == person && token.position.0 >= 0 && token.base.0 >= 0;
        right.then_some(token)
    }

    /// Removals up to here mean nothing to the client: it knows of them, or never had what went.
    pub fn removals_after(self) -> Revision {
        self.position.max(self.base)
    }

    /// Whether the feed still has everything that the client does not.
    pub fn continues(self, feed: FeedState) -> bool {
        self.epoch == feed.epoch
            && self.position <= feed.end
            && self.base <= feed.end
            && self.removals_after() >= feed.floor
    }

    /// The token of somebody who has read on up to there.
    #[must_use]
    pub fn read_to(self, position: Revision) -> Self {
        Self { position, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: PersonId = PersonId(Uuid::from_u128(0xa11ce));

    fn token(position: i64, base: i64) -> SyncToken {
        SyncToken {
            person: ALICE,
            epoch: Uuid::from_u128(7),
            position: Revision(position),
            base: Revision(base),
        }
    }

    #[test]
    fn a_token_comes_back_as_it_was_and_only_from_its_person() {
        for token in [token(0, 0), token(5, 9), token(i64::MAX, i64::MAX)] {
            let text = token.to_text();
            assert_eq!(SyncToken::parse(&text, ALICE), Some(token), "{text}");
            assert_eq!(SyncToken::parse(&text, PersonId(Uuid::max())), None);
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let good = token(5, 9).to_text();
        let negative = token(-1, 9).to_text();
        let other_version = format!("B{}", &good[1..]);
        for text in [
            "",
            "AAAA",
            &good[..good.len() - 1],
            &format!("{good}A"),
            &format!("{}=", &good[..good.len() - 1]),
            &"A".repeat(100_000),
            &negative,
            &other_version,
        ] {
            assert_eq!(SyncToken::parse(text, ALICE), None, "{text:.80}");
        }
    }

    #[test]
    fn a_token_is_over_when_the_feed_cannot_tell_what_was_missed() {
        let feed = FeedState {
            epoch: Uuid::from_u128(7),
            end: Revision(20),
            floor: Revision(10),
        };
        assert!(token(10, 0).continues(feed));
        assert!(token(20, 20).continues(feed));
        // A long listing of a person with an old floor.
        assert!(token(3, 10).continues(feed));
        for over in [
            token(9, 0),
            token(9, 9),
            token(21, 0),
            token(10, 21),
            SyncToken {
                epoch: Uuid::max(),
                ..token(15, 0)
            },
        ] {
            assert!(!over.continues(feed), "{over:?}");
        }
    }
}
