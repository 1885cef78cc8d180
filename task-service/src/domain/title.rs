//! What a task is called.

use super::Complaint;

/// 1 to 500 code points, without white space at the ends and without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    const LONGEST: usize = 500;

    /// Trims and checks.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        let text = text.trim();
        if text.is_empty() {
            return Err("The title is empty; write 1 to 500 characters.");
        }
        if text.chars().count() > Self::LONGEST {
            return Err(
                "The title is too long; write at most 500 characters and put the rest into the notes.",
            );
        }
        if text.chars().any(char::is_control) {
            return Err("The title has control characters; remove line breaks and the like.");
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, taken over.
    pub fn into_string(self) -> String {
        self.0
    }

    /// What titles are sorted by: without regard to case.
    pub fn order_key(&self) -> String {
        self.0.to_lowercase()
    }
}
