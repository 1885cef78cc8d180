//! Attacks on the verifier, each beside a token that differs from it only in being good.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Audience, Caller, Keyring, LEEWAY_SECONDS, Refused, Subject, Verifier};

pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const SECRET: [u8; 33] = *b"a secret of more than 32 bytes ok";

fn keyring() -> Keyring {
    Keyring::parse(&format!("k1:{}", STANDARD.encode(SECRET))).expect("a good keyring")
}

fn verify(token: &str) -> Result<Caller, Refused> {
    Verifier::new(&keyring(), Audience::Tasks, || NOW).verify(token)
}

pub(super) fn header() -> Value {
    json!({"alg": "HS256", "typ": "at+jwt", "kid": "k1"})
}

pub(super) fn claims() -> Value {
    json!({
        "iss": "tandem", "aud": ["tandem.auth", "tandem.tasks"], "sub": Uuid::from_u128(7).to_string(),
        "sid": Uuid::from_u128(8).to_string(), "scope": "tasks.read account", "role": "user",
        "iat": NOW, "nbf": NOW, "exp": NOW + 600, "jti": "t1",
    })
}

pub(super) fn with(mut value: Value, key: &str, to: Value) -> Value {
    value[key] = to;
    value
}

fn without(mut value: Value, key: &str) -> Value {
    value.as_object_mut().expect("an object").remove(key);
    value
}

pub(super) fn sign_with(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature = jsonwebtoken::crypto::sign(
        message.as_bytes(),
        &EncodingKey::from_secret(secret),
        jsonwebtoken::Algorithm::HS256,
    )
    .expect("HMAC never fails");
    format!("{message}.{signature}")
}

fn sign(header: &Value, claims: &Value) -> String {
    sign_with(&SECRET, header, claims)
}

#[test]
fn a_good_token_names_its_person_session_and_scopes() {
    let caller = verify(&sign(&header(), &claims())).expect("a good token");
    let expected = Subject::Person {
        id: Uuid::from_u128(7),
        session_id: Uuid::from_u128(8),
        role: "user".to_owned(),
    };
    assert_eq!(caller.subject(), &expected);
    assert!(caller.has_scope(super::Scope::TasksRead));
    assert!(!caller.has_scope(super::Scope::TasksWrite));
}

#[test]
fn a_good_token_passes_with_one_audience_as_a_string_and_with_the_long_type() {
    assert!(verify(&sign(&header(), &with(claims(), "aud", json!("tandem.tasks")))).is_ok());
    assert!(
        verify(&sign(
            &with(header(), "typ", json!("application/at+JWT")),
            &claims()
        ))
        .is_ok()
    );
}

#[test]
fn a_forged_header_is_refused() {
    let forged = [
        with(header(), "alg", json!("none")),
        with(header(), "alg", json!("HS384")),
        with(header(), "alg", json!("RS256")),
        with(header(), "typ", json!("JWT")),
        without(header(), "typ"),
        with(header(), "kid", json!("other")),
        without(header(), "kid"),
        with(header(), "crit", json!(["exp"])),
        with(header(), "crit", json!([])),
    ];
    for header in forged {
        assert_eq!(
            verify(&sign(&header, &claims())).err(),
            Some(Refused::Invalid),
            "{header}"
        );
    }
}

#[test]
fn algorithm_none_without_a_signature_is_refused() {
    let signed = sign(&with(header(), "alg", json!("none")), &claims());
    let (message, _) = signed.rsplit_once('.').expect("three parts");
    assert_eq!(verify(&format!("{message}.")).err(), Some(Refused::Invalid));
}

#[test]
fn wrong_or_missing_claims_are_refused() {
    let wrong = [
        with(claims(), "iss", json!("somebody")),
        without(claims(), "iss"),
        with(claims(), "aud", json!(["tandem.auth"])),
        with(claims(), "aud", json!([])),
        without(claims(), "aud"),
        with(claims(), "sub", json!("7")),
        with(claims(), "sub", json!("service:")),
        without(claims(), "sub"),
        without(claims(), "sid"),
        without(claims(), "exp"),
        without(claims(), "nbf"),
        without(claims(), "iat"),
        without(claims(), "jti"),
        with(claims(), "exp", json!("soon")),
        with(claims(), "nbf", json!(NOW + LEEWAY_SECONDS + 1)),
        with(claims(), "iat", json!(NOW + LEEWAY_SECONDS + 1)),
        with(claims(), "act", json!({"sub": "mallory"})),
    ];
    for claims in wrong {
        assert_eq!(
            verify(&sign(&header(), &claims)).err(),
            Some(Refused::Invalid),
            "{claims}"
        );
    }
}

#[test]
fn a_token_is_good_until_its_last_second_plus_the_leeway_and_expired_after() {
    let last = with(claims(), "exp", json!(NOW - LEEWAY_SECONDS + 1));
    assert!(verify(&sign(&header(), &last)).is_ok());
    let over = with(claims(), "exp", json!(NOW - LEEWAY_SECONDS));
    assert_eq!(verify(&sign(&header(), &over)).err(), Some(Refused::Expired));
    let extreme = with(claims(), "exp", json!(i64::MIN));
    assert!(verify(&sign(&header(), &extreme)).is_err());
}

#[test]
fn a_token_that_was_good_a_moment_ago_is_still_held_to_the_time() {
    let now = Arc::new(AtomicI64::new(NOW));
    let clock = Arc::clone(&now);
    let verifier = Verifier::new(&keyring(), Audience::Tasks, move || clock.load(Ordering::Relaxed));
    let token = sign(&header(), &claims());
    let first = verifier.verify(&token).expect("good");
    let again = verifier.verify(&token).expect("still good");
    assert_eq!(again.subject(), first.subject());
    assert_eq!(again.token_id(), first.token_id());

    let expires_at = first.expires_at();
    now.store(expires_at + LEEWAY_SECONDS, Ordering::Relaxed);
    assert_eq!(verifier.verify(&token).err(), Some(Refused::Expired));
    now.store(NOW - 10 * LEEWAY_SECONDS, Ordering::Relaxed);
    assert_eq!(verifier.verify(&token).err(), Some(Refused::Invalid));
    now.store(NOW, Ordering::Relaxed);
    verifier.verify(&token).expect("good at its time");
}

#[test]
fn what_is_remembered_of_a_good_token_helps_no_other_token() {
    let verifier = Verifier::new(&keyring(), Audience::Tasks, || NOW);
    let good = sign(&header(), &claims());
    verifier.verify(&good).expect("good");
    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let other = sign(
        &header(),
        &with(claims(), "sub", json!(Uuid::from_u128(9).to_string())),
    );
    let (other, _) = other.rsplit_once('.').expect("three parts");
    for forged in [
        message.to_owned(),
        format!("{message}."),
        format!("{other}.{signature}"),
    ] {
        assert_eq!(verifier.verify(&forged).err(), Some(Refused::Invalid), "{forged}");
        assert_eq!(verifier.verify(&forged).err(), Some(Refused::Invalid), "{forged}");
    }
}

#[test]
fn an_expired_token_with_a_wrong_signature_is_invalid_and_not_expired() {
    let expired = with(claims(), "exp", json!(NOW - 100));
    assert_eq!(
        verify(&sign_with(&[1; 40], &header(), &expired)).err(),
        Some(Refused::Invalid)
    );
}

#[test]
fn a_changed_truncated_or_megabyte_long_token_is_refused() {
    let good = sign(&header(), &claims());
    for end in 0..good.len() {
        assert_eq!(verify(&good[..end]).err(), Some(Refused::Invalid));
    }
    let long = format!("{good}{}", "A".repeat(1 << 20));
    assert_eq!(verify(&long).err(), Some(Refused::Invalid));
    for junk in ["", ".", "..", "...", "a.b.c", "\u{0}.\u{0}.\u{0}", "€.€.€"] {
        assert_eq!(verify(junk).err(), Some(Refused::Invalid), "{junk}");
    }
}

#[test]
fn every_key_of_the_ring_verifies() {
    let other = [9_u8, 8, 7].repeat(20);
    let ring = Keyring::parse(&format!(
        "new:HS256:{},k1:{}",
        STANDARD.encode(&other),
        STANDARD.encode(SECRET)
    ));
    let verifier = Verifier::new(&ring.expect("a good keyring"), Audience::Auth, || NOW);
    assert!(verifier.verify(&sign(&header(), &claims())).is_ok());
    let header = with(header(), "kid", json!("new"));
    assert!(verifier.verify(&sign_with(&other, &header, &claims())).is_ok());
    assert_eq!(
        verifier.verify(&sign(&header, &claims())).err(),
        Some(Refused::Invalid),
        "the other key's name"
    );
}

#[test]
fn a_weak_or_malformed_keyring_is_refused_without_showing_the_key() {
    let weak = STANDARD.encode([7; 31]);
    let same = STANDARD.encode([7; 32]);
    let good = STANDARD.encode(SECRET);
    let cases = [
        String::new(),
        weak.clone(),
        format!("k:{weak}"),
        format!("k:{same}"),
        format!("k:none:{good}"),
        format!(":{good}"),
        format!("a b:{good}"),
        format!("k:{good},"),
        format!("k:{good},k:{good}"),
        format!("k:HS256:{good}:x"),
        "k:not base64".to_owned(),
    ];
    for text in cases {
        let message = Keyring::parse(&text).expect_err(&text).to_string();
        assert!(!message.contains(&good) && !message.contains(&weak), "{message}");
    }
    assert!(!format!("{:?}", keyring()).contains(&good));
}

#[test]
fn the_signer_and_the_verifier_agree_on_the_claims() {
    let claims: super::Claims = serde_json::from_value(claims()).expect("claims");
    let mut header = Header::new(jsonwebtoken::Algorithm::HS256);
    header.typ = Some(super::TOKEN_TYPE.to_owned());
    header.kid = Some("k1".to_owned());
    let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&SECRET)).expect("encodes");
    assert!(verify(&token).is_ok());
}

/// The first test vector of RFC 8032, section 7.1, as hexadecimal.
const ED25519_PRIVATE: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const ED25519_PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn base64_of(hex: &str) -> String {
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hexadecimal"))
        .collect();
    STANDARD.encode(bytes)
}

#[test]
fn the_public_half_of_a_private_key_is_that_of_the_standard() {
    let private = Keyring::parse(&format!("e1:EdDSA:{}", base64_of(ED25519_PRIVATE))).expect("good");
    let public = Keyring::parse(&format!("e1:EdDSA-public:{}", base64_of(ED25519_PUBLIC))).expect("good");
    assert_eq!(private.first().public(), public.first().public());
    assert!(private.first().can_sign() && !public.first().can_sign());
    assert!(!format!("{private:?}").contains("9d"), "no key material");
}

#[test]
fn verifiers_are_given_public_halves_and_shared_secrets() {
    let shared = STANDARD.encode((0..32).collect::<Vec<u8>>());
    let all = format!("e1:EdDSA:{},k1:HS256:{shared}", base64_of(ED25519_PRIVATE));
    let told = Keyring::parse(&all).expect("good").for_verifiers();
    assert_eq!(
        *told,
        format!("e1:EdDSA-public:{},k1:{shared}", base64_of(ED25519_PUBLIC))
    );
    assert!(Keyring::parse(&told).is_ok());
}

#[test]
fn a_public_key_is_no_secret_to_sign_with() {
    // The old confusion of algorithms: HS256 under a key that everybody knows.
    let ring = format!("k1:EdDSA-public:{}", base64_of(ED25519_PUBLIC));
    let keyring = Keyring::parse(&ring).expect("good");
    let forged = sign_with(keyring.first().secret(), &header(), &claims());
    let verified = Verifier::new(&keyring, Audience::Tasks, || NOW).verify(&forged);
    assert_eq!(verified.expect_err("forged"), Refused::Invalid);
}

#[test]
fn an_ed25519_key_of_another_size_is_refused() {
    let long = STANDARD.encode([1; 20].iter().chain(&[2; 20]).copied().collect::<Vec<u8>>());
    for form in ["EdDSA", "EdDSA-public"] {
        let error = Keyring::parse(&format!("e1:{form}:{long}")).expect_err("40 bytes");
        assert!(error.to_string().contains("Ed25519"), "{error}");
    }
}
