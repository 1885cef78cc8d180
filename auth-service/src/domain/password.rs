//! Passwords as received: no normalising, no truncating, no composition rules (NIST SP 800-63B-4, OWASP ASVS 6.2).
//!
//! A password lives in memory that is wiped when it is dropped, and it is never printed.

use std::fmt;

use zeroize::Zeroizing;

use super::email::key_of;
use super::{Complaint, Email, common_passwords};

const LEAST_CHARACTERS: usize = 8;
const MOST_CHARACTERS: usize = 256;

const TOO_LONG: Complaint = "The password is too long; use up to 256 characters.";

/// A password that somebody gave to prove who they are. It is only bounded: an old password must keep working when the
/// rules for new ones change.
pub struct GivenPassword(Zeroizing<String>);

impl GivenPassword {
    /// Takes 1 to 256 characters.
    ///
    /// # Errors
    ///
    /// What to change.
    pub fn parse(text: String) -> Result<Self, Complaint> {
        let text = Zeroizing::new(text);
        if text.is_empty() {
            return Err("The password is missing.");
        }
        if text.chars().count() > MOST_CHARACTERS {
            return Err(TOO_LONG);
        }
        Ok(Self(text))
    }

    /// What is hashed.
    pub fn into_secret(self) -> Zeroizing<String> {
        self.0
    }
}

/// A password that somebody chose, and that passed the rules for new ones.
pub struct NewPassword(Zeroizing<String>);

impl NewPassword {
    /// Takes 8 to 256 characters that are neither common nor the person's own email, when that is known.
    ///
    /// # Errors
    ///
    /// What to change.
    pub fn parse(text: String, email: Option<&Email>) -> Result<Self, Complaint> {
        let text = Zeroizing::new(text);
        let characters = text.chars().count();
        if characters < LEAST_CHARACTERS {
            return Err("The password is too short; use at least 8 characters.");
        }
        if characters > MOST_CHARACTERS {
            return Err(TOO_LONG);
        }
        if common_passwords::contains(&Zeroizing::new(text.to_lowercase())) {
            return Err("The password is one of the commonest; choose one that others do not use.");
        }
        let key = Zeroizing::new(key_of(&text));
        if email.is_some_and(|email| *key == email.key() || *key == email.local_key()) {
            return Err("The password is your email; choose another.");
        }
        Ok(Self(text))
    }

    /// What is hashed.
    pub fn into_secret(self) -> Zeroizing<String> {
        self.0
    }
}

impl fmt::Debug for GivenPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GivenPassword(***)")
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(text: &str) -> Result<NewPassword, Complaint> {
        let email = Email::parse("Margarethe@example.org").expect("good");
        NewPassword::parse(text.to_owned(), Some(&email))
    }

    #[test]
    fn length_is_counted_in_characters_as_received() {
        assert!(chosen("ßß ßß ß").is_err());
        assert!(chosen("ßß ßß ßß").is_ok());
        assert!(chosen(&"語".repeat(256)).is_ok());
        assert!(chosen(&"語".repeat(257)).is_err());
    }

    #[test]
    fn a_password_is_neither_trimmed_nor_normalised() {
        let text = "  jose\u{301} horse  ";
        assert_eq!(*chosen(text).expect("good").into_secret(), text);
    }

    #[test]
    fn the_commonest_are_refused_in_any_case() {
        for text in ["password", "PassWord", "12345678", "QWERTYUIOP", "iloveyou"] {
            assert!(chosen(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ones_own_email_is_refused_in_any_case() {
        assert!(chosen("margarethe@EXAMPLE.org").is_err());
        assert!(chosen("MARGARETHE").is_err());
    }

    #[test]
    fn a_password_is_not_printed() {
        let printed = format!("{:?}", chosen("correct horse").expect("good"));
        assert!(!printed.contains("horse"));
    }
}
