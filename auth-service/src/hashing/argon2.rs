//! Argon2 with memory that is used again: our own Argon2id, and hashes of the whole family from elsewhere. They are PHC
//! strings, so each carries the parameters it was made with.

use ::argon2::password_hash::Error;
use ::argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use ::argon2::{Algorithm, Argon2, Block, Params, Version};
use allocator_api2::vec::Vec;
use hugealloc::HugeAlloc;

use crate::domain::Complaint;

/// m=19456 KiB, t=2, p=1: the least that the contract allows, and OWASP's first choice.
const NEW: Params = match Params::new(19 * 1024, 2, 1, Some(OUTPUT_BYTES)) {
    Ok(params) => params,
    Err(_) => panic!("the parameters are in range"),
};
const OUTPUT_BYTES: usize = 32;
/// 128 MiB, six times ours.
const MOST_MEMORY_KIB: u32 = 128 * 1024;
/// Memory times passes: about seven times the work of ours.
const MOST_WORK_KIB: u64 = 256 * 1024;

/// Room, of which 19 MiB are ever touched for a hash of ours. glibc maps what is larger than 32 MiB, and gives it back to
/// the system when it is dropped; smaller pieces come from a heap that grows with each lull (mallopt(3),
/// `M_MMAP_THRESHOLD`).
const MAPPED_BLOCKS: usize = 33 * 1024;

/// The 19 MiB that a hash needs, in huge pages where the system has them: Argon2 looks at one place after the other all over
/// them, and finding small pages takes about a tenth of its time. Empty until the first hash.
pub(super) struct Memory(Vec<Block, HugeAlloc>);

impl Default for Memory {
    fn default() -> Self {
        Self(Vec::new_in(HugeAlloc))
    }
}

impl Memory {
    fn blocks(&mut self, params: &Params) -> &mut [Block] {
        let count = params.block_count();
        self.0
            .reserve_exact(count.max(MAPPED_BLOCKS).saturating_sub(self.0.len()));
        self.0.resize(count, Block::new());
        &mut self.0
    }

    /// Keeps what the next hash of ours needs. One from elsewhere may have needed more; that is given back.
    fn shrink(&mut self) {
        if self.0.len() > NEW.block_count() {
            *self = Self::default();
        }
    }
}

pub(super) fn hash(password: &[u8], salt: &[u8; 16], memory: &mut Memory) -> Result<String, Error> {
    let salt = Salt::new(salt)?;
    let output = compute(Algorithm::Argon2id, Version::V0x13, &NEW, password, &salt, memory)?;
    phc(salt, output)
}

/// An Argon2 hash, ours or one from elsewhere.
pub(super) struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    expected: Output,
}

impl Argon2Hash {
    /// Reads a PHC string of argon2id, argon2i or argon2d.
    pub(super) fn parse(hash: &PasswordHash) -> Result<Self, Complaint> {
        const BROKEN: Complaint = "The argon2 hash is incomplete or has parameters that are out of range.";
        let algorithm = Algorithm::new(hash.algorithm.as_str()).map_err(|_| BROKEN)?;
        // Hashes of the first version were written without one.
        let version = hash.version.map_or(Ok(Version::V0x10), Version::try_from);
        let params = Params::try_from(hash).map_err(|_| BROKEN)?;
        let (salt, expected) = hash.salt.zip(hash.hash).ok_or(BROKEN)?;
        if !params.keyid().is_empty() || !params.data().is_empty() {
            return Err("The argon2 hash needs a key that is not known here.");
        }
        let work_kib = u64::from(params.m_cost()) * u64::from(params.t_cost());
        if params.m_cost() > MOST_MEMORY_KIB || work_kib > MOST_WORK_KIB {
            return Err("The argon2 hash costs too much: at most m=131072 and m*t=262144.");
        }
        Ok(Self {
            algorithm,
            version: version.map_err(|_| BROKEN)?,
            params,
            salt,
            expected,
        })
    }

    pub(super) fn verify(&self, password: &[u8], memory: &mut Memory) -> bool {
        let output = compute(
            self.algorithm,
            self.version,
            &self.params,
            password,
            &self.salt,
            memory,
        );
        // Compares in constant time.
        output.is_ok_and(|output| output == self.expected)
    }

    pub(super) fn is_strong(&self) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && self.params.m_cost() >= NEW.m_cost()
            && self.params.t_cost() >= NEW.t_cost()
            && self.expected.len() >= OUTPUT_BYTES
    }
}

/// A hash of full cost that was computed from nothing.
pub(super) fn unmatchable(salt: [u8; 16], output: [u8; OUTPUT_BYTES]) -> String {
    let salt = Salt::new(&salt).expect("16 bytes are a salt");
    let output = Output::new(&output).expect("32 bytes are an output");
    phc(salt, output).expect("our own parameters have a text form")
}

fn compute(
    algorithm: Algorithm,
    version: Version,
    params: &Params,
    password: &[u8],
    salt: &[u8],
    memory: &mut Memory,
) -> Result<Output, Error> {
    let argon2 = Argon2::new(algorithm, version, params.clone());
    let mut output = [0; Output::MAX_LENGTH];
    let output = output
        .get_mut(..params.output_len().unwrap_or(OUTPUT_BYTES))
        .ok_or(Error::OutputSize)?;
    argon2.hash_password_into_with_memory(password, salt, output, memory.blocks(params))?;
    memory.shrink();
    Ok(Output::new(output)?)
}

fn phc(salt: Salt, output: Output) -> Result<String, Error> {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&NEW)?,
        salt: Some(salt),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g";

    fn parsed(text: &str) -> Result<Argon2Hash, Complaint> {
        Argon2Hash::parse(&PasswordHash::new(text).expect("a PHC string"))
    }

    fn verify(password: &[u8], hash: &str, memory: &mut Memory) -> bool {
        parsed(hash).expect("known").verify(password, memory)
    }

    #[test]
    fn a_hash_carries_its_parameters_and_is_found_right_only_for_its_password() {
        let mut memory = Memory::default();
        let stored = hash(b"correct horse", &[1; 16], &mut memory).expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(parsed(&stored).expect("ours").is_strong());
        assert!(verify(b"correct horse", &stored, &mut memory));
        assert!(!verify(b"correct hors", &stored, &mut memory));
    }

    #[test]
    fn used_memory_does_not_change_a_hash() {
        let mut memory = Memory::default();
        let fresh = hash(b"correct horse", &[1; 16], &mut memory).expect("hashed");
        assert_eq!(
            hash(b"correct horse", &[1; 16], &mut memory).expect("hashed"),
            fresh
        );
    }

    #[test]
    fn a_hash_with_a_higher_cost_is_checked_at_its_own_cost_and_its_memory_is_given_back() {
        use ::argon2::PasswordHasher as _;
        let dear = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(24 * 1024, 3, 1, None).expect("in range"),
        );
        let stored = dear
            .hash_password_with_salt(b"correct horse", &[3; 16])
            .expect("hashed")
            .to_string();
        let mut memory = Memory::default();
        assert!(verify(b"correct horse", &stored, &mut memory));
        assert!(!verify(b"wrong horse", &stored, &mut memory));
        assert_eq!(memory.0.capacity(), 0);
        assert!(parsed(&stored).expect("known").is_strong());
    }

    #[test]
    fn what_is_weaker_than_ours_in_any_way_is_not_strong() {
        for head in [
            "$argon2id$v=19$m=19455,t=2,p=1$",
            "$argon2id$v=19$m=65536,t=1,p=1$",
            "$argon2id$v=16$m=65536,t=3,p=1$",
            "$argon2id$m=65536,t=3,p=1$",
            "$argon2i$v=19$m=65536,t=3,p=1$",
            "$argon2d$v=19$m=65536,t=3,p=1$",
        ] {
            assert!(
                !parsed(&format!("{head}{REST}")).expect("known").is_strong(),
                "{head}"
            );
        }
    }

    #[test]
    fn what_costs_too_much_or_cannot_be_checked_is_refused() {
        for head in [
            "$argon2id$v=19$m=131072,t=2,p=1$",
            "$argon2id$v=19$m=65536,t=4,p=4$",
        ] {
            assert!(parsed(&format!("{head}{REST}")).is_ok(), "{head}");
        }
        for head in [
            "$argon2id$v=19$m=131073,t=1,p=1$",
            "$argon2id$v=19$m=65536,t=5,p=1$",
            "$argon2id$v=19$m=4294967295,t=4294967295,p=1$",
            "$argon2id$v=19$m=1,t=1,p=1$",
            "$argon2id$v=20$m=19456,t=2,p=1$",
            "$argon2id$v=19$m=19456,t=2,p=1,keyid=c29tZWtleQ$",
        ] {
            assert!(parsed(&format!("{head}{REST}")).is_err(), "{head}");
        }
        assert!(parsed("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA").is_err());
    }

    #[test]
    fn the_hash_of_nobody_costs_what_a_real_one_does_and_matches_nothing() {
        let nobody = unmatchable([1; 16], [2; 32]);
        assert!(nobody.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!verify(b"", &nobody, &mut Memory::default()));
    }
}
