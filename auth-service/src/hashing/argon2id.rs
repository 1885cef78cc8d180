//! Argon2id with memory that is used again. Hashes are PHC strings, so each carries the parameters it was made with.

use argon2::password_hash::Error;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

/// m=19456 KiB, t=2, p=1: the least that the contract allows, and OWASP's first choice.
const NEW: Params = match Params::new(19 * 1024, 2, 1, Some(OUTPUT_BYTES)) {
    Ok(params) => params,
    Err(_) => panic!("the parameters are in range"),
};
const OUTPUT_BYTES: usize = 32;

/// The 19 MiB that a hash needs. Empty until the first one.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    fn blocks(&mut self, params: &Params) -> &mut [Block] {
        self.0.resize(params.block_count(), Block::new());
        &mut self.0
    }
}

pub(super) fn hash(password: &[u8], salt: &[u8; 16], memory: &mut Memory) -> Result<String, Error> {
    let salt = Salt::new(salt)?;
    let output = compute(password, &salt, &NEW, Version::V0x13, memory)?;
    phc(salt, output)
}

pub(super) fn verify(password: &[u8], hash: &str, memory: &mut Memory) -> Result<bool, Error> {
    let stored = PasswordHash::new(hash)?;
    if stored.algorithm != Algorithm::Argon2id.ident() {
        return Err(Error::Algorithm);
    }
    let (salt, expected) = stored.salt.zip(stored.hash).ok_or(Error::PasswordInvalid)?;
    let version = stored.version.map_or(Ok(Version::V0x13), Version::try_from)?;
    let output = compute(password, &salt, &Params::try_from(&stored)?, version, memory)?;
    // Compares in constant time.
    Ok(output == expected)
}

/// A hash of full cost that was computed from nothing.
pub(super) fn unmatchable(salt: [u8; 16], output: [u8; OUTPUT_BYTES]) -> String {
    let salt = Salt::new(&salt).expect("16 bytes are a salt");
    let output = Output::new(&output).expect("32 bytes are an output");
    phc(salt, output).expect("our own parameters have a text form")
}

fn compute(
    password: &[u8],
    salt: &[u8],
    params: &Params,
    version: Version,
    memory: &mut Memory,
) -> Result<Output, Error> {
    let argon2 = Argon2::new(Algorithm::Argon2id, version, params.clone());
    let mut output = [0; Output::MAX_LENGTH];
    let output = output
        .get_mut(..params.output_len().unwrap_or(OUTPUT_BYTES))
        .ok_or(Error::OutputSize)?;
    argon2.hash_password_into_with_memory(password, salt, output, memory.blocks(params))?;
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

    #[test]
    fn a_hash_carries_its_parameters_and_is_found_right_only_for_its_password() {
        let mut memory = Memory::default();
        let stored = hash(b"correct horse", &[1; 16], &mut memory).expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify(b"correct horse", &stored, &mut memory).expect("checked"));
        assert!(!verify(b"correct hors", &stored, &mut memory).expect("checked"));
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
    fn a_hash_made_elsewhere_with_a_higher_cost_is_checked_at_its_own_cost() {
        use argon2::PasswordHasher as _;
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
        assert!(verify(b"correct horse", &stored, &mut memory).expect("checked"));
        assert!(!verify(b"wrong horse", &stored, &mut memory).expect("checked"));
    }

    #[test]
    fn the_hash_of_nobody_costs_what_a_real_one_does_and_matches_nothing() {
        let nobody = unmatchable([1; 16], [2; 32]);
        assert!(nobody.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!verify(b"", &nobody, &mut Memory::default()).expect("checked"));
    }
}
