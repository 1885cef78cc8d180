//! What to call a person.

use super::Complaint;

const MOST_CHARACTERS: usize = 100;

/// A display name that passed the rules; may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Takes up to 100 characters without control characters; surrounding white space is dropped.
    ///
    /// # Errors
    ///
    /// What to change.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        let text = text.trim();
        if text.chars().count() > MOST_CHARACTERS {
            return Err("The name is too long; use up to 100 characters.");
        }
        if text.chars().any(char::is_control) {
            return Err("The name has a control character; write it on one line.");
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_hundred_characters_passes_in_any_script_and_one_more_does_not() {
        assert!(DisplayName::parse(&"ß".repeat(100)).is_ok());
        assert!(DisplayName::parse(&"ß".repeat(101)).is_err());
    }

    #[test]
    fn a_control_character_is_refused_and_an_empty_name_is_not() {
        assert!(DisplayName::parse("Ann\u{0}").is_err());
        assert!(DisplayName::parse("Ann\nBob").is_err());
        assert_eq!(DisplayName::parse("  ").expect("optional").as_str(), "");
    }
}
