//! PBKDF2 hashes from elsewhere, with HMAC of SHA-256 or SHA-512, as PHC strings: `$pbkdf2-sha256$i=600000$SALT$HASH`.

use std::num::NonZeroU32;

use ::argon2::password_hash::phc::{Output, PasswordHash, Salt};
use aws_lc_rs::pbkdf2::{self, Algorithm};

use crate::domain::Complaint;

/// Above what anybody recommends, and below a second.
const MOST_ROUNDS_SHA256: u32 = 2_000_000;
const MOST_ROUNDS_SHA512: u32 = 1_000_000;

pub(super) struct Pbkdf2Hash {
    algorithm: Algorithm,
    rounds: NonZeroU32,
    salt: Salt,
    expected: Output,
}

impl Pbkdf2Hash {
    pub(super) fn parse(hash: &PasswordHash) -> Result<Self, Complaint> {
        const BROKEN: Complaint = "The pbkdf2 hash is incomplete; write it like $pbkdf2-sha256$i=600000$SALT$HASH, in base64 without padding.";
        let (algorithm, digest_bytes, most_rounds) = match hash.algorithm.as_str() {
            "pbkdf2-sha256" => (pbkdf2::PBKDF2_HMAC_SHA256, 32, MOST_ROUNDS_SHA256),
            _ => (pbkdf2::PBKDF2_HMAC_SHA512, 64, MOST_ROUNDS_SHA512),
        };
        let rounds = hash.params.get_decimal("i").and_then(NonZeroU32::new);
        let rounds = rounds.ok_or(BROKEN)?;
        let (salt, expected) = hash.salt.zip(hash.hash).ok_or(BROKEN)?;
        let said = hash
            .params
            .get("l")
            .map(|length| length.decimal().map_or(0, |length| length as usize));
        if said.is_some_and(|length| length != expected.len()) {
            return Err(BROKEN);
        }
        // Every further digest costs all rounds again.
        let digests = u32::try_from(expected.len().div_ceil(digest_bytes)).map_err(|_| BROKEN)?;
        if rounds.get().saturating_mul(digests) > most_rounds {
            return Err(
                "The pbkdf2 hash costs too much: at most 2000000 rounds of SHA-256 or 1000000 of SHA-512.",
            );
        }
        Ok(Self {
            algorithm,
            rounds,
            salt,
            expected,
        })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        // Compares in constant time.
        pbkdf2::verify(
            self.algorithm,
            self.rounds,
            &self.salt,
            password,
            self.expected.as_bytes(),
        )
        .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g";

    fn parsed(text: &str) -> Result<Pbkdf2Hash, Complaint> {
        Pbkdf2Hash::parse(&PasswordHash::new(text).expect("a PHC string"))
    }

    #[test]
    fn rounds_are_needed_and_bounded() {
        for params in ["i=1", "i=2000000", "i=1000,l=32"] {
            assert!(
                parsed(&format!("$pbkdf2-sha256${params}${REST}")).is_ok(),
                "{params}"
            );
        }
        for params in [
            "i=0",
            "i=2000001",
            "i=4294967295",
            "l=32",
            "i=1000,l=31",
            "i=many",
        ] {
            assert!(
                parsed(&format!("$pbkdf2-sha256${params}${REST}")).is_err(),
                "{params}"
            );
        }
        assert!(parsed("$pbkdf2-sha256$i=1000").is_err());
    }

    #[test]
    fn a_longer_hash_counts_its_rounds_for_every_digest() {
        let long = "A".repeat(86);
        let of = |name, rounds| format!("${name}$i={rounds}$c29tZXNhbHRzb21lc2FsdA${long}");
        assert!(parsed(&of("pbkdf2-sha256", 1_000_000)).is_ok());
        assert!(parsed(&of("pbkdf2-sha256", 1_000_001)).is_err());
        assert!(parsed(&of("pbkdf2-sha512", 1_000_000)).is_ok());
        assert!(parsed(&of("pbkdf2-sha512", 1_000_001)).is_err());
    }
}
