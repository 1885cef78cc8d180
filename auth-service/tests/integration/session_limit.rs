//! A person has a limited number of sessions; a further sign-in ends the one used longest ago.

use proto::auth::v1::SignInRequest;
use tokio::task::JoinSet;

use crate::harness::{PASSWORD, Service, sign_in};

const LIVING: &str = "SELECT count(*) FROM sessions WHERE end_time IS NULL";
const THREE: [(&str, &str); 1] = [("TANDEM_AUTH_SESSIONS_PER_PERSON", "3")];

#[tokio::test]
async fn a_sign_in_beyond_the_limit_ends_the_session_that_was_used_longest_ago() {
    let service = Service::start_with(&THREE).await;
    let mut ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    let mut devices = Vec::new();
    for _ in 0..2 {
        service.seconds_pass(1);
        devices.push(service.sign_in(&ann.email, PASSWORD).await.expect("signed in"));
    }
    service.seconds_pass(1);
    ann.refresh().await.expect("her first session was used last");
    service.seconds_pass(1);
    service.sign_in(&ann.email, PASSWORD).await.expect("one too many");

    service.assert_ended(&devices[0]).await;
    service.get_user(&devices[1].access_token).await.expect("goes on");
    ann.get_user().await.expect("goes on");
    bob.get_user().await.expect("goes on");
    assert_eq!(ann.list_sessions().await.expect("hers").len(), 3);
    assert_eq!(service.count("SELECT count(*) FROM revocations").await, 1);
    const TOLD: &str = "SELECT count(*) FROM security_events JOIN revocations USING (session_id)
                        WHERE kind = 'session_revoked'";
    assert_eq!(service.count(TOLD).await, 1, "and she can read of it");
}

#[tokio::test]
async fn ended_and_expired_sessions_do_not_count() {
    let service = Service::start_with(&THREE).await;
    let ann = service.person("ann@example.org").await;
    for _ in 0..5 {
        let session = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
        service
            .sign_out(&session.refresh_token)
            .await
            .expect("signed out");
    }
    ann.get_user().await.expect("goes on");
}

#[tokio::test]
async fn on_a_known_device_too_a_sign_in_beyond_the_limit_ends_another_session_and_tells_of_it() {
    let service = Service::start_with(&THREE).await;
    let ann = service.person("ann@example.org").await;
    let device = &ann.session.device_token;
    for _ in 0..2 {
        service.seconds_pass(1);
        service.sign_in_on(device, &ann.email).await.expect("room");
    }
    ann.get_user().await.expect("three are allowed");
    service.seconds_pass(1);
    let newest = service
        .sign_in_on(device, &ann.email)
        .await
        .expect("one too many");
    service.assert_ended(&ann.session).await;
    service.get_user(&newest.access_token).await.expect("goes on");
    for (what, count) in [
        (LIVING, 3),
        ("SELECT count(*) FROM revocations", 1),
        (
            "SELECT count(*) FROM security_events WHERE kind = 'session_revoked'",
            1,
        ),
        ("SELECT count(*) FROM security_events WHERE kind = 'signed_in'", 3),
        ("SELECT count(*) FROM devices", 1),
        ("SELECT sum(cardinality(reserved)) FROM throttles", 0),
    ] {
        assert_eq!(service.count(what).await, count, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nor_do_they_on_one_known_device_at_two_replicas() {
    let one = Service::start_with(&THREE).await;
    let two = one.replica_with(&THREE).await;
    let ann = one.person("ann@example.org").await;
    let mut all = JoinSet::new();
    for number in 0..20 {
        let mut auth = if number % 2 == 0 { one.auth() } else { two.auth() };
        let device_token = ann.session.device_token.clone();
        let request = SignInRequest {
            device_token,
            ..sign_in("ann@example.org", PASSWORD)
        };
        all.spawn(async move { auth.sign_in(request).await });
    }
    for signed_in in all.join_all().await {
        signed_in.expect("signed in");
    }
    assert_eq!(one.count(LIVING).await, 3);
    assert_eq!(one.count("SELECT count(*) FROM sessions").await, 21);
}

/// All sign-ins wait for the person's row, and see the statement's view from before; what they count must be newer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_ins_that_waited_for_each_other_count_each_other() {
    let service = Service::start_with(&THREE).await;
    let ann = service.person("ann@example.org").await;
    let mut other = service.database.pool().begin().await.expect("begun");
    sqlx::query("SELECT FROM users FOR NO KEY UPDATE")
        .execute(&mut *other)
        .await
        .expect("locked");
    let mut all = JoinSet::new();
    for _ in 0..5 {
        let mut auth = service.auth();
        let request = SignInRequest {
            device_token: ann.session.device_token.clone(),
            ..sign_in("ann@example.org", PASSWORD)
        };
        all.spawn(async move { auth.sign_in(request).await });
    }
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while service.count(WAITING).await < 5 {
        tokio::task::yield_now().await;
    }
    other.commit().await.expect("let go");
    for signed_in in all.join_all().await {
        signed_in.expect("signed in");
    }
    assert_eq!(service.count(LIVING).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_ins_at_once_never_leave_more_than_the_limit() {
    let service = Service::start_with(&THREE).await;
    service.person("ann@example.org").await;
    let mut all = JoinSet::new();
    for _ in 0..20 {
        let mut auth = service.auth();
        all.spawn(async move { auth.sign_in(sign_in("ann@example.org", PASSWORD)).await });
    }
    for signed_in in all.join_all().await {
        signed_in.expect("signed in");
    }
    assert_eq!(service.count(LIVING).await, 3);
}
