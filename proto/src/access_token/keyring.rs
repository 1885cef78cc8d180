//! The keys of `TANDEM_TOKEN_KEYS`: the first signs (in auth-service), all verify.
//!
//! Key material never appears in an error, a log or a `Debug` output.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The least size of an HMAC-SHA256 key: that of its output (RFC 7518, section 3.2).
const LEAST_KEY_BYTES: usize = 32;
/// A private and a public Ed25519 key alike (RFC 8032, section 5.1).
const ED25519_BYTES: usize = 32;
const LONGEST_KID: usize = 64;

/// How a key signs. Pinned per key, so that a token can never choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256: one secret signs and verifies, so it belongs to the pair alone.
    Hs256,
    /// Ed25519 (RFC 8037): who verifies needs the public half alone, and cannot sign.
    EdDsa,
}

/// One entry of the keyring.
#[derive(Clone)]
pub struct Key {
    kid: String,
    algorithm: Algorithm,
    /// As it was given.
    bytes: Zeroizing<Vec<u8>>,
    /// Of an Ed25519 key.
    public: Option<[u8; ED25519_BYTES]>,
    can_sign: bool,
}

impl Key {
    /// A public Ed25519 key from elsewhere than the settings. None for a name that no keyring takes, another size, and a
    /// key that repeats one byte.
    pub(super) fn from_public(kid: &str, public: &[u8]) -> Option<Self> {
        check_kid(kid).ok()?;
        read_key(kid, Form::Public, Zeroizing::new(public.to_vec())).ok()
    }

    /// The name that tokens carry in their header.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm this key is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key as it was given: a shared secret, a private seed, or of an `EdDSA-public` entry the public key. For the
    /// signer, the verifier and what is derived from it.
    pub fn secret(&self) -> &[u8] {
        &self.bytes
    }

    /// The public half of an Ed25519 key.
    pub fn public(&self) -> Option<&[u8]> {
        self.public.as_ref().map(<[u8; ED25519_BYTES]>::as_slice)
    }

    /// Whether tokens can be signed with it: not with a public key alone.
    pub fn can_sign(&self) -> bool {
        self.can_sign
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .field("bytes", &"***")
            .finish()
    }
}

/// The keys of a deployment, at least one, with distinct names.
#[derive(Debug, Clone)]
pub struct Keyring {
    keys: Vec<Key>,
}

impl Keyring {
    /// Reads `kid:key` or `kid:ALG:key`, comma separated. The key is standard base64: for `HS256`, which is also what no
    /// ALG means, of at least 32 bytes; for `EdDSA` of the 32 bytes of a private key; for `EdDSA-public` of a public one.
    ///
    /// # Errors
    ///
    /// The first entry that is not well formed or too weak, named by its position and never by its key.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let mut keys: Vec<Key> = Vec::new();
        for (index, entry) in text.split(',').map(str::trim).enumerate() {
            let key = parse_entry(entry).map_err(|fault| KeyringError {
                entry: index + 1,
                fault,
            })?;
            if keys.iter().any(|other| other.kid == key.kid) {
                return Err(KeyringError {
                    entry: index + 1,
                    fault: Fault::KidTwice,
                });
            }
            keys.push(key);
        }
        Ok(Self { keys })
    }

    /// The key that signs. Verifiers use [`find`](Self::find).
    pub fn first(&self) -> &Key {
        &self.keys[0]
    }

    /// The key of that name.
    pub fn find(&self, kid: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// The entries for whoever verifies only, as [`parse`](Self::parse) reads them: of Ed25519 keys the public half. Shared
    /// secrets have none; who verifies with them could also sign.
    pub fn for_verifiers(&self) -> Zeroizing<String> {
        let entries = self.iter().map(|key| match key.public() {
            Some(public) => format!("{}:EdDSA-public:{}", key.kid, STANDARD.encode(public)),
            None => format!("{}:{}", key.kid, STANDARD.encode(&*key.bytes)),
        });
        Zeroizing::new(entries.collect::<Vec<_>>().join(","))
    }

    /// All keys, the signing one first.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }
}

fn parse_entry(entry: &str) -> Result<Key, Fault> {
    let mut parts = entry.split(':');
    let (kid, form, encoded) = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(kid), Some(key), None, None) => (kid, Form::Secret, key),
        (Some(kid), Some("HS256"), Some(key), None) => (kid, Form::Secret, key),
        (Some(kid), Some("EdDSA"), Some(key), None) => (kid, Form::Private, key),
        (Some(kid), Some("EdDSA-public"), Some(key), None) => (kid, Form::Public, key),
        (Some(_), Some(_), Some(_), None) => return Err(Fault::UnknownAlgorithm),
        _ => return Err(Fault::Shape),
    };
    check_kid(kid)?;
    let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| Fault::Base64)?);
    read_key(kid, form, bytes)
}

fn check_kid(kid: &str) -> Result<(), Fault> {
    let well_named = !kid.is_empty()
        && kid.len() <= LONGEST_KID
        && kid
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if well_named { Ok(()) } else { Err(Fault::Kid) }
}

fn read_key(kid: &str, form: Form, bytes: Zeroizing<Vec<u8>>) -> Result<Key, Fault> {
    if bytes.len() < LEAST_KEY_BYTES {
        return Err(Fault::Short);
    }
    if form != Form::Secret && bytes.len() != ED25519_BYTES {
        return Err(Fault::NotEd25519);
    }
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return Err(Fault::Guessable);
    }
    let public = match form {
        Form::Secret => None,
        Form::Private => {
            let pair = Ed25519KeyPair::from_seed_unchecked(&bytes).map_err(|_| Fault::NotEd25519)?;
            Some(public_key(pair.public_key().as_ref())?)
        }
        Form::Public => Some(public_key(&bytes)?),
    };
    Ok(Key {
        kid: kid.to_owned(),
        algorithm: match form {
            Form::Secret => Algorithm::Hs256,
            Form::Private | Form::Public => Algorithm::EdDsa,
        },
        bytes,
        public,
        can_sign: form != Form::Public,
    })
}

fn public_key(bytes: &[u8]) -> Result<[u8; ED25519_BYTES], Fault> {
    bytes.try_into().map_err(|_| Fault::NotEd25519)
}

/// What an entry gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Secret,
    Private,
    Public,
}

/// Why a keyring was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyringError {
    entry: usize,
    fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Shape,
    Kid,
    KidTwice,
    UnknownAlgorithm,
    Base64,
    Short,
    NotEd25519,
    Guessable,
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.fault {
            Fault::Shape => "is not of the form kid:key or kid:alg:key",
            Fault::Kid => "has a kid that is not 1 to 64 letters, digits, '-', '_' or '.'",
            Fault::KidTwice => "has the kid of an earlier entry; each key needs its own",
            Fault::UnknownAlgorithm => {
                "names an algorithm that is not known here; HS256, EdDSA and EdDSA-public are"
            }
            Fault::Base64 => "has a key that is not standard base64 with padding",
            Fault::Short => "has a key of fewer than 32 bytes; make one with: openssl rand -base64 32",
            Fault::NotEd25519 => "has a key that is not the 32 bytes of an Ed25519 key",
            Fault::Guessable => "has a key that repeats one byte; make one with: openssl rand -base64 32",
        };
        write!(f, "entry {} {what}", self.entry)
    }
}

impl std::error::Error for KeyringError {}
