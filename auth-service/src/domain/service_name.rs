//! What a service is called: in its credential, in `service:NAME` of its tokens, and in the records about it.

use super::Complaint;

const LONGEST: usize = 64;

/// The name of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceName(String);

impl ServiceName {
    /// auth-service itself, when it calls others. It signs its own tokens, so nobody gets this name by a credential.
    pub fn own() -> Self {
        Self("auth-service".to_owned())
    }

    /// 1 to 64 of `a-z`, `0-9`, `-`, `_` and `.`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(fits) {
            return Err("is not 1 to 64 lower-case letters, digits, '-', '_' or '.'");
        }
        Ok(Self(text.to_owned()))
    }

    /// The bare name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As tokens have it, in `sub` or in `act`.
    pub fn subject(&self) -> String {
        format!("service:{}", self.0)
    }
}
