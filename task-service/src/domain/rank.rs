//! Places in a person's own order.

use fractional_index::FractionalIndex;

/// Text that sorts by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(String);

impl Rank {
    /// The place behind `last`, or the first place of all.
    ///
    /// The last place counts on in the leading bytes: the crate's own next place grows by a byte every 127 tasks, and
    /// most tasks are added at the end. Between two counted places there is room for any number of the crate's.
    pub fn after(last: Option<&Self>) -> Self {
        let last = last.and_then(|rank| FractionalIndex::from_string(&rank.0).ok());
        let next = match &last {
            None => counted(FIRST),
            Some(last) => counted(count(last) + 1).or_else(|| Some(FractionalIndex::new_after(last))),
        };
        Self(next.unwrap_or_default().to_string())
    }

    /// A rank read from the database.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const COUNTED_BYTES: u32 = 6;
/// Digits are the bytes 1 to 255: the crate cannot find a place between two that share a byte of zero.
const BASE: u64 = 255;
/// In the middle, since tasks move to the front too.
const FIRST: u64 = 127 * BASE.pow(COUNTED_BYTES - 1);
/// What the crate ends every index with.
const TERMINATOR: u8 = 0x80;

/// The leading bytes as a number. What is missing counts as the least digit, so the next number is always behind.
fn count(index: &FractionalIndex) -> u64 {
    let bytes = index.as_bytes().iter().chain(std::iter::repeat(&0));
    bytes
        .take(COUNTED_BYTES as usize)
        .fold(0, |count, byte| count * BASE + u64::from(byte.saturating_sub(1)))
}

/// The place of a number, unless it has too many digits.
fn counted(mut count: u64) -> Option<FractionalIndex> {
    let mut bytes = [TERMINATOR; COUNTED_BYTES as usize + 1];
    for byte in bytes.iter_mut().rev().skip(1) {
        *byte = u8::try_from(count % BASE).ok()? + 1;
        count /= BASE;
    }
    (count == 0).then(|| FractionalIndex::from_bytes(bytes.to_vec()).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(rank: &Rank) -> FractionalIndex {
        FractionalIndex::from_string(rank.as_str()).expect("an index")
    }

    #[test]
    fn places_one_behind_the_other_sort_as_they_were_made_and_stay_short() {
        let mut last = Rank::after(None);
        for _ in 0..200_000 {
            let next = Rank::after(Some(&last));
            assert!(next > last, "{next:?} after {last:?}");
            last = next;
        }
        assert_eq!(last.as_str().len(), 14);
    }

    #[test]
    fn between_two_places_before_the_first_and_behind_any_there_is_room() {
        let first = Rank::after(None);
        let second = Rank::after(Some(&first));
        let mut between = FractionalIndex::new_between(&index(&first), &index(&second)).expect("room");
        for _ in 0..1000 {
            let text = Rank::stored(between.to_string());
            assert!(first < text && text < second, "{text:?}");
            assert!(Rank::after(Some(&text)) >= second);
            between = FractionalIndex::new_between(&between, &index(&second)).expect("room");
        }
        let before = FractionalIndex::new_before(&index(&first));
        assert!(Rank::stored(before.to_string()) < first);
    }

    #[test]
    fn behind_every_place_there_is_another() {
        for last in ["80", "0180", "ff80", "ffffffffffff80", "ffffffffffffff8180"] {
            let last = Rank::stored(last.to_owned());
            assert!(Rank::after(Some(&last)) > last, "{last:?}");
        }
    }
}
