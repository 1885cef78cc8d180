//! Guessing is slowed down, by account, by network and by device; what is right is not.

mod at_once;
mod devices;
mod networks;

use std::time::Duration;

use auth_service::housekeeping::sweep;
use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::harness::{PASSWORD, Service, assert_refused, reason_of, sign_in};

const WRONG: &str = "not the password";
const LIMIT: usize = 10;
/// The window of wrong passwords.
const WINDOW_SECONDS: u64 = 300;

/// Guesses until the throttle closes; how many were looked at, and the refusal.
async fn exhaust(service: &Service, email: &str) -> (usize, Status) {
    for looked_at in 0..1000 {
        let refused = service.sign_in(email, WRONG).await.expect_err("a wrong guess");
        if refused.code() == Code::ResourceExhausted {
            return (looked_at, refused);
        }
        assert_eq!(reason_of(&refused), ErrorReason::CredentialsInvalid.name());
    }
    panic!("no end of guessing");
}

fn on_device(email: &str, password: &str, device: &str) -> pb::SignInRequest {
    pb::SignInRequest {
        device_token: device.to_owned(),
        ..sign_in(email, password)
    }
}

#[track_caller]
fn retry_delay(status: &Status) -> Duration {
    let info = status.get_details_retry_info().expect("RetryInfo");
    info.retry_delay.expect("a delay")
}

#[track_caller]
fn assert_throttled<T>(result: Result<T, Status>) -> Duration {
    let status = assert_refused(result, Code::ResourceExhausted, ErrorReason::TooManyAttempts);
    retry_delay(&status)
}

#[tokio::test]
async fn after_ten_wrong_passwords_not_even_the_right_one_is_looked_at() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    let (looked_at, _) = exhaust(&service, "ANN@example.org").await;
    assert_eq!(looked_at, LIMIT);
    let hashes = service.app.hasher().hashes_done();
    assert_throttled(service.sign_in("ann@example.org", PASSWORD).await);
    assert_eq!(
        service.app.hasher().hashes_done(),
        hashes,
        "a refusal costs no hash"
    );
    let page = service.metrics.encode();
    let line = "tandem_auth_throttled_total{kind=\"password_account\"} 2";
    assert!(page.contains(line), "{page}");
}

#[tokio::test]
async fn an_email_that_nobody_has_is_throttled_alike() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    let (known, told_of_known) = exhaust(&service, "ann@example.org").await;
    let (unknown, told_of_unknown) = exhaust(&service, "nobody@example.org").await;
    assert_eq!(known, unknown);
    assert_eq!(told_of_known.message(), told_of_unknown.message());
    assert_eq!(told_of_known.details(), told_of_unknown.details());
}

#[tokio::test]
async fn others_are_not_touched_by_the_guesses_at_one_account() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    service.person("bob@example.org").await;
    exhaust(&service, "ann@example.org").await;
    service
        .sign_in("bob@example.org", PASSWORD)
        .await
        .expect("untouched");
}

#[tokio::test]
async fn retry_info_names_the_second_from_which_the_next_try_passes() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    for _ in 0..LIMIT {
        service
            .sign_in("ann@example.org", WRONG)
            .await
            .expect_err("wrong");
        service.seconds_pass(7);
    }
    let delay = assert_throttled(service.sign_in("ann@example.org", PASSWORD).await);
    assert_eq!(delay.as_secs(), WINDOW_SECONDS - 7 * LIMIT as u64);
    service.seconds_pass(delay.as_secs() - 1);
    assert_eq!(
        assert_throttled(service.sign_in("ann@example.org", PASSWORD).await),
        Duration::from_secs(1)
    );
    service.seconds_pass(1);
    service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("in time");
    // The first of the ten no longer counts, and the one that passed does not: one more guess, not ten.
    let (looked_at, _) = exhaust(&service, "ann@example.org").await;
    assert_eq!(looked_at, 1);
}

#[tokio::test]
async fn no_span_of_five_minutes_sees_more_than_ten_wrong_passwords() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    let mut looked_at = Vec::new();
    for second in (0..2 * WINDOW_SECONDS).step_by(10) {
        let refused = service
            .sign_in("ann@example.org", WRONG)
            .await
            .expect_err("wrong");
        if refused.code() == Code::Unauthenticated {
            looked_at.push(second);
        }
        service.seconds_pass(10);
    }
    assert_eq!(looked_at.len(), 2 * LIMIT);
    for eleven in looked_at.windows(LIMIT + 1) {
        assert!(eleven[LIMIT] - eleven[0] >= WINDOW_SECONDS, "{eleven:?}");
    }
}

#[tokio::test]
async fn wrong_passwords_of_a_person_who_is_signed_in_are_counted_by_session() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    let laptop = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    for _ in 0..LIMIT {
        let refused = ann.change_password(WRONG, "another horse of mine").await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::PasswordWrong);
    }
    let delay = assert_throttled(ann.change_password(PASSWORD, "another horse of mine").await);
    assert_eq!(delay.as_secs(), WINDOW_SECONDS);
    service
        .sign_in(&ann.email, PASSWORD)
        .await
        .expect("another count");
    // Whoever holds a stolen session cannot keep the owner from ending it.
    ann.session = laptop;
    ann.change_password(PASSWORD, "another horse of mine")
        .await
        .expect("another session");
}

#[tokio::test]
async fn switched_off_it_stops_nobody() {
    let service = Service::start_with(&[("TANDEM_AUTH_THROTTLE", "off")]).await;
    service.person("ann@example.org").await;
    for _ in 0..3 * LIMIT {
        let refused = service.sign_in("ann@example.org", WRONG).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    }
    service.sign_in("ann@example.org", PASSWORD).await.expect("right");
    assert_eq!(service.count("SELECT count(*) FROM throttles").await, 0);
}

#[tokio::test]
async fn what_no_longer_counts_is_swept_away() {
    let service = Service::start().await;
    exhaust(&service, "nobody@example.org").await;
    assert_eq!(service.count("SELECT count(*) FROM throttles").await, 2);
    service.seconds_pass(WINDOW_SECONDS - 1);
    sweep(&service.app).await.expect("swept");
    assert_eq!(service.count("SELECT count(*) FROM throttles").await, 2);
    service.seconds_pass(1);
    sweep(&service.app).await.expect("swept");
    assert_eq!(service.count("SELECT count(*) FROM throttles").await, 0);
}
