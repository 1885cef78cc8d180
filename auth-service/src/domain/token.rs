//! Opaque tokens of 256 bits: refresh tokens and device tokens. Only their SHA-256 is ever stored.

use std::fmt;

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

const BYTES: usize = 32;

/// A secret that proves itself by being known. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<[u8; BYTES]>);

impl Token {
    /// A new token from random bytes.
    pub fn new(random: [u8; BYTES]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Reads base64url without padding. Nothing that we did not write is worth a complaint: it is just unknown.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut()).ok()?;
        (length == BYTES).then_some(Self(bytes))
    }

    /// As it travels.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_ref())
    }

    /// What is stored.
    pub fn hash(&self) -> TokenHash {
        let mut hash = [0; BYTES];
        hash.copy_from_slice(digest::digest(&digest::SHA256, self.0.as_ref()).as_ref());
        TokenHash(hash)
    }

    /// The one successor under a salt. Whoever has the old token and the salt finds the same one again, so that a
    /// retry can be answered although only hashes are stored; the salt alone is worth nothing.
    pub fn successor(&self, salt: &Salt) -> Self {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &salt.0), self.0.as_ref());
        let mut bytes = Zeroizing::new([0; BYTES]);
        bytes.copy_from_slice(tag.as_ref());
        Self(bytes)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// The SHA-256 of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; BYTES]);

impl TokenHash {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The key under which a refresh token's successor is derived.
#[derive(Debug, Clone)]
pub struct Salt(Vec<u8>);

impl Salt {
    /// A new salt from random bytes.
    pub fn new(random: [u8; BYTES]) -> Self {
        Self(random.to_vec())
    }

    /// One that was stored.
    pub fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What is stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text_form() {
        let token = Token::new([7; 32]);
        assert_eq!(token.to_text().len(), 43);
        assert_eq!(Token::parse(&token.to_text()), Some(token));
    }

    #[test]
    fn what_is_not_a_token_is_unknown() {
        for text in [
            "",
            "x",
            &"A".repeat(42),
            &"A".repeat(44),
            &"A".repeat(1 << 20),
            &"=".repeat(43),
        ] {
            assert_eq!(Token::parse(text), None);
        }
    }

    #[test]
    fn the_same_token_and_salt_give_the_same_successor_and_another_salt_another() {
        let token = Token::new([7; 32]);
        let salt = Salt::new([1; 32]);
        assert_eq!(token.successor(&salt), token.successor(&salt));
        assert_ne!(token.successor(&salt), token.successor(&Salt::new([2; 32])));
        assert_ne!(token.successor(&salt), token);
    }

    #[test]
    fn a_token_is_not_printed() {
        let token = Token::new([7; 32]);
        assert_eq!(format!("{token:?}"), "Token(***)");
    }
}
