//! Page tokens: a place in a list, bound by HMAC-SHA256 to whoever asked and to the other arguments. A token holds no
//! secret; whoever changes it, or sends it with other arguments, is told that it is not valid.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign, verify};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

const TAG_BYTES: usize = 32;
/// A place is at most a sort key of some hundred characters and an id.
const LONGEST_TOKEN: usize = 16 * 1024;

/// Makes and reads page tokens of one kind. The keys follow from secrets that all replicas share, so a token made by one
/// is good at another.
pub struct PageTokens {
    keys: Vec<Key>,
}

/// The token is not one of ours, was changed, or belongs to another caller or other arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageTokenInvalid;

impl PageTokens {
    /// The first secret makes, all read. `purpose` keeps this use of the secrets apart from every other.
    pub fn new<'a>(purpose: &str, secrets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let derive = |secret: &[u8]| {
            let derived = sign(&Key::new(HMAC_SHA256, secret), purpose.as_bytes());
            Key::new(HMAC_SHA256, derived.as_ref())
        };
        Self {
            keys: secrets.into_iter().map(derive).collect(),
        }
    }

    /// The token for what comes behind a place. `bound` is everything that it must fit when it comes back: who asks, and
    /// all arguments but the page's size. None without a secret.
    pub fn make(&self, bound: &[impl AsRef<[u8]>], place: &impl Serialize) -> Option<String> {
        let place = serde_json::to_vec(place).ok()?;
        let tag = sign(self.keys.first()?, &message(bound, &place));
        Some(URL_SAFE_NO_PAD.encode([tag.as_ref(), &place].concat()))
    }

    /// The place in a token; `None` for an empty one, which asks for the first page.
    ///
    /// # Errors
    ///
    /// When the token was not made for `bound` by a holder of the secrets.
    pub fn read<P: DeserializeOwned>(
        &self,
        bound: &[impl AsRef<[u8]>],
        token: &str,
    ) -> Result<Option<P>, PageTokenInvalid> {
        if token.is_empty() {
            return Ok(None);
        }
        if token.len() > LONGEST_TOKEN {
            return Err(PageTokenInvalid);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| PageTokenInvalid)?;
        let (tag, place) = bytes.split_at_checked(TAG_BYTES).ok_or(PageTokenInvalid)?;
        let message = message(bound, place);
        if !self.keys.iter().any(|key| verify(key, &message, tag).is_ok()) {
            return Err(PageTokenInvalid);
        }
        serde_json::from_slice(place)
            .map(Some)
            .map_err(|_| PageTokenInvalid)
    }
}

/// Every part with its length before it, so that no two lists of parts give the same bytes.
fn message(bound: &[impl AsRef<[u8]>], place: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    for part in bound.iter().map(AsRef::as_ref).chain([place]) {
        message.extend_from_slice(&(part.len() as u64).to_be_bytes());
        message.extend_from_slice(part);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[u8] = &[1; 32];
    const NEW: &[u8] = &[2; 32];

    fn read(tokens: &PageTokens, bound: &[&[u8]], token: &str) -> Result<Option<u32>, PageTokenInvalid> {
        tokens.read(bound, token)
    }

    #[test]
    fn a_token_fits_what_it_was_made_for_and_nothing_else() {
        let tokens = PageTokens::new("test", [OLD]);
        let token = tokens.make(&[b"ann", b"due"], &7_u32).expect("made");
        assert_eq!(read(&tokens, &[b"ann", b"due"], &token), Ok(Some(7)));
        assert_eq!(read(&tokens, &[b"ann", b"due"], ""), Ok(None));
        for other in [
            &[b"bob" as &[u8], b"due"] as &[&[u8]],
            &[b"annd", b"ue"],
            &[b"ann"],
        ] {
            assert_eq!(read(&tokens, other, &token), Err(PageTokenInvalid));
        }
        let other_purpose = PageTokens::new("other", [OLD]);
        assert_eq!(
            read(&other_purpose, &[b"ann", b"due"], &token),
            Err(PageTokenInvalid)
        );
    }

    #[test]
    fn a_changed_token_is_refused_wherever_it_was_changed() {
        let tokens = PageTokens::new("test", [OLD]);
        let token = tokens.make(&[b"ann"], &7_u32).expect("made");
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(read(&tokens, &[b"ann"], &changed), Err(PageTokenInvalid), "{at}");
        }
        assert_eq!(
            read(&tokens, &[b"ann"], &"A".repeat(20_000)),
            Err(PageTokenInvalid)
        );
    }

    #[test]
    fn tokens_outlive_a_rotation_of_the_secret() {
        let token = PageTokens::new("test", [OLD]).make(&[b""], &7_u32).expect("made");
        assert_eq!(
            read(&PageTokens::new("test", [NEW, OLD]), &[b""], &token),
            Ok(Some(7))
        );
        assert_eq!(
            read(&PageTokens::new("test", [NEW]), &[b""], &token),
            Err(PageTokenInvalid)
        );
    }
}
