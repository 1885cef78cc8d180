//! Codes that travel by mail: 128 random bits in base32 (RFC 4648, without padding), written in groups of four. Whoever
//! types one need not mind case, spaces or dashes. Only the SHA-256 is ever stored.

use std::fmt;

use aws_lc_rs::digest;
use chrono::TimeDelta;
use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

const BYTES: usize = 16;
const CHARACTERS: usize = 26;
const GROUP: usize = 4;
/// More than this was not copied from a mail.
const MOST_TYPED_BYTES: usize = 128;

/// A secret that shows who reads the mail of an address. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(Zeroizing<[u8; BYTES]>);

impl Code {
    /// A new code from random bytes.
    pub fn new(random: [u8; BYTES]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Reads what somebody copied. What is no code is just unknown.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MOST_TYPED_BYTES {
            return None;
        }
        let letters = text
            .chars()
            .filter(|c| !c.is_whitespace() && !is_dash(*c))
            .map(|c| c.to_ascii_uppercase());
        let letters = Zeroizing::new(letters.collect::<String>());
        if letters.len() != CHARACTERS {
            return None;
        }
        let decoded = Zeroizing::new(BASE32_NOPAD.decode(letters.as_bytes()).ok()?);
        let mut bytes = Zeroizing::new([0; BYTES]);
        bytes.copy_from_slice(&decoded);
        Some(Self(bytes))
    }

    /// As the mail shows it.
    pub fn to_text(&self) -> String {
        let letters: Vec<char> = BASE32_NOPAD.encode(self.0.as_ref()).chars().collect();
        let groups: Vec<String> = letters
            .chunks(GROUP)
            .map(|group| group.iter().collect())
            .collect();
        groups.join("-")
    }

    /// What is stored.
    pub fn hash(&self) -> CodeHash {
        let digest = digest::digest(&digest::SHA256, self.0.as_ref());
        CodeHash(digest.as_ref().to_vec())
    }
}

/// Mail programs and keyboards make other dashes of a hyphen.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}')
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(***)")
    }
}

/// The SHA-256 of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeHash(Vec<u8>);

impl CodeHash {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To show that the account's address is the person's.
    VerifyEmail,
    /// To set a new password.
    ResetPassword,
    /// To show that another address is the person's, and have it from then on.
    ChangeEmail,
}

impl Purpose {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
        }
    }

    /// How long a code is good from when it was made.
    pub const fn life(self) -> TimeDelta {
        match self {
            Self::VerifyEmail | Self::ChangeEmail => TimeDelta::hours(24),
            Self::ResetPassword => TimeDelta::hours(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4";

    fn code() -> Code {
        Code::new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    }

    #[test]
    fn a_code_is_shown_in_groups_and_read_again_in_any_case_and_grouping() {
        assert_eq!(code().to_text(), TEXT);
        for typed in [
            TEXT.to_owned(),
            TEXT.to_lowercase(),
            TEXT.replace('-', ""),
            TEXT.replace('-', " "),
            TEXT.replace('-', "\u{2011}"),
            format!("  {TEXT}\r\n"),
        ] {
            assert_eq!(Code::parse(&typed), Some(code()), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_code_is_unknown() {
        // The last letter of 26 carries three bits, so most letters cannot stand there.
        for typed in [
            "",
            "-",
            &TEXT[1..],
            &format!("{TEXT}A"),
            &TEXT.replace("B4", "B5"),
            &"A".repeat(1 << 20),
        ] {
            assert_eq!(Code::parse(typed), None);
        }
    }

    #[test]
    fn a_code_is_not_printed() {
        assert_eq!(format!("{:?}", code()), "Code(***)");
    }
}
