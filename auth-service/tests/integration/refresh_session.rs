//! AuthService.RefreshSession: the chain of tokens, retries and reuse. Cookies are in `cookies`, races in `races`.

use proto::errors::v1::ErrorReason;
use tonic::{Code, Status};

use crate::harness::{PASSWORD, Service, assert_invalid, assert_refused};

#[track_caller]
fn assert_ended<T>(result: Result<T, Status>) {
    assert_refused(result, Code::Unauthenticated, ErrorReason::SessionEnded);
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_of_the_same_session() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service.seconds_pass(3600);
    let next = service
        .refresh(&ann.session.refresh_token)
        .await
        .expect("refreshed");
    assert_eq!(next.session_id, ann.session.session_id);
    assert_eq!(next.user, ann.session.user);
    assert_ne!(next.refresh_token, ann.session.refresh_token);
    assert!(
        next.refresh_token_expire_time.expect("set").seconds
            > ann.session.refresh_token_expire_time.expect("set").seconds
    );
    assert!(next.device_token.is_empty());
    assert_refused(
        ann.get_user().await,
        Code::Unauthenticated,
        ErrorReason::TokenExpired,
    );
    service.get_user(&next.access_token).await.expect("fresh");
}

#[tokio::test]
async fn a_retry_within_the_window_is_answered_with_the_newest_token_of_the_chain() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    let first = ann.session.refresh_token.clone();
    for _ in 0..5 {
        ann.refresh().await.expect("refreshed");
        let retry = service.refresh(&first).await.expect("within the window");
        assert_eq!(retry.refresh_token, ann.session.refresh_token);
    }
    service.seconds_pass(29);
    assert_eq!(
        service.refresh(&first).await.expect("in time").refresh_token,
        ann.session.refresh_token
    );
}

#[tokio::test]
async fn every_token_handed_out_in_the_window_works_on() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let one = service.refresh(&ann.session.refresh_token).await.expect("first");
    service.seconds_pass(20);
    let two = service.refresh(&ann.session.refresh_token).await.expect("retry");
    service.days_pass(1);
    let from_one = service.refresh(&one.refresh_token).await.expect("works on");
    let from_two = service.refresh(&two.refresh_token).await.expect("works on");
    assert_eq!(from_one.refresh_token, from_two.refresh_token);
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_had_again_days_later() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let lost = service
        .refresh(&ann.session.refresh_token)
        .await
        .expect("refreshed");
    service.days_pass(7);
    let again = service
        .refresh(&ann.session.refresh_token)
        .await
        .expect("its successor was never presented");
    assert_eq!(again.refresh_token, lost.refresh_token);
    service.refresh(&again.refresh_token).await.expect("works on");
}

#[tokio::test]
async fn reuse_after_the_window_ends_the_session_for_everybody_in_it() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    let stolen = ann.session.refresh_token.clone();
    ann.refresh().await.expect("refreshed");
    ann.refresh().await.expect("the successor was presented");
    service.seconds_pass(31);
    assert_ended(service.refresh(&stolen).await);
    assert_ended(service.refresh(&ann.session.refresh_token).await);
    assert_refused(
        ann.get_user().await,
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
    );
    service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("a new session is no part of it");
}

#[tokio::test]
async fn the_window_is_counted_from_the_first_use() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    let first = ann.session.refresh_token.clone();
    ann.refresh().await.expect("first use");
    ann.refresh().await.expect("the successor was presented");
    service.seconds_pass(20);
    service.refresh(&first).await.expect("within 30 s");
    service.seconds_pass(11);
    assert_ended(service.refresh(&first).await);
}

#[tokio::test]
async fn what_is_no_token_of_ours_leads_to_no_session() {
    let service = Service::start().await;
    for token in [
        "nonsense",
        &"A".repeat(43),
        &"A".repeat(500_000),
        "\u{1F40E}",
        "' OR true --",
    ] {
        assert_ended(service.refresh(token).await);
    }
}

#[tokio::test]
async fn a_missing_token_is_told() {
    let service = Service::start().await;
    assert_invalid(service.refresh("").await, &["refresh_token"]);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    service.days_pass(29);
    ann.refresh().await.expect("in time");
    service.days_pass(29);
    ann.refresh().await.expect("prolonged");
    service.days_pass(30);
    assert_ended(ann.refresh().await);
}

#[tokio::test]
async fn a_session_ends_after_ninety_days_however_much_it_is_used() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    for _ in 0..4 {
        service.days_pass(20);
        ann.refresh().await.expect("used");
    }
    let expires = ann.session.refresh_token_expire_time.expect("set");
    let created = ann.user().create_time.expect("set");
    assert_eq!(expires.seconds - created.seconds, 90 * 24 * 60 * 60);
    service.days_pass(10);
    assert_ended(ann.refresh().await);
}

#[tokio::test]
async fn the_lives_of_a_session_are_settings() {
    let service = Service::start_with(&[
        ("TANDEM_AUTH_SESSION_DAYS", "2"),
        ("TANDEM_AUTH_SESSION_IDLE_DAYS", "1"),
    ])
    .await;
    let idle = service.person("ann@example.org").await;
    service.days_pass(1);
    assert_ended(service.refresh(&idle.session.refresh_token).await);
}

#[tokio::test]
async fn a_disabled_person_cannot_refresh() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    service.disable("ann@example.org").await;
    assert_ended(ann.refresh().await);
}

#[tokio::test]
async fn the_access_token_does_not_outlive_the_session() {
    let service = Service::start_with(&[
        ("TANDEM_AUTH_SESSION_DAYS", "1"),
        ("TANDEM_AUTH_SESSION_IDLE_DAYS", "1"),
    ])
    .await;
    let mut ann = service.person("ann@example.org").await;
    let end = ann.session.refresh_token_expire_time.expect("set");
    service.seconds_pass(24 * 60 * 60 - 60);
    ann.refresh().await.expect("a minute is left");
    assert_eq!(
        ann.session.access_token_expire_time.expect("set").seconds,
        end.seconds
    );
}

#[tokio::test]
async fn a_chain_that_is_too_long_to_walk_is_not_walked_and_the_session_lives() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    let first = ann.session.refresh_token.clone();
    ann.refresh().await.expect("first use");
    for statement in [
        "UPDATE refresh_tokens SET generation = 2000 WHERE generation = 1",
        "UPDATE sessions SET generation = 2000",
    ] {
        sqlx::query(statement)
            .execute(&service.database.pool())
            .await
            .expect("grown");
    }
    let refused = service.refresh(&first).await;
    assert_refused(refused, Code::ResourceExhausted, ErrorReason::Overloaded);
    ann.refresh().await.expect("the newest needs no walk");
}
