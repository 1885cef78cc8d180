//! What a task is labelled with.

use unicode_normalization::UnicodeNormalization as _;

/// One label: 1 to 100 code points in normal form C, without white space at the ends and without control characters.
/// Upper and lower case differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

impl Label {
    const LONGEST: usize = 100;

    /// Trims, normalises and checks.
    ///
    /// # Errors
    ///
    /// What to do about it.
    pub fn parse(text: &str) -> Result<Self, super::Complaint> {
        let label: String = text.trim().nfc().collect();
        if label.is_empty() {
            return Err("The label is empty; write 1 to 100 characters.");
        }
        if label.chars().count() > Self::LONGEST {
            return Err("The label is too long; write at most 100 characters.");
        }
        if label.chars().any(char::is_control) {
            return Err("The label has control characters; remove line breaks and the like.");
        }
        Ok(Self(label))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The labels of a task in the order in which they were given, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels(Vec<Label>);

impl Labels {
    /// How many a task can have.
    pub const MOST: usize = 50;

    /// Of these, without repeats.
    ///
    /// # Errors
    ///
    /// What to do about there being too many.
    pub fn of(labels: impl IntoIterator<Item = Label>) -> Result<Self, super::Complaint> {
        let mut kept: Vec<Label> = Vec::new();
        for label in labels {
            if !kept.contains(&label) {
                kept.push(label);
            }
            if kept.len() > Self::MOST {
                return Err("There are over 50 labels; keep at most 50.");
            }
        }
        Ok(Self(kept))
    }

    /// Their texts.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|label| label.0.clone()).collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes they have.
    pub fn size_bytes(&self) -> usize {
        self.0.iter().map(|label| label.0.len()).sum()
    }

    /// Whether it is one of them.
    pub fn contains(&self, label: &Label) -> bool {
        self.0.contains(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Label {
        Label::parse(text).expect("a label")
    }

    #[test]
    fn labels_are_trimmed_normalised_and_kept_once_in_their_order() {
        let labels = Labels::of([
            label(" home "),
            label("e\u{301}te\u{301}"),
            label("home"),
            label("Home"),
        ]);
        let labels = labels.expect("few");
        assert_eq!(labels.names(), ["home", "\u{e9}t\u{e9}", "Home"]);
    }

    #[test]
    fn labels_that_are_empty_long_or_many_are_refused() {
        for wrong in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(Label::parse(wrong).is_err(), "{wrong:?}");
        }
        let many = (0..51).map(|number| label(&number.to_string()));
        assert!(Labels::of(many.clone()).is_err());
        assert!(Labels::of(many.take(50)).is_ok());
    }
}
