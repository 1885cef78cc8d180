//! AccountService.RevokeSession and RevokeOtherSessions.

use std::sync::Arc;

use proto::auth::v1::security_event::Kind;
use proto::errors::v1::ErrorReason;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tonic::Code;

use crate::harness::{PASSWORD, Service, assert_invalid, assert_refused, authorized, refresh};

#[tokio::test]
async fn a_session_ends_by_its_owners_word_and_no_other_does() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let phone = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    let tablet = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    ann.revoke(&phone.session_id).await.expect("ended");
    service.assert_ended(&phone).await;
    ann.get_user().await.expect("goes on");
    service.refresh(&tablet.refresh_token).await.expect("goes on");
    assert_eq!(ann.list_sessions().await.expect("hers").len(), 2);
}

#[tokio::test]
async fn ending_a_session_twice_is_fine() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let phone = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    ann.revoke(&phone.session_id).await.expect("ended");
    service.seconds_pass(60);
    ann.revoke(&phone.session_id).await.expect("still ended");
    const LATER: &str = "SELECT count(*) FROM sessions WHERE end_time > create_time";
    assert_eq!(service.count(LATER).await, 0);
}

#[tokio::test]
async fn ones_own_session_may_be_ended_and_is_over_then() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    ann.revoke(&ann.session.session_id).await.expect("ended");
    service.assert_ended(&ann.session).await;
    let again = ann.revoke(&ann.session.session_id).await;
    assert_refused(again, Code::Unauthenticated, ErrorReason::TokenRevoked);
}

#[tokio::test]
async fn a_foreign_session_is_as_unknown_as_one_that_never_was_and_lives_on() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    let never = uuid::Uuid::nil().to_string();
    let foreign = ann.revoke(&bob.session.session_id).await;
    let foreign = assert_refused(foreign, Code::NotFound, ErrorReason::NotFound);
    let unknown = assert_refused(ann.revoke(&never).await, Code::NotFound, ErrorReason::NotFound);
    assert_eq!(foreign.message(), unknown.message());
    bob.get_user().await.expect("lives on");
    bob.revoke(&bob.session.session_id).await.expect("his own");
}

#[tokio::test]
async fn what_is_no_session_id_is_told() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    for id in ["", "x", &"0".repeat(1000), &ann.session.refresh_token] {
        assert_invalid(ann.revoke(id).await, &["session_id"]);
    }
}

#[tokio::test]
async fn all_but_ones_own_session_end_and_nobody_elses() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(service.sign_in(&ann.email, PASSWORD).await.expect("signed in"));
    }
    assert_eq!(ann.revoke_others().await.expect("ended"), 3);
    for other in &others {
        service.assert_ended(other).await;
    }
    ann.get_user().await.expect("goes on");
    bob.get_user().await.expect("goes on");
    assert_eq!(ann.revoke_others().await.expect("none left"), 0);
}

#[tokio::test]
async fn every_session_that_was_ended_is_written_down_and_revoked_once() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let mut others = Vec::new();
    for _ in 0..3 {
        let session = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
        others.push(session.session_id);
    }
    service.seconds_pass(1);
    ann.revoke(&others[0]).await.expect("ended");
    ann.revoke(&others[0]).await.expect("ended before");
    ann.revoke_others().await.expect("ended");
    let events = ann.security_events().await;
    let mut revoked: Vec<_> = events
        .into_iter()
        .filter(|event| event.kind() == Kind::SessionRevoked)
        .map(|event| event.session_id)
        .collect();
    revoked.sort();
    others.sort();
    assert_eq!(revoked, others);
    assert_eq!(service.count("SELECT count(*) FROM revocations").await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refresh_that_races_a_revocation_never_yields_a_working_token() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    for _ in 0..30 {
        let phone = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
        let (refreshed, revoked) = tokio::join!(
            service.refresh(&phone.refresh_token),
            ann.revoke(&phone.session_id)
        );
        revoked.expect("ended");
        service.assert_ended(&phone).await;
        if let Ok(session) = refreshed {
            service.assert_ended(&session).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_that_end_one_another_at_once_leave_one_at_most_and_no_fault() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    for _ in 0..5 {
        let start = Arc::new(Barrier::new(6));
        let mut all = JoinSet::new();
        let mut sessions = Vec::new();
        for _ in 0..6 {
            let session = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
            let (mut account, auth, start) = (service.account(), service.auth(), start.clone());
            sessions.push(session.clone());
            all.spawn(async move {
                start.wait().await;
                let request = authorized(
                    &session.access_token,
                    proto::auth::v1::RevokeOtherSessionsRequest {},
                );
                let (ended, refreshed) = tokio::join!(
                    account.revoke_other_sessions(request),
                    refresh(auth, &session.refresh_token)
                );
                for status in [ended.err(), refreshed.err()].into_iter().flatten() {
                    assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
                }
            });
        }
        all.join_all().await;
        const LIVING: &str = "SELECT count(*) FROM sessions WHERE end_time IS NULL";
        assert_eq!(service.count(LIVING).await, 1);
    }
}
