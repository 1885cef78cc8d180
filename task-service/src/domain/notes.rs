//! What there is to say about a task.

use super::Complaint;

/// CommonMark, up to 16 KiB; kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes(String);

impl Notes {
    const LONGEST_BYTES: usize = 16 * 1024;

    /// Checks; does not trim, since white space means something in CommonMark.
    pub fn parse(text: String) -> Result<Self, Complaint> {
        if text.len() > Self::LONGEST_BYTES {
            return Err("The notes are too long; write at most 16 KiB.");
        }
        // Postgres cannot store it, and CommonMark replaces it (section 2.3).
        if text.contains('\0') {
            return Err("The notes contain the character U+0000; remove it.");
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, taken over.
    pub fn into_string(self) -> String {
        self.0
    }
}
