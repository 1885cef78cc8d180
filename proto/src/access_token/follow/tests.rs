//! A verifier whose keys come from an auth-service that does as it is told, on a clock that jumps to the next deadline.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use tokio::task::AbortHandle;

use super::*;
use crate::access_token::Refused;
use crate::access_token::tests::{NOW, SECRET, claims, header, sign_with, with};

#[derive(Clone)]
enum Answer {
    Keys(Vec<pb::PublicKey>),
    Fails,
    Hangs,
}

/// What auth-service says, and how often it was asked.
struct Listing {
    answer: Mutex<Answer>,
    fetches: AtomicUsize,
    heard: AtomicUsize,
}

struct Followed {
    listing: Arc<Listing>,
    verifier: Arc<Verifier>,
    work: AbortHandle,
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.work.abort();
    }
}

impl Followed {
    fn start(answer: Answer) -> Self {
        let listing = Arc::new(Listing {
            answer: Mutex::new(answer),
            fetches: AtomicUsize::new(0),
            heard: AtomicUsize::new(0),
        });
        let (asked, told) = (Arc::clone(&listing), Arc::clone(&listing));
        let fetch = move || {
            asked.fetches.fetch_add(1, Ordering::Relaxed);
            let answer = asked.answer.lock().expect("whole").clone();
            async {
                match answer {
                    Answer::Keys(keys) => Ok(keys),
                    Answer::Fails => Err(Status::unavailable("away")),
                    Answer::Hangs => pending().await,
                }
            }
        };
        let broken = move |_: &Status| {
            told.heard.fetch_add(1, Ordering::Relaxed);
        };
        let (verifier, work) = Verifier::follow_by(fetch, Audience::Tasks, || NOW, broken);
        Self {
            listing,
            verifier,
            work: tokio::spawn(work).abort_handle(),
        }
    }

    /// With the keys of these signers, fetched.
    async fn with(signers: &[&Signer]) -> Self {
        let followed = Self::start(Answer::Keys(
            signers.iter().map(|signer| signer.listed()).collect(),
        ));
        followed.verifier.loaded().await;
        followed
    }

    fn lists(&self, signers: &[&Signer]) {
        self.answers(Answer::Keys(
            signers.iter().map(|signer| signer.listed()).collect(),
        ));
    }

    fn answers(&self, answer: Answer) {
        *self.listing.answer.lock().expect("whole") = answer;
    }

    fn takes(&self, token: &str) -> bool {
        match self.verifier.verify(token) {
            Ok(_) => true,
            Err(refused) => {
                assert_eq!(refused, Refused::Invalid);
                false
            }
        }
    }

    fn fetches(&self) -> usize {
        self.listing.fetches.load(Ordering::Relaxed)
    }
}

struct Signer {
    kid: &'static str,
    pair: Ed25519KeyPair,
}

impl Signer {
    fn new(kid: &'static str, seed: u8) -> Self {
        let seed: [u8; 32] =
            std::array::from_fn(|place| seed.wrapping_add(u8::try_from(place).expect("small")));
        Self {
            kid,
            pair: Ed25519KeyPair::from_seed_unchecked(&seed).expect("any 32 bytes"),
        }
    }

    fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    fn listed(&self) -> pb::PublicKey {
        pb::PublicKey {
            kid: self.kid.to_owned(),
            alg: "EdDSA".to_owned(),
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: URL_SAFE_NO_PAD.encode(self.public()),
        }
    }

    fn header(&self) -> Value {
        with(with(header(), "kid", json!(self.kid)), "alg", json!("EdDSA"))
    }

    fn token(&self) -> String {
        let [header, claims] = [self.header(), claims()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_let_in_before_the_first_list_and_a_slow_start_is_waited_for() {
    let old = Signer::new("old", 1);
    let followed = Followed::start(Answer::Fails);
    assert!(
        timeout(Duration::from_secs(60), followed.verifier.loaded())
            .await
            .is_err()
    );
    assert!(!followed.takes(&old.token()));
    followed.lists(&[&old]);
    timeout(COOL_DOWN, followed.verifier.loaded())
        .await
        .expect("loaded");
    assert!(followed.takes(&old.token()));
}

#[tokio::test(start_paused = true)]
async fn keys_that_left_the_list_are_refused_five_minutes_later_at_most() {
    let (old, new) = (Signer::new("old", 1), Signer::new("new", 2));
    let followed = Followed::with(&[&old, &new]).await;
    assert!(followed.takes(&old.token()) && followed.takes(&new.token()));
    followed.lists(&[&new]);
    sleep(REFRESH + FETCH_TIMEOUT).await;
    assert!(!followed.takes(&old.token()) && followed.takes(&new.token()));
    followed.lists(&[]);
    sleep(REFRESH + FETCH_TIMEOUT).await;
    assert!(!followed.takes(&new.token()), "an empty list is a list");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_key_is_refused_and_fetched_for_the_next_call() {
    let (old, new) = (Signer::new("old", 1), Signer::new("new", 2));
    let followed = Followed::with(&[&old]).await;
    sleep(COOL_DOWN * 2).await;
    followed.lists(&[&new, &old]);
    for _ in 0..1000 {
        assert!(!followed.takes(&new.token()));
    }
    sleep(Duration::from_millis(1)).await;
    assert!(followed.takes(&new.token()) && followed.takes(&old.token()));
    sleep(COOL_DOWN * 2).await;
    assert_eq!(followed.fetches(), 2, "a thousand misses share one fetch");
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_unknown_keys_all_day_makes_one_fetch_in_thirty_seconds() {
    let (old, strange) = (Signer::new("old", 1), Signer::new("strange", 2));
    let followed = Followed::with(&[&old]).await;
    let token = strange.token();
    for _ in 0..3000 {
        followed.takes(&token);
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(followed.fetches(), 10, "in five minutes");
    // While auth-service is away, misses hasten nothing either.
    followed.answers(Answer::Fails);
    for _ in 0..3000 {
        followed.takes(&token);
        sleep(Duration::from_millis(100)).await;
    }
    assert!(followed.fetches() < 30, "{}", followed.fetches());
}

#[tokio::test(start_paused = true)]
async fn tokens_under_a_shared_secret_wake_nobody() {
    let followed = Followed::with(&[&Signer::new("old", 1)]).await;
    sleep(COOL_DOWN * 2).await;
    assert!(!followed.takes(&sign_with(&SECRET, &header(), &claims())));
    sleep(COOL_DOWN * 2).await;
    assert_eq!(followed.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_fetch_keeps_the_keys_and_is_tried_again() {
    let (old, new) = (Signer::new("old", 1), Signer::new("new", 2));
    let followed = Followed::with(&[&old]).await;
    for broken in [Answer::Fails, Answer::Hangs] {
        let heard = followed.listing.heard.load(Ordering::Relaxed);
        followed.answers(broken);
        sleep(REFRESH * 2).await;
        assert!(followed.takes(&old.token()));
        assert!(followed.listing.heard.load(Ordering::Relaxed) > heard, "and said");
    }
    followed.lists(&[&new]);
    sleep(COOL_DOWN + FETCH_TIMEOUT).await;
    assert!(followed.takes(&new.token()) && !followed.takes(&old.token()));
}

#[tokio::test(start_paused = true)]
async fn nothing_but_ed25519_keys_comes_by_this_way() {
    let good = Signer::new("good", 1);
    let secret = pb::PublicKey {
        kid: "k1".to_owned(),
        alg: "HS256".to_owned(),
        kty: "oct".to_owned(),
        crv: String::new(),
        x: URL_SAFE_NO_PAD.encode(SECRET),
    };
    let posing = pb::PublicKey {
        alg: "HS256".to_owned(),
        x: URL_SAFE_NO_PAD.encode(&SECRET[..32]),
        ..Signer::new("k1", 2).listed()
    };
    let named = |kid: &str| pb::PublicKey {
        kid: kid.to_owned(),
        ..Signer::new("", 2).listed()
    };
    let with_x = |x: &str| pb::PublicKey {
        x: x.to_owned(),
        ..Signer::new("k1", 2).listed()
    };
    let zeros = URL_SAFE_NO_PAD.encode([0; 32]);
    let long = URL_SAFE_NO_PAD.encode(SECRET);
    let mut listed = vec![secret, posing, named(""), named("a b")];
    listed.extend(["", "*", &zeros, &long].map(with_x));
    for wrong in listed {
        let followed = Followed::start(Answer::Keys(vec![wrong.clone(), good.listed()]));
        followed.verifier.loaded().await;
        assert_eq!(
            format!("{:?}", followed.verifier),
            r#"Verifier { kids: ["good"], .. }"#
        );
        for secret in [&SECRET[..], &SECRET[..32]] {
            assert!(
                !followed.takes(&sign_with(secret, &header(), &claims())),
                "{wrong:?}"
            );
        }
        assert!(followed.takes(&good.token()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_public_key_is_no_secret_to_sign_with_however_it_is_spelled() {
    let good = Signer::new("good", 1);
    let followed = Followed::with(&[&good]).await;
    assert!(followed.takes(&good.token()));
    let x = good.listed().x;
    for secret in [good.public(), x.as_bytes(), &SECRET] {
        for kid in ["good", "k1"] {
            for alg in ["HS256", "EdDSA", "none", "HS512"] {
                let header = with(with(header(), "kid", json!(kid)), "alg", json!(alg));
                let forged = sign_with(secret, &header, &claims());
                assert!(!followed.takes(&forged), "{header}");
            }
        }
    }
    let token = good.token();
    let (message, _) = token.rsplit_once('.').expect("three parts");
    assert!(!followed.takes(&format!("{message}.")), "without a signature");
    let other = Signer::new("good", 2);
    assert!(!followed.takes(&other.token()), "another's signature");
}
