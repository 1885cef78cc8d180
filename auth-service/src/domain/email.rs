//! An email address: kept as typed, matched by a key that ignores case and Unicode spelling.

use std::fmt;

use caseless::Caseless as _;
use email_address::EmailAddress;
use unicode_normalization::UnicodeNormalization as _;

use super::Complaint;

/// RFC 5321, section 4.5.3.1.3, less the angle brackets.
const MOST_BYTES: usize = 254;

const SHAPE: Complaint = "Write the email like name@example.org.";

/// An email that passed the rules.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    typed: String,
    key: String,
}

impl Email {
    /// Takes `local@domain` of up to 254 bytes, in any script. Whether mail arrives is for a mail to find out, so the
    /// rules only keep out what cannot be an address or would be unsafe in a mail header.
    ///
    /// # Errors
    ///
    /// What to change.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        if text.is_empty() {
            return Err("The email is missing; write it like name@example.org.");
        }
        if text.len() > MOST_BYTES {
            return Err("The email is too long; it can have up to 254 bytes.");
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err("The email has a space or a control character; leave it out.");
        }
        if text.contains(['"', '<', '>', '(', ')', '[', ']', ',', ';', ':', '\\']) {
            return Err("The email has a character that is not allowed; write it like name@example.org.");
        }
        if text.contains(is_invisible) {
            return Err("The email has an invisible character; type it anew.");
        }
        // What mail cannot be sent to, such as two dots in a row.
        let normal: String = text.nfc().collect();
        if !EmailAddress::is_valid(&normal) {
            return Err(SHAPE);
        }
        Ok(Self {
            typed: text.to_owned(),
            key: key_of(text),
        })
    }

    /// As the person typed it.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// What emails are matched by.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// An email is personal: it is not printed, so that it cannot slip into a log.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(***)")
    }
}

/// NFC and case folding. Folding can undo the normal form, hence the second NFC; then the key of a key is itself.
pub(super) fn key_of(text: &str) -> String {
    text.nfc().default_case_fold().nfc().collect()
}

/// Of no width, or turning the direction of what follows: two emails that look alike would be two people.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(text: &str) -> String {
        Email::parse(text).expect("a good email").key
    }

    #[test]
    fn emails_match_in_any_case_and_in_any_unicode_spelling() {
        assert_eq!(key("Ann@Example.ORG"), key("ann@example.org"));
        assert_eq!(key("JOS\u{c9}@example.org"), key("jose\u{301}@example.org"));
        assert_eq!(key("STRASSE@example.org"), key("straße@example.org"));
        assert_ne!(key("ann@example.org"), key("anne@example.org"));
    }

    #[test]
    fn an_email_is_kept_as_typed() {
        assert_eq!(
            Email::parse("Ann@Example.ORG").expect("good").as_typed(),
            "Ann@Example.ORG"
        );
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        for text in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "ann@@example.org",
            "a b@example.org",
            "ann@example.org\r\nBcc: b@c.d",
            "ann@.org",
            "ann@example.",
            "ann@-a.org",
            "<ann@example.org>",
            "ann@[127.0.0.1]",
            "a@b,c@d.org",
            ".ann@example.org",
            "ann.@example.org",
            "an..n@example.org",
            "ann\u{200b}@example.org",
            "\u{202e}nna@example.org",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
        assert!(Email::parse(&format!("{}@example.org", "a".repeat(65))).is_err());
        assert!(Email::parse(&format!("a@{}.org", "a".repeat(260))).is_err());
    }

    #[test]
    fn addresses_of_all_kinds_pass() {
        for text in [
            "a@b.co",
            "ann@localhost",
            "ann.b+tasks_2026@mail.example.org",
            "o'neill/sales=eu@example.org",
            "用户@例子.广告",
            "ann@straße.example",
            "ann@xn--strae-oqa.example",
            "1234567890@123.example",
        ] {
            assert!(Email::parse(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn an_email_is_not_printed() {
        let email = Email::parse("ann@example.org").expect("good");
        assert!(!format!("{email:?}").contains("ann"));
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_itself(text in "\\PC{1,60}") {
            let once = key_of(&text);
            prop_assert_eq!(key_of(&once), once);
        }

        #[test]
        fn parsing_never_panics(text in ".{0,300}") {
            let _ = Email::parse(&text);
        }
    }
}
