//! KeyService.ListPublicKeys, and tokens that whoever knows a public key can verify without being able to sign.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use proto::access_token::{Audience, Claims, Keyring, Refused, Subject, Verifier};
use proto::auth::v1 as pb;
use proto::auth::v1::key_service_client::KeyServiceClient;

use crate::harness::{KEYS, PASSWORD, Service, connect};

/// A private key of no deployment: the bytes from 32 to 63.
const PRIVATE: &str = "e1:EdDSA:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

async fn public_keys(service: &Service) -> Vec<pb::PublicKey> {
    let mut keys = KeyServiceClient::new(connect(service.addr).await);
    let reply = keys.list_public_keys(pb::ListPublicKeysRequest {}).await;
    reply.expect("anybody may ask").into_inner().keys
}

#[tokio::test]
async fn a_shared_secret_is_never_listed() {
    let service = Service::start().await;
    assert!(public_keys(&service).await.is_empty());
}

#[tokio::test]
async fn with_a_listed_key_alone_a_foreign_library_verifies_a_token() {
    let service = Service::start_with(&[("TANDEM_TOKEN_KEYS", PRIVATE)]).await;
    let ann = service.person("ann@example.org").await;
    let [key] = public_keys(&service).await.try_into().expect("one key");
    assert_eq!(
        (key.kty.as_str(), key.crv.as_str(), key.alg.as_str()),
        ("OKP", "Ed25519", "EdDSA")
    );
    assert_eq!(URL_SAFE_NO_PAD.decode(&key.x).expect("base64url").len(), 32);

    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["tandem.tasks"]);
    validation.validate_exp = false;
    let decoding = DecodingKey::from_ed_components(&key.x).expect("a key");
    let token = jsonwebtoken::decode::<Claims>(&ann.session.access_token, &decoding, &validation);
    let token = token.expect("verified");
    assert_eq!(token.claims.sub, ann.user().id);
    assert_eq!(token.header.kid.as_deref(), Some(key.kid.as_str()));
    ann.get_user().await.expect("and by us");
}

#[tokio::test]
async fn a_verifier_that_follows_the_list_needs_no_key_of_its_own() {
    let keys = format!("{PRIVATE},{KEYS}");
    let service = Service::start_with(&[("TANDEM_TOKEN_KEYS", &keys)]).await;
    let ann = service.person("ann@example.org").await;
    let channel = connect(service.addr).await;
    let clock = || 1_795_262_400; // When the harness's clock starts.
    let (verifier, work) = Verifier::follow(channel, Audience::Tasks, clock, |status| panic!("{status}"));
    let token = &ann.session.access_token;
    assert!(verifier.verify(token).is_err(), "before the first list");
    let work = tokio::spawn(work);
    verifier.loaded().await;
    let caller = verifier.verify(token).expect("verified");
    assert!(matches!(caller.subject(), Subject::Person { id, .. } if id.to_string() == ann.user().id));

    let other = Service::start().await;
    let bob = other.person("bob@example.org").await;
    let refused = verifier.verify(&bob.session.access_token).expect_err("HS256");
    assert_eq!(
        refused,
        Refused::Invalid,
        "the pair's own secret is not known here"
    );
    work.abort();
}

/// The three steps of docs/keys.md: the new key verifies, then signs, then the old one goes.
#[tokio::test]
async fn at_each_step_of_a_rotation_both_sides_take_the_tokens_of_the_step_before_and_after() {
    let shared = KEYS;
    let steps = [
        shared.to_owned(),
        format!("{shared},{PRIVATE}"),
        format!("{PRIVATE},{shared}"),
        PRIVATE.to_owned(),
    ];
    let mut tokens = Vec::new();
    for keys in &steps {
        let service = Service::start_with(&[("TANDEM_TOKEN_KEYS", keys)]).await;
        service.person("ann@example.org").await;
        let session = service.sign_in("ann@example.org", PASSWORD).await.expect("right");
        tokens.push(session.access_token);
    }
    let now = 1_795_262_400; // When the harness's clock starts.
    let takes = |keys: &str, token: &str| {
        let keyring = Keyring::parse(keys).expect("good");
        Verifier::new(&keyring, Audience::Tasks, move || now)
            .verify(token)
            .is_ok()
    };
    for (step, token) in tokens.iter().enumerate() {
        let (before, after) = (step.saturating_sub(1), (step + 1).min(3));
        for keys in &steps[before..=after] {
            assert!(takes(keys, token), "the token of step {step}");
        }
    }
    assert!(!takes(&steps[3], &tokens[0]), "the old key has gone");
}
