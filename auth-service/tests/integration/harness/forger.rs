//! Somebody who has the pair's key, and so can sign whatever they like.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proto::access_token::{Claims, Keyring};

use super::KEYS;

/// What a real token says, to be changed.
pub(crate) fn claims_of(access_token: &str) -> Claims {
    let payload = access_token.split('.').nth(1).expect("three parts");
    let json = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&json).expect("claims")
}

/// The header of a real token.
pub(crate) fn header() -> Header {
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some("test".to_owned());
    header
}

/// Signed with the right key.
pub(crate) fn signed(header: &Header, claims: &Claims) -> String {
    let keyring = Keyring::parse(KEYS).expect("good");
    let key = EncodingKey::from_secret(keyring.first().secret());
    jsonwebtoken::encode(header, claims, &key).expect("signed")
}

pub(crate) fn changed(claims: &Claims, change: impl FnOnce(&mut Claims)) -> Claims {
    let mut claims = claims.clone();
    change(&mut claims);
    claims
}
