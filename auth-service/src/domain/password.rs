//! Passwords as received: no normalising, no truncating, no composition rules (NIST SP 800-63B-4, OWASP ASVS 6.2).
//!
//! A password lives in memory that is wiped when it is dropped, and it is never printed.

use std::fmt;

use zeroize::Zeroizing;

use super::email::key_of;
use super::{Complaint, common_passwords};

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

/// What a deployment asks of new passwords.
#[derive(Debug, Clone, Copy)]
pub struct PasswordRules {
    least_characters: usize,
    too_short: Complaint,
}

impl PasswordRules {
    /// New passwords have at least so many characters. One small text is kept for good.
    pub fn new(least_characters: usize) -> Self {
        let too_short = format!("The password is too short; use at least {least_characters} characters.");
        Self {
            least_characters,
            too_short: too_short.leak(),
        }
    }
}

/// A shorter name says little about a password that only begins with it.
const LEAST_TELLING: usize = 5;

/// What the person is called, which others know and therefore try first. What is not known is empty.
#[derive(Clone, Copy, Default)]
pub struct Whose<'a> {
    /// In any spelling.
    pub email: &'a str,
    /// As given.
    pub display_name: &'a str,
}

impl Whose<'_> {
    /// Whether a folded password is the email, its part before the `@` or the name, with or without spaces, and maybe
    /// with digits or signs behind.
    fn names(&self, password: &str) -> bool {
        let bare = password.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
        let (email, name) = (key_of(self.email), key_of(self.display_name.trim()));
        let local = email.rsplit_once('@').map_or("", |(local, _)| local);
        let together: String = name.split_whitespace().collect();
        [email.as_str(), local, &name, &together]
            .into_iter()
            .any(|own| own == password || (own == bare && own.chars().count() >= LEAST_TELLING))
    }
}

/// A password that somebody chose, and that passed the rules for new ones.
pub struct NewPassword(Zeroizing<String>);

impl NewPassword {
    /// Takes passwords of the deployment's least length up to 256 characters that are neither common nor what the
    /// person is called.
    ///
    /// # Errors
    ///
    /// What to change.
    pub fn parse(text: String, rules: &PasswordRules, whose: Whose<'_>) -> Result<Self, Complaint> {
        let text = Zeroizing::new(text);
        let characters = text.chars().count();
        if characters < rules.least_characters {
            return Err(rules.too_short);
        }
        if characters > MOST_CHARACTERS {
            return Err(TOO_LONG);
        }
        if common_passwords::contains(&Zeroizing::new(text.to_lowercase())) {
            return Err("The password is one of the commonest; choose one that others do not use.");
        }
        if whose.names(&Zeroizing::new(key_of(&text))) {
            return Err("The password is your email or your name; choose another.");
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
        let whose = Whose {
            email: "Margarethe@example.org",
            display_name: " Grete Stra\u{df}er ",
        };
        NewPassword::parse(text.to_owned(), &PasswordRules::new(8), whose)
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
    fn what_one_is_called_is_refused_in_any_case_also_with_digits_behind() {
        for text in [
            "margarethe@EXAMPLE.org",
            "MARGARETHE",
            "Margarethe1987",
            "margarethe!!",
            "Grete Stra\u{df}er",
            "grete strasser",
            "GreteStrasser2026!",
        ] {
            assert!(chosen(text).is_err(), "{text}");
        }
        for text in ["margaretha", "the margarethe", "grete-strasser", "1987margarethe"] {
            assert!(chosen(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn who_is_not_known_forbids_nothing() {
        let rules = PasswordRules::new(8);
        assert!(NewPassword::parse("90210-90210".to_owned(), &rules, Whose::default()).is_ok());
    }

    #[test]
    fn a_deployment_may_ask_for_more_characters_and_the_complaint_says_how_many() {
        let rules = PasswordRules::new(15);
        let parse = |text: &str| NewPassword::parse(text.to_owned(), &rules, Whose::default());
        assert!(parse("abcdefghijklmno").is_ok());
        let complaint = parse("abcdefghijklmn").expect_err("14 characters");
        assert!(complaint.contains("at least 15 characters"), "{complaint}");
    }

    #[test]
    fn a_password_is_not_printed() {
        let printed = format!("{:?}", chosen("correct horse").expect("good"));
        assert!(!printed.contains("horse"));
    }
}
