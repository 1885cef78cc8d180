//! Guessing is slowed down, by account, by network and by device; what is right is not.

use std::time::Duration;

use auth_service::housekeeping::sweep;
use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tokio::task::JoinSet;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::harness::{PASSWORD, Service, WATCHER, assert_refused, reason_of, sign_in, sign_up};

const WRONG: &str = "not the password";
const LIMIT: usize = 10;
/// The window of wrong passwords.
const WINDOW_SECONDS: u64 = 300;
/// A test plays the proxy in front, so that it can call from many networks.
const BEHIND_A_PROXY: (&str, &str) = ("TANDEM_TRUSTED_PROXIES", "127.0.0.1");

/// A sign-in from an address, as the trusted proxy tells it.
async fn from(service: &Service, address: &str, request: pb::SignInRequest) -> Result<pb::Session, Status> {
    let mut request = Request::new(request);
    let told = address.parse().expect("ASCII");
    request.metadata_mut().insert("x-forwarded-for", told);
    let reply = service.auth().sign_in(request).await?;
    Ok(reply.into_inner().session.expect("a session"))
}

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
async fn the_owner_gets_in_on_a_known_device_while_a_stranger_guesses() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    exhaust(&service, "ann@example.org").await;
    assert_throttled(service.sign_in("ann@example.org", PASSWORD).await);
    let device = &ann.session.device_token;
    let known = || on_device("ann@example.org", PASSWORD, device);
    service.auth().sign_in(known()).await.expect("a known device");

    // A device of somebody else is a stranger's.
    let bob = service.person("bob@example.org").await;
    let strange = on_device("ann@example.org", PASSWORD, &bob.session.device_token);
    assert_throttled(service.auth().sign_in(strange).await);
}

#[tokio::test]
async fn guesses_on_a_known_device_are_counted_by_that_device_alone() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let device = &ann.session.device_token;
    for _ in 0..LIMIT {
        let guess = on_device("ann@example.org", WRONG, device);
        let refused = service.auth().sign_in(guess).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    }
    let right = on_device("ann@example.org", PASSWORD, device);
    assert_throttled(service.auth().sign_in(right).await);
    service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("elsewhere");
}

#[tokio::test]
async fn many_accounts_tried_from_one_network_use_up_the_network_and_no_other() {
    let service =
        Service::start_with(&[BEHIND_A_PROXY, ("TANDEM_AUTH_THROTTLE_WRONG_PER_NETWORK", "12")]).await;
    let ann = service.person("ann@example.org").await;
    for number in 0..12 {
        let guess = sign_in(&format!("person{number}@example.org"), WRONG);
        let refused = from(&service, &format!("192.0.2.{number}"), guess).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    }
    let right = || sign_in("ann@example.org", PASSWORD);
    let delay = assert_throttled(from(&service, "192.0.2.200", right()).await);
    assert_eq!(delay.as_secs(), WINDOW_SECONDS);
    from(&service, "192.0.3.1", right())
        .await
        .expect("another network");
    let known = on_device("ann@example.org", PASSWORD, &ann.session.device_token);
    from(&service, "192.0.2.200", known)
        .await
        .expect("a known device");
}

#[tokio::test]
async fn what_an_account_refuses_is_not_held_against_the_network() {
    let service = Service::start_with(&[("TANDEM_AUTH_THROTTLE_WRONG_PER_NETWORK", "11")]).await;
    service.person("ann@example.org").await;
    exhaust(&service, "bob@example.org").await;
    exhaust(&service, "bob@example.org").await;
    service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("room for one");
}

#[tokio::test]
async fn a_forged_chain_of_proxies_does_not_make_another_network() {
    for setting in [&[][..], &[BEHIND_A_PROXY]] {
        let limit = [("TANDEM_AUTH_THROTTLE_WRONG_PER_NETWORK", "5")];
        let service = Service::start_with(&[setting, &limit].concat()).await;
        for number in 0..6 {
            let guess = sign_in(&format!("person{number}@example.org"), WRONG);
            let chain = format!("198.51.{number}.1, 127.0.0.1, 192.0.2.7");
            let refused = from(&service, &chain, guess).await.expect_err("wrong");
            let expected = if number < 5 {
                Code::Unauthenticated
            } else {
                Code::ResourceExhausted
            };
            assert_eq!(refused.code(), expected, "{number} with {setting:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_guesses_at_once_at_two_replicas_get_ten_answers() {
    let one = Service::start().await;
    let two = one.replica().await;
    one.person("ann@example.org").await;
    for email in ["ann@example.org", "nobody@example.org"] {
        let mut guesses = JoinSet::new();
        for number in 0..100 {
            let mut auth = if number % 2 == 0 { one.auth() } else { two.auth() };
            guesses.spawn(async move { auth.sign_in(sign_in(email, WRONG)).await });
        }
        let refused = guesses
            .join_all()
            .await
            .into_iter()
            .map(|guess| guess.expect_err("wrong"));
        let (looked_at, throttled): (Vec<_>, Vec<_>) =
            refused.partition(|status| status.code() == Code::Unauthenticated);
        assert_eq!(looked_at.len(), LIMIT, "{email}");
        for status in throttled {
            assert_throttled(Err::<(), _>(status));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_guess_beyond_the_limit_is_hashed_when_the_right_one_is_among_a_hundred() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    let before = service.app.hasher().hashes_done();
    let mut guesses = JoinSet::new();
    for number in 0..100 {
        let mut auth = service.auth();
        let password = if number == 99 { PASSWORD } else { WRONG };
        guesses.spawn(async move { auth.sign_in(sign_in("ann@example.org", password)).await });
    }
    let answers = guesses.join_all().await;
    let got_in = answers.iter().filter(|answer| answer.is_ok()).count();
    let looked_at = service.app.hasher().hashes_done() - before;
    assert_eq!(
        looked_at as usize,
        LIMIT + got_in,
        "no guess beyond the limit is even hashed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn right_sign_ins_at_once_never_refuse_each_other() {
    let one = Service::start().await;
    let two = one.replica().await;
    one.person("ann@example.org").await;
    // All but one of the places are used up by failures, so they go one at a time.
    for _ in 1..LIMIT {
        one.sign_in("ann@example.org", WRONG).await.expect_err("wrong");
    }
    let mut crowd = JoinSet::new();
    for number in 0..20 {
        let mut auth = if number % 2 == 0 { one.auth() } else { two.auth() };
        crowd.spawn(async move { auth.sign_in(sign_in("ann@example.org", PASSWORD)).await });
    }
    for answer in crowd.join_all().await {
        answer.expect("right");
    }
}

#[tokio::test]
async fn thirty_sign_ups_and_a_hundred_sign_ins_a_minute_pass_from_one_address() {
    let service = Service::start().await;
    for _ in 0..2 {
        let mut minute = JoinSet::new();
        let number = service.count("SELECT count(*) FROM users").await;
        for number in number..number + 30 {
            let mut auth = service.auth();
            minute.spawn(async move {
                let email = format!("person{number}@example.org");
                auth.sign_up(sign_up(&email)).await.map(drop)
            });
        }
        assert!(minute.join_all().await.iter().all(Result::is_ok));
        let mut minute = JoinSet::new();
        for number in 0..100 {
            let mut auth = service.auth();
            let email = format!("person{}@example.org", number % 7);
            minute.spawn(async move { auth.sign_in(sign_in(&email, PASSWORD)).await.map(drop) });
        }
        assert!(minute.join_all().await.iter().all(Result::is_ok));
        service.seconds_pass(60);
    }
}

#[tokio::test]
async fn sign_ups_have_a_limit_of_their_own_whatever_comes_of_them() {
    let service = Service::start_with(&[("TANDEM_AUTH_THROTTLE_SIGN_UPS_PER_NETWORK", "3")]).await;
    service.person("ann@example.org").await;
    for _ in 0..2 {
        let taken = service.auth().sign_up(sign_up("ann@example.org")).await;
        assert_refused(taken, Code::AlreadyExists, ErrorReason::EmailTaken);
    }
    let delay = assert_throttled(service.auth().sign_up(sign_up("bob@example.org")).await);
    assert_eq!(delay.as_secs(), 60);
    service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("not a sign-up");
    service.seconds_pass(60);
    service.person("bob@example.org").await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_guesses_at_once_of_a_stolen_session_get_ten_answers() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let mut guesses = JoinSet::new();
    for _ in 0..100 {
        let mut account = service.account();
        let mut request = Request::new(pb::ChangePasswordRequest {
            current_password: WRONG.to_owned(),
            new_password: "another horse of mine".to_owned(),
        });
        let bearer = format!("Bearer {}", ann.session.access_token);
        request
            .metadata_mut()
            .insert("authorization", bearer.parse().expect("ASCII"));
        guesses.spawn(async move { account.change_password(request).await });
    }
    let answers = guesses.join_all().await;
    let wrong = |status: &Status| reason_of(status) == ErrorReason::PasswordWrong.name();
    let looked_at = answers
        .iter()
        .filter(|answer| answer.as_ref().is_err_and(wrong))
        .count();
    assert_eq!(looked_at, LIMIT);
}

#[tokio::test]
async fn wrong_secrets_of_services_are_counted_by_network_and_right_ones_always_pass() {
    let service = Service::start_with(&[("TANDEM_AUTH_THROTTLE_WRONG_PER_NETWORK", "3")]).await;
    let wrong = || pb::IssueServiceTokenRequest {
        secret: "wrong".to_owned(),
        ..WATCHER.asks("tandem.auth")
    };
    for _ in 0..3 {
        let refused = service.issue(wrong()).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    }
    let delay = assert_throttled(service.issue(wrong()).await);
    assert_eq!(delay.as_secs(), WINDOW_SECONDS);
    service
        .issue(WATCHER.asks("tandem.auth"))
        .await
        .expect("a neighbour does not shut it out");
    service.seconds_pass(WINDOW_SECONDS);
    let refused = service.issue(wrong()).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
}

#[tokio::test]
async fn a_call_that_ended_without_an_answer_gives_its_place_back() {
    let service =
        Service::start_with(&[("TANDEM_AUTH_HASH_THREADS", "1"), ("TANDEM_AUTH_HASH_QUEUE", "1")]).await;
    service.person("ann@example.org").await;
    const PLACES: &str = "SELECT coalesce(sum(cardinality(reserved) + cardinality(counted)), 0)::bigint
                          FROM throttles WHERE kind = 'password_account'";
    let mut flood = JoinSet::new();
    for _ in 0..40 {
        let mut auth = service.auth();
        flood.spawn(async move { auth.sign_in(sign_in("ann@example.org", PASSWORD)).await });
    }
    let overloaded = |status: &Status| reason_of(status) == ErrorReason::Overloaded.name();
    let answers = flood.join_all().await;
    assert!(
        answers
            .iter()
            .any(|answer| answer.as_ref().is_err_and(overloaded))
    );
    while service.count(PLACES).await > 0 {
        tokio::task::yield_now().await;
    }
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
