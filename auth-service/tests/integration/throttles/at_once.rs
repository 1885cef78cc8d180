//! Many tries at the same moment pass no more than one after another, and those that are right keep nobody out.

use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tokio::task::JoinSet;
use tonic::{Code, Request, Status};

use super::{LIMIT, WRONG, assert_throttled};
use crate::harness::{PASSWORD, Service, reason_of, sign_in};

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
