//! Tokens that were found good, by their SHA-256, so that a client's hundredth call does not cost a hundred signatures.
//! Only what can never change about a token is remembered here: never whether its time or its session is over, and
//! never the token itself. What is not good is not remembered, so nobody can fill this without a signer.

use aws_lc_rs::digest::{SHA256, digest};
use quick_cache::sync::Cache;

use super::caller::Caller;

/// About half a kilobyte each. The tokens used least make room.
const TOKENS_LIMIT: usize = 8192;

/// What a good signature proved.
#[derive(Debug, Clone)]
pub(super) struct Verified {
    pub(super) caller: Caller,
    /// The later of `nbf` and `iat`, in seconds since 1970.
    pub(super) starts_at: i64,
}

/// The SHA-256 of a token.
pub(super) type Fingerprint = [u8; 32];

pub(super) fn fingerprint(token: &str) -> Fingerprint {
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    fingerprint
}

/// Goes with the keys: one whose key is taken out of use must not be found any more.
pub(super) fn none() -> Cache<Fingerprint, Verified> {
    Cache::new(TOKENS_LIMIT)
}
