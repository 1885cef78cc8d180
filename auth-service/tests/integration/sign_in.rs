//! AuthService.SignIn.

use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tokio::task::JoinSet;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::harness::{PASSWORD, Service, assert_invalid, assert_refused, sign_in};

#[tokio::test]
async fn email_and_password_start_a_session_of_its_own() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let session = service
        .sign_in("ANN@Example.org", PASSWORD)
        .await
        .expect("signed in");
    assert_ne!(session.session_id, ann.session.session_id);
    assert_eq!(session.user.as_ref(), Some(ann.user()));
    assert_eq!(
        service.get_user(&session.access_token).await.expect("good").id,
        ann.user().id
    );
}

#[tokio::test]
async fn wrong_password_unknown_email_and_disabled_account_are_one_answer() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    service.person("bob@example.org").await;
    service.disable("bob@example.org").await;
    let mut texts = Vec::new();
    for (email, password) in [
        ("ann@example.org", "not her password"),
        ("ann@example.org", "A HORSE OF MY OWN"),
        ("nobody@example.org", PASSWORD),
        ("bob@example.org", PASSWORD),
    ] {
        let refused = service.sign_in(email, password).await;
        let status = assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
        texts.push((status.message().to_owned(), status.details().to_vec()));
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn an_unknown_email_costs_the_one_hash_that_a_known_one_costs() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    service.disable("ann@example.org").await;
    for email in ["ann@example.org", "nobody@example.org"] {
        let before = service.app.hasher().hashes_done();
        service.sign_in(email, PASSWORD).await.expect_err("refused");
        assert_eq!(service.app.hasher().hashes_done(), before + 1, "{email}");
    }
}

#[tokio::test]
async fn missing_and_oversized_fields_are_told_and_cost_no_hash() {
    let service = Service::start().await;
    assert_invalid(service.sign_in("", "").await, &["email", "password"]);
    assert_invalid(
        service.sign_in("ann", &"x".repeat(257)).await,
        &["email", "password"],
    );
    let email = format!("{}@example.org", "x".repeat(300));
    assert_invalid(service.sign_in(&email, PASSWORD).await, &["email"]);
    assert_eq!(service.app.hasher().hashes_done(), 0);
}

#[tokio::test]
async fn a_device_is_known_again_by_its_owner_alone() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service.person("bob@example.org").await;
    let with_anns_device = |email: &str| pb::SignInRequest {
        device_token: ann.session.device_token.clone(),
        ..sign_in(email, PASSWORD)
    };
    let device_of = async |request| {
        let reply = service.auth().sign_in(request).await.expect("signed in");
        reply.into_inner().session.expect("a session").device_token
    };
    assert_eq!(
        device_of(with_anns_device("ann@example.org")).await,
        ann.session.device_token
    );
    assert_ne!(
        device_of(with_anns_device("bob@example.org")).await,
        ann.session.device_token
    );
    let nonsense = pb::SignInRequest {
        device_token: "nonsense".to_owned(),
        ..sign_in("ann@example.org", PASSWORD)
    };
    assert_eq!(device_of(nonsense).await.len(), ann.session.device_token.len());
}

#[tokio::test]
async fn a_device_is_forgotten_when_nobody_signs_in_with_it_for_half_a_year() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let known = service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("signed in");
    service.days_pass(100);
    let again = pb::SignInRequest {
        device_token: ann.session.device_token.clone(),
        ..sign_in("ann@example.org", PASSWORD)
    };
    service.auth().sign_in(again).await.expect("signed in");
    service.days_pass(81);
    auth_service::housekeeping::sweep(&service.app)
        .await
        .expect("swept");
    assert_ne!(known.device_token, ann.session.device_token);
    assert_eq!(service.count("SELECT count(*) FROM devices").await, 1);
}

#[tokio::test]
async fn a_flood_is_turned_away_with_a_time_to_come_again_and_other_calls_stay_served() {
    let service =
        Service::start_with(&[("TANDEM_AUTH_HASH_THREADS", "1"), ("TANDEM_AUTH_HASH_QUEUE", "2")]).await;
    let ann = service.person("ann@example.org").await;
    let mut flood = JoinSet::new();
    for _ in 0..64 {
        let mut auth = service.auth();
        flood.spawn(async move { auth.sign_in(sign_in("ann@example.org", PASSWORD)).await });
    }
    ann.get_user().await.expect("no part of the flood");
    let (passed, refused): (Vec<_>, Vec<_>) = flood.join_all().await.into_iter().partition(Result::is_ok);
    assert!(!passed.is_empty() && !refused.is_empty());
    for refused in refused {
        let status = assert_refused(refused, Code::ResourceExhausted, ErrorReason::Overloaded);
        assert!(status.get_details_retry_info().is_some());
    }
}

#[tokio::test]
async fn sign_ins_that_wait_leave_the_connections_to_other_calls() {
    const TURNS: i64 = 4;
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let service = Service::start_with(&[("TANDEM_AUTH_HASH_THREADS", "1")]).await;
    let ann = service.person("ann@example.org").await;
    let mut locked = service.database.pool().begin().await.expect("begun");
    sqlx::query("LOCK TABLE throttles IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *locked)
        .await
        .expect("locked");
    let mut crowd = JoinSet::new();
    for _ in 0..64 {
        let mut auth = service.auth();
        crowd.spawn(async move { auth.sign_in(sign_in("ann@example.org", PASSWORD)).await });
    }
    while service.count(WAITING).await < TURNS {
        tokio::task::yield_now().await;
    }
    for _ in 0..20 {
        ann.get_user().await.expect("a connection is free");
    }
    assert_eq!(service.count(WAITING).await, TURNS);
    locked.commit().await.expect("unlocked");
    for signed_in in crowd.join_all().await {
        signed_in.expect("signed in");
    }
}

#[tokio::test]
async fn a_hundred_sign_ins_at_once_pass() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    let mut crowd = JoinSet::new();
    for _ in 0..100 {
        let mut auth = service.auth();
        crowd.spawn(async move { auth.sign_in(sign_in("ann@example.org", PASSWORD)).await });
    }
    for signed_in in crowd.join_all().await {
        signed_in.expect("signed in");
    }
}

#[tokio::test]
async fn an_operator_sees_hashing_and_the_pool() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    let page = service.metrics.encode();
    for line in [
        "tandem_auth_hashes_total 1",
        "tandem_auth_hashes_refused_total 0",
        "tandem_auth_hash_queue_waiting 0",
        "tandem_auth_hash_queue_wait_seconds_count 1",
        "tandem_database_connections_open ",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
}
