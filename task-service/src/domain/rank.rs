//! Places in a person's own order.

use fractional_index::FractionalIndex;

/// Text that sorts by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(String);

impl Rank {
    /// The place behind `last`, or the first place of all.
    pub fn after(last: Option<&Self>) -> Self {
        let index = last.and_then(|rank| FractionalIndex::from_string(&rank.0).ok());
        Self(
            index
                .map_or_else(FractionalIndex::default, |last| FractionalIndex::new_after(&last))
                .to_string(),
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_places_one_behind_the_other_sort_as_they_were_made_and_stay_short() {
        let mut last = Rank::after(None);
        for _ in 0..10_000 {
            let next = Rank::after(Some(&last));
            assert!(next > last, "{next:?} after {last:?}");
            last = next;
        }
        assert!(last.as_str().len() < 200, "{}", last.as_str().len());
    }
}
