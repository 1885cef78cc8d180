//! A stream of task-service when the session that it was opened in ends at auth-service: it ends too, within a second, and
//! says why. Nobody else's does, nor one of another session of the same person.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proto::auth::v1::{DeleteUserRequest, RevokeSessionRequest, SignInRequest};
use proto::tasks::v1::change::Change;
use proto::tasks::v1::change_service_client::ChangeServiceClient;
use proto::tasks::v1::{WatchChangesRequest, WatchChangesResponse};
use serde_json::Value;
use tokio::time::{Duration, Instant, timeout};
use tonic::{Code, Status, Streaming};

use super::{PROMISED, sign_out};
use crate::harness::{Person, System, assert_refused, bearing};

/// Long enough for a machine that has much else to do.
const SOON: Duration = Duration::from_secs(20);

/// A stream of changes.
struct Watch(Streaming<WatchChangesResponse>);

impl Watch {
    /// Opens one and sees that it delivers.
    async fn begin(system: &System, person: &Person) -> Self {
        Self::begin_with(system, person, &person.session.access_token).await
    }

    async fn begin_with(system: &System, person: &Person, token: &str) -> Self {
        let mut client = ChangeServiceClient::new(system.tasks_channel());
        let request = bearing(token, WatchChangesRequest::default());
        let answer = client.watch_changes(request).await.expect("the token is good");
        let mut watch = Self(answer.into_inner());
        watch.delivers(system, person, "Before").await;
        watch
    }

    /// Whether what the person writes comes.
    async fn delivers(&mut self, system: &System, person: &Person, title: &str) {
        let written = person.adds(system, title).await;
        let seen = async {
            loop {
                let message = self.0.message().await.expect("the stream goes on");
                let changes = message.expect("the stream goes on").changes;
                let is_it = |change: Change| matches!(change, Change::Task(task) if task.id == written.id);
                if changes.into_iter().filter_map(|change| change.change).any(is_it) {
                    return;
                }
            }
        };
        timeout(SOON, seen).await.expect("it comes");
    }

    /// How it ends, and how long that takes from now.
    async fn end(mut self) -> (Status, Duration) {
        let begun = Instant::now();
        let ended = async {
            loop {
                match self.0.message().await {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("it ends without a word"),
                    Err(status) => return status,
                }
            }
        };
        (timeout(SOON, ended).await.expect("it ends"), begun.elapsed())
    }

    async fn ends_revoked_in_time(self) {
        let (status, took) = self.end().await;
        assert_refused(&status, Code::Unauthenticated, "TOKEN_REVOKED");
        assert!(took < PROMISED, "{took:?}");
    }
}

/// The same person on another device.
async fn other_session_of(system: &System, person: &Person) -> Person {
    let request = SignInRequest {
        email: person.email.clone(),
        password: person.password.clone(),
        ..SignInRequest::default()
    };
    let answer = system.auth_service().sign_in(request).await;
    let session = answer.expect("the password is right").into_inner().session;
    Person {
        email: person.email.clone(),
        password: person.password.clone(),
        session: session.expect("a sign-in brings a session"),
    }
}

#[tokio::test]
async fn who_signs_out_has_that_sessions_streams_ended_within_a_second_and_no_others() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let at_home = other_session_of(&system, &alice).await;
    let bob = Person::sign_up(&system, "bob").await;
    let one = Watch::begin(&system, &alice).await;
    let two = Watch::begin(&system, &alice).await;
    let mut hers = Watch::begin(&system, &at_home).await;
    let mut his = Watch::begin(&system, &bob).await;
    sign_out(&system, &alice.session).await;
    tokio::join!(one.ends_revoked_in_time(), two.ends_revoked_in_time());
    hers.delivers(&system, &at_home, "After").await;
    his.delivers(&system, &bob, "After").await;
}

#[tokio::test]
async fn a_session_that_is_revoked_from_another_has_its_streams_ended_within_a_second() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let at_home = other_session_of(&system, &alice).await;
    let lost = Watch::begin(&system, &alice).await;
    let mut kept = Watch::begin(&system, &at_home).await;
    let request = RevokeSessionRequest {
        session_id: alice.session.session_id.clone(),
    };
    let revoked = system
        .account_service()
        .revoke_session(at_home.asks(request))
        .await;
    revoked.expect("a session of one's own");
    lost.ends_revoked_in_time().await;
    kept.delivers(&system, &at_home, "After").await;
}

#[tokio::test]
async fn who_deletes_the_account_has_the_streams_of_all_sessions_ended_within_a_second() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let at_home = other_session_of(&system, &alice).await;
    let bob = Person::sign_up(&system, "bob").await;
    let here = Watch::begin(&system, &alice).await;
    let there = Watch::begin(&system, &at_home).await;
    let mut his = Watch::begin(&system, &bob).await;
    let request = DeleteUserRequest {
        password: alice.password.clone(),
    };
    let deleted = system.account_service().delete_user(alice.asks(request)).await;
    deleted.expect("the password is right");
    tokio::join!(here.ends_revoked_in_time(), there.ends_revoked_in_time());
    his.delivers(&system, &bob, "After").await;
}

#[tokio::test]
async fn a_stream_ends_with_the_token_that_it_was_opened_with_and_not_before() {
    const LEFT_SECONDS: i64 = 4;
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let begun = Instant::now();
    let short = ending_sooner(&system, &alice.session.access_token, LEFT_SECONDS);
    let watch = Watch::begin_with(&system, &alice, &short).await;
    let mut longer = Watch::begin(&system, &alice).await;
    let (status, _) = watch.end().await;
    assert_refused(&status, Code::Unauthenticated, "TOKEN_EXPIRED");
    // Sign-up and rounding to whole seconds take some of it.
    let lived = begun.elapsed();
    assert!(lived > Duration::from_secs(1), "{lived:?}");
    assert!(
        lived < Duration::from_secs(LEFT_SECONDS.unsigned_abs()) + PROMISED,
        "{lived:?}"
    );
    longer.delivers(&system, &alice, "After").await;
}

/// The token as auth-service would have made it with a life of so many seconds.
fn ending_sooner(system: &System, token: &str, seconds: i64) -> String {
    let (unsigned, _) = token.rsplit_once('.').expect("a token has three parts");
    let (header, claims) = unsigned.split_once('.').expect("a token has three parts");
    let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
    let mut claims: Value = serde_json::from_slice(&claims).expect("JSON");
    let issued = claims["iat"].as_i64().expect("a time");
    claims["exp"] = Value::from(issued + seconds);
    let unsigned = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let keys = system.token_keys();
    let (_, key) = keys.rsplit_once(':').expect("kid:key");
    let key = STANDARD.decode(key).expect("base64");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), unsigned.as_bytes());
    format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(tag))
}
