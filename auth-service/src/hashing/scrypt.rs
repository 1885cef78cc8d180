//! scrypt hashes from elsewhere: PHC strings, `$scrypt$ln=16,r=8,p=1$SALT$HASH`, and the form of Better Auth, `SALT:KEY`.
//!
//! Better Auth computes scrypt with N=16384, r=16, p=1 over the password in NFKC and over the hexadecimal text of the
//! salt, not over its bytes.

use ::argon2::password_hash::phc::{Output, PasswordHash};
use ::scrypt::{Params, scrypt};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::domain::Complaint;

/// 128 MiB.
const MOST_MEMORY_BYTES: u64 = 128 * 1024 * 1024;
/// N * r * p: what N=131072, r=8, p=1 has, the strongest of the usual choices.
const MOST_WORK: u64 = 1 << 20;
const BETTER_AUTH_KEY_BYTES: usize = 64;

pub(super) struct ScryptHash {
    params: Params,
    salt: Vec<u8>,
    expected: Output,
    nfkc: bool,
}

impl ScryptHash {
    /// Reads a PHC string.
    pub(super) fn parse(hash: &PasswordHash) -> Result<Self, Complaint> {
        const BROKEN: Complaint = "The scrypt hash is incomplete; write it like $scrypt$ln=16,r=8,p=1$SALT$HASH, in base64 without padding.";
        let param = |name| {
            hash.params
                .get_decimal(name)
                .filter(|value| *value > 0)
                .ok_or(BROKEN)
        };
        let (log_n, r, p) = (param("ln")?, param("r")?, param("p")?);
        let (salt, expected) = hash.salt.zip(hash.hash).ok_or(BROKEN)?;
        Ok(Self {
            params: bounded(log_n, r, p)?,
            salt: salt.to_vec(),
            expected,
            nfkc: false,
        })
    }

    /// Reads Better Auth's form; none if it is another.
    pub(super) fn parse_better_auth(text: &str) -> Option<Self> {
        let (salt, key) = text.split_once(':')?;
        let is_salt = (16..=64).contains(&salt.len()) && salt.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(Self {
            params: Params::new(14, 16, 1).ok()?,
            salt: is_salt.then(|| salt.as_bytes().to_vec())?,
            expected: Output::new(&unhex(key)?).ok()?,
            nfkc: true,
        })
    }

    pub(super) fn verify(&self, password: &str) -> bool {
        let password: Zeroizing<String> = match self.nfkc {
            true => Zeroizing::new(password.nfkc().collect()),
            false => Zeroizing::new(password.to_owned()),
        };
        let mut output = [0; Output::MAX_LENGTH];
        let Some(output) = output.get_mut(..self.expected.len()) else {
            return false;
        };
        let computed = scrypt(password.as_bytes(), &self.salt, &self.params, output);
        // Compares in constant time.
        computed.is_ok() && Output::new(output).is_ok_and(|output| output == self.expected)
    }
}

fn bounded(log_n: u32, r: u32, p: u32) -> Result<Params, Complaint> {
    const DEAR: Complaint = "The scrypt hash costs too much: at most 128 MiB (128*N*r) and N*r*p of 1048576.";
    let n = 1_u64.checked_shl(log_n).unwrap_or(u64::MAX);
    let blocks = n.saturating_mul(u64::from(r));
    let memory = blocks.saturating_mul(128);
    if memory > MOST_MEMORY_BYTES || blocks.saturating_mul(u64::from(p)) > MOST_WORK {
        return Err(DEAR);
    }
    let log_n = u8::try_from(log_n).map_err(|_| DEAR)?;
    Params::new(log_n, r, p).map_err(|_| DEAR)
}

/// The 64 bytes of a key in hexadecimal.
fn unhex(text: &str) -> Option<[u8; BETTER_AUTH_KEY_BYTES]> {
    let mut bytes = [0; BETTER_AUTH_KEY_BYTES];
    if text.len() != 2 * bytes.len() || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        let pair = &text[2 * at..2 * at + 2];
        *byte = u8::from_str_radix(pair, 16)
            .ok()
            .filter(|_| !pair.starts_with('+'))?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g";

    fn parsed(params: &str) -> Result<ScryptHash, Complaint> {
        let text = format!("$scrypt${params}${REST}");
        ScryptHash::parse(&PasswordHash::new(&text).expect("a PHC string"))
    }

    #[test]
    fn the_usual_choices_pass_and_dearer_ones_do_not() {
        for params in [
            "ln=17,r=8,p=1",
            "ln=16,r=8,p=2",
            "ln=15,r=8,p=3",
            "ln=14,r=8,p=5",
            "ln=14,r=16,p=1",
        ] {
            assert!(parsed(params).is_ok(), "{params}");
        }
        for params in [
            "ln=18,r=8,p=1",
            "ln=17,r=8,p=2",
            "ln=17,r=9,p=1",
            "ln=64,r=1,p=1",
            "ln=300,r=1,p=1",
            "ln=1,r=4294967295,p=4294967295",
            "ln=0,r=8,p=1",
            "ln=14,r=0,p=1",
            "ln=14,r=8",
            "r=8,p=1",
        ] {
            assert!(parsed(params).is_err(), "{params}");
        }
    }

    #[test]
    fn better_auths_form_is_a_salt_and_a_key_in_hexadecimal_and_nothing_else() {
        let (salt, key) = ("0123456789abcdef".repeat(2), "ab".repeat(64));
        assert!(ScryptHash::parse_better_auth(&format!("{salt}:{key}")).is_some());
        for text in [
            String::new(),
            ":".to_owned(),
            format!("{salt}:"),
            format!(":{key}"),
            format!("{salt}:{key}0"),
            format!("{salt}:{key}:{key}"),
            format!("{salt}:{}", "+1".repeat(64)),
            format!("{salt}:{}", "ßß".repeat(32)),
            format!("{}:{key}", "x".repeat(32)),
        ] {
            assert!(ScryptHash::parse_better_auth(&text).is_none(), "{text}");
        }
    }
}
