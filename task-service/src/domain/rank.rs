//! Places in a person's own order. One order holds all tasks of a person, another all lists: what is beside what in a list
//! follows from it.

use data_encoding::HEXLOWER;
use loro_fractional_index::FractionalIndex;

/// Text that sorts by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(String);

impl Rank {
    /// Ranks that are longer are made anew, with those around them.
    pub const LONGEST_BYTES: usize = 100;

    /// The place behind `last`, or the first place of all.
    ///
    /// It counts on in the leading bytes: the crate's own next place grows by a byte every 127 tasks, and most tasks are
    /// added at the end. Between two counted places there is room for any number of the crate's.
    pub fn after(last: Option<&Self>) -> Self {
        let Some((last, index)) = last.and_then(Self::with_index) else {
            return Self::counted(FIRST).unwrap_or_else(|| Self::of(&FractionalIndex::default()));
        };
        Self::counted(count(&index) + 1)
            .filter(|next| next > last)
            .unwrap_or_else(|| Self::of(&FractionalIndex::new_after(&index)))
    }

    /// The place before `first`, counted as well.
    pub fn before(first: &Self) -> Self {
        let Some((first, index)) = first.with_index() else {
            return Self::after(None);
        };
        count(&index)
            .checked_sub(1)
            .and_then(Self::counted)
            .filter(|next| next < first)
            .unwrap_or_else(|| Self::of(&FractionalIndex::new_before(&index)))
    }

    /// A place between two, of which either can be an end of the order. `None` where there is no room: two that are
    /// equal, or in the wrong order.
    pub fn between(low: Option<&Self>, high: Option<&Self>) -> Option<Self> {
        match (low, high) {
            (low, None) => Some(Self::after(low)),
            (None, Some(high)) => Some(Self::before(high)),
            (Some(low), Some(high)) => {
                let (low, high) = (low.with_index()?.1, high.with_index()?.1);
                FractionalIndex::new_between(&low, &high).map(|index| Self::of(&index))
            }
        }
    }

    /// So many places between two, far apart and in order. `None` as for [`Rank::between`].
    pub fn spread(low: Option<&Self>, high: Option<&Self>, count: usize) -> Option<Vec<Self>> {
        match (low, high) {
            (low, None) => {
                let places =
                    std::iter::successors(Some(Self::after(low)), |last| Some(Self::after(Some(last))));
                Some(places.take(count).collect())
            }
            (None, Some(high)) => {
                let places =
                    std::iter::successors(Some(Self::before(high)), |first| Some(Self::before(first)));
                let mut places: Vec<_> = places.take(count).collect();
                places.reverse();
                Some(places)
            }
            (Some(low), Some(high)) => {
                let (low, high) = (low.with_index()?.1, high.with_index()?.1);
                let places = FractionalIndex::generate_n_evenly(Some(&low), Some(&high), count)?;
                Some(places.iter().map(Self::of).collect())
            }
        }
    }

    /// Whether it is longer than ranks should be.
    pub fn is_long(&self) -> bool {
        self.0.len() > Self::LONGEST_BYTES
    }

    /// One that was written down elsewhere, such as in a file, if it is a place at all.
    pub fn parse(text: &str) -> Option<Self> {
        let rank = Self(text.to_owned());
        // Nothing sorts between a place and one that has only zeros more.
        let is_place = !rank.is_long()
            && rank
                .with_index()
                .is_some_and(|(_, index)| !index.as_bytes().contains(&0));
        is_place.then_some(rank)
    }

    /// A rank read from the database.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, taken over.
    pub fn into_string(self) -> String {
        self.0
    }

    /// In lower case always: text in two cases would not sort as its bytes do.
    fn of(index: &FractionalIndex) -> Self {
        Self(HEXLOWER.encode(index.as_bytes()))
    }

    /// The place of a number, unless it has too many digits.
    fn counted(mut count: u64) -> Option<Self> {
        let mut bytes = [TERMINATOR; COUNTED_BYTES as usize + 1];
        for byte in bytes.iter_mut().rev().skip(1) {
            *byte = u8::try_from(count % BASE).ok()? + 1;
            count /= BASE;
        }
        (count == 0).then(|| Self(HEXLOWER.encode(&bytes)))
    }

    /// Beside what the crate made of it. The crate takes any bytes and ends in a panic over those that it did not make.
    fn with_index(&self) -> Option<(&Self, FractionalIndex)> {
        let bytes = HEXLOWER.decode(self.0.as_bytes()).ok()?;
        (bytes.last() == Some(&TERMINATOR)).then(|| (self, FractionalIndex::from_bytes(bytes)))
    }
}

const COUNTED_BYTES: u32 = 6;
/// Digits are the bytes 1 to 255, so that there is room before each.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stored(text: &str) -> Rank {
        Rank::stored(text.to_owned())
    }

    #[test]
    fn places_one_behind_the_other_or_before_it_sort_as_they_were_made_and_stay_short() {
        let first = Rank::after(None);
        let (mut behind, mut before) = (first.clone(), first);
        for _ in 0..200_000 {
            let next = Rank::after(Some(&behind));
            assert!(next > behind, "{next:?} after {behind:?}");
            behind = next;
            let next = Rank::before(&before);
            assert!(next < before, "{next:?} before {before:?}");
            before = next;
        }
        assert_eq!((before.as_str().len(), behind.as_str().len()), (14, 14));
    }

    #[test]
    fn before_and_behind_every_place_there_is_another() {
        for end in [
            "80",
            "0180",
            "0080",
            "000000000000000180",
            "01000101010180",
            "01010101010180",
            "ff80",
            "ffffffffffff80",
            "ffffffffffffff8180",
        ] {
            let end = stored(end);
            assert!(Rank::after(Some(&end)) > end, "{end:?}");
            assert!(Rank::before(&end) < end, "{end:?}");
        }
    }

    #[test]
    fn between_two_there_is_room_thousands_of_times_on_either_side() {
        let first = Rank::after(None);
        let second = Rank::after(Some(&first));
        let (mut low, mut high) = (first.clone(), second.clone());
        for _ in 0..5000 {
            let lower = Rank::between(Some(&first), Some(&high)).expect("room");
            assert!(first < lower && lower < high);
            high = lower;
            let higher = Rank::between(Some(&low), Some(&second)).expect("room");
            assert!(low < higher && higher < second);
            low = higher;
        }
    }

    #[test]
    fn between_places_that_are_none_or_in_the_wrong_order_there_is_no_room() {
        let (low, high) = (stored("8080"), stored("8180"));
        for (low, high) in [
            (&high, &low),
            (&low, &low),
            (&stored("a"), &high),
            (&low, &stored("ff")),
        ] {
            assert_eq!(Rank::between(Some(low), Some(high)), None, "{low:?} {high:?}");
            assert_eq!(Rank::spread(Some(low), Some(high), 3), None, "{low:?} {high:?}");
        }
    }

    #[test]
    fn only_what_is_a_place_is_taken_from_elsewhere() {
        let rank = Rank::after(None);
        assert_eq!(Rank::parse(rank.as_str()), Some(rank));
        for wrong in ["", "8", "8G", "AB80", "00", "81", "0080", &"80".repeat(51)] {
            assert_eq!(Rank::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_is_taken_from_elsewhere_has_room_around_it(
            one in prop::collection::vec(1..=255_u8, 0..6),
            other in prop::collection::vec(1..=255_u8, 0..6),
        ) {
            let taken = |bytes: &[u8]| Rank::parse(&(HEXLOWER.encode(bytes) + "80")).expect("a place");
            let (low, high) = (taken(&one), taken(&other));
            let (low, high) = (low.clone().min(high.clone()), low.max(high));
            prop_assert!(Rank::before(&low) < low && Rank::after(Some(&high)) > high);
            if low < high {
                let between = Rank::between(Some(&low), Some(&high));
                prop_assert!(between.is_some_and(|between| low < between && between < high));
                let spread = Rank::spread(Some(&low), Some(&high), 9).expect("room");
                prop_assert!(spread.is_sorted() && spread.iter().all(|rank| low < *rank && *rank < high));
            }
        }

        /// However a few are moved about, there is room, and those that are spread anew are short again.
        #[test]
        fn any_moves_find_room_and_what_is_spread_anew_is_short(moves in prop::collection::vec((0..12_usize, 0..12_usize), 1000)) {
            let mut ranks = Rank::spread(None, None, 12).expect("room");
            for (from, to) in moves {
                ranks.remove(from);
                let low = to.checked_sub(1).map(|place| ranks[place].clone());
                let rank = Rank::between(low.as_ref(), ranks.get(to)).expect("room");
                ranks.insert(to, rank);
                prop_assert!(ranks.is_sorted_by(|low, high| low < high), "{ranks:?}");
                if ranks.iter().any(Rank::is_long) {
                    ranks = Rank::spread(None, None, ranks.len()).expect("room");
                }
            }
        }

        #[test]
        fn what_is_spread_is_in_order_between_its_ends(count in 0..600_usize, depth in 0..200_usize, low_end: bool, high_end: bool) {
            let mut low = Rank::after(None);
            let mut high = Rank::after(Some(&low));
            for step in 0..depth {
                let between = Rank::between(Some(&low), Some(&high)).expect("room");
                *if step % 2 == 0 { &mut low } else { &mut high } = between;
            }
            let (low, high) = (low_end.then_some(&low), high_end.then_some(&high));
            let spread = Rank::spread(low, high, count).expect("room");
            prop_assert_eq!(spread.len(), count);
            let all: Vec<_> = low.into_iter().chain(&spread).chain(high).collect();
            prop_assert!(all.is_sorted_by(|low, high| low < high));
            let longest = low.into_iter().chain(high).map(|rank| rank.as_str().len()).max().unwrap_or(14);
            prop_assert!(spread.iter().all(|rank| rank.as_str().len() <= longest + 26));
        }
    }
}
