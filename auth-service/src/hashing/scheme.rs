//! Which function a stored hash was made with, and at which cost. Besides our own Argon2id these come with people from
//! other systems. Their cost is bounded, when they are taken in and again at each check, so that no row can take the
//! memory or the time of the service. What may never be put here: how long they are kept (see `sign_in`).

use ::argon2::password_hash::phc::PasswordHash;

use super::argon2::{Argon2Hash, Memory};
use super::bcrypt::BcryptHash;
use super::pbkdf2::Pbkdf2Hash;
use super::scrypt::ScryptHash;
use crate::domain::Complaint;

const UNKNOWN: Complaint = "The hash has no form that is known here: a PHC string of argon2id, argon2i, argon2d, scrypt, \
                            pbkdf2-sha256 or pbkdf2-sha512, bcrypt, or Better Auth's SALT:KEY.";

/// A stored hash, understood.
pub(super) enum Scheme {
    Argon2(Argon2Hash),
    Scrypt(ScryptHash),
    Pbkdf2(Pbkdf2Hash),
    Bcrypt(BcryptHash),
}

impl Scheme {
    /// Reads a hash and refuses what would cost too much.
    pub(super) fn parse(text: &str) -> Result<Self, Complaint> {
        if text.starts_with("$2") {
            return BcryptHash::parse(text).map(Self::Bcrypt);
        }
        if !text.starts_with('$') {
            let hash = ScryptHash::parse_better_auth(text).ok_or(UNKNOWN)?;
            return Ok(Self::Scrypt(hash));
        }
        let hash = PasswordHash::new(text).map_err(|_| UNKNOWN)?;
        match hash.algorithm.as_str() {
            "argon2id" | "argon2i" | "argon2d" => Argon2Hash::parse(&hash).map(Self::Argon2),
            "scrypt" => ScryptHash::parse(&hash).map(Self::Scrypt),
            "pbkdf2-sha256" | "pbkdf2-sha512" => Pbkdf2Hash::parse(&hash).map(Self::Pbkdf2),
            _ => Err(UNKNOWN),
        }
    }

    /// Whether the password has this hash. Compares in constant time.
    pub(super) fn verify(&self, password: &str, memory: &mut Memory) -> bool {
        match self {
            Self::Argon2(hash) => hash.verify(password.as_bytes(), memory),
            Self::Scrypt(hash) => hash.verify(password),
            Self::Pbkdf2(hash) => hash.verify(password.as_bytes()),
            Self::Bcrypt(hash) => hash.verify(password.as_bytes()),
        }
    }

    /// Whether it is at least as strong as what we make: Argon2id in its newest version with no less memory and no
    /// fewer passes. Anything else is replaced when its password is known.
    pub(super) fn is_strong(&self) -> bool {
        match self {
            Self::Argon2(hash) => hash.is_strong(),
            Self::Scrypt(_) | Self::Pbkdf2(_) | Self::Bcrypt(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PASSWORD: &str = "correct horse";

    /// Made by other programs: argon2-cffi, passlib, bcrypt of Python, Better Auth of Node.
    const ELSEWHERE: [&str; 14] = [
        "$argon2id$v=19$m=65536,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$L1b1NjppUoj/KIEORq1pof4waLxklM0mqKZz\
         t9nCsKI",
        "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$64zw4y6hGNSGW1HTKDajc74EIkJpCJ+AUBXDspyrFEU",
        "$argon2i$v=19$m=4096,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$M8M9IunYHApl7wj0Dg+5CqEc2CuQPEBiS8OCpfVunfo",
        "$argon2d$v=19$m=4096,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$mxyqhfNpjyQzPo6kbrpGdc902vZArT3+hIViShdDNDk",
        "$argon2i$m=4096,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$s4YAtRTWq85RbYIXUE2J9CO3v5T+wNj3G6pVWys2bGM",
        "$scrypt$ln=14,r=8,p=5$MDEyMzQ1Njc4OWFiY2RlZg$02g8+CvQr/5XQicw/DXknMkHCBzrhOhaA5Est23cFMI",
        "$scrypt$ln=12,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$/jx4uMnBLEcnyBJyK5rKAfmnFbwMBoBPE5YY+OEpHOo",
        "$pbkdf2-sha256$i=10000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc",
        "$pbkdf2-sha512$i=10000$MDEyMzQ1Njc4OWFiY2RlZg$Ku2kkJn6DxC9USh74Agbkv4vbBI4ZhZ8d47MX26bL/eR\
         W8hekiZ5S9cnh202r0tlRpHPMeEkni4bLxrm9+9Cvw",
        "$2b$04$kB8hQW96dzc61gdQgystr.Q/NK.FBdGha3I4zf6OwAbpIoIWihyM2",
        "$2a$05$7jD7huD2W5gb7EwGn2mCFeJzsBjK2IXbYGeeILfZrr6R6/z3M.QfC",
        "$2y$04$kB8hQW96dzc61gdQgystr.Q/NK.FBdGha3I4zf6OwAbpIoIWihyM2",
        "000102030405060708090a0b0c0d0e0f:9372e2d20f7c9ba55e54d10569dfe24824c5765383f46b040e9ac7b33\
         041339c514173900cb63a37c935c0e2f40cfe2cb39bee5fe58f54715c1fd913c4638373",
        "00112233445566778899aabbccddeeff:13af89ff6a88bb0fb3277e79ba724c6c0731b15919ca892969d63abd1\
         534b867d110179e3bc8af39995ede0f9b2ac14b2b97573df10ba3802c498dbeb61e4f64",
    ];

    fn verified(hash: &str, password: &str) -> bool {
        let scheme = Scheme::parse(hash).unwrap_or_else(|complaint| panic!("{hash}: {complaint}"));
        scheme.verify(password, &mut Memory::default())
    }

    #[test]
    fn hashes_that_other_programs_made_are_checked() {
        for hash in ELSEWHERE {
            assert!(verified(hash, PASSWORD), "{hash}");
            assert!(!verified(hash, "correct hors"), "{hash}");
            assert!(!verified(hash, ""), "{hash}");
        }
    }

    #[test]
    fn bcrypt_looks_at_72_bytes_as_it_does_elsewhere() {
        let hash = "$2b$04$Mq8cQSosuLACLv/y9EjakOrilIh5RLQbqChC5SsDedc3RnfUECYty";
        assert!(verified(hash, &"a".repeat(72)));
        assert!(verified(hash, &"a".repeat(73)));
        assert!(!verified(hash, &"a".repeat(71)));
    }

    #[test]
    fn better_auths_form_takes_any_unicode_spelling_of_a_password() {
        assert!(verified(ELSEWHERE[13], "\u{ff43}orrect hor\u{ff53}e"));
        assert!(verified(ELSEWHERE[12], "\u{ff43}orrect horse"));
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_it_panic(text in "\\PC{0,200}") {
            let _ = Scheme::parse(&text);
        }

        #[test]
        fn nor_does_any_number_in_a_known_form(a in any::<u64>(), b in any::<u64>(), c in any::<u64>()) {
            let rest = "c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g";
            let _ = Scheme::parse(&format!("$argon2id$v=19$m={a},t={b},p={c}${rest}"));
            let _ = Scheme::parse(&format!("$scrypt$ln={a},r={b},p={c}${rest}"));
            let _ = Scheme::parse(&format!("$pbkdf2-sha256$i={a},l={b}${rest}"));
        }
    }
}
