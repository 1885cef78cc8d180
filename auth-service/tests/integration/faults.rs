//! Postgres away, slow, or gone in the middle of a commit.

use std::time::Duration;

use proto::auth::v1::SignInRequest;
use proto::errors::v1::ErrorReason;
use tandem_postgres::test::{self, ChaosProxy};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt as _;

use crate::harness::{PASSWORD, Service, WATCHER, assert_refused, sign_in, sign_up};

/// A service that reaches its database through a faulty way.
async fn behind_proxy(settings: &[(&str, &str)]) -> (Service, ChaosProxy) {
    let database = test::database("auth-service", &auth_service::MIGRATOR).await;
    let proxy = database.proxy().await;
    let url = proxy.url();
    (Service::start_on(database, Some(url), settings).await, proxy)
}

#[tokio::test]
async fn without_postgres_callers_are_told_to_come_again_and_the_process_stays_alive() {
    let (service, proxy) = behind_proxy(&[]).await;
    let mut ann = service.person("ann@example.org").await;
    proxy.cut();
    for refused in [
        service.sign_in("ann@example.org", PASSWORD).await.map(drop),
        service.auth().sign_up(sign_up("bob@example.org")).await.map(drop),
        service.refresh(&ann.session.refresh_token).await.map(drop),
        service.sign_out(&ann.session.refresh_token).await,
        ann.get_user().await.map(drop),
        ann.list_sessions().await.map(drop),
        ann.revoke(&ann.session.session_id).await,
        ann.revoke_others().await.map(drop),
        ann.change_password(PASSWORD, "another horse of mine").await,
        service.issue(WATCHER.asks("tandem.auth")).await.map(drop),
    ] {
        let status = assert_refused(refused, Code::Unavailable, ErrorReason::DatabaseUnavailable);
        assert!(status.get_details_retry_info().is_some());
    }
    for name in [
        "",
        "tandem.auth.v1.AuthService",
        "tandem.auth.v1.AccountService",
        "tandem.auth.v1.ServiceTokenService",
    ] {
        assert_eq!(service.health(name).await, ServingStatus::Serving, "{name:?}");
    }
    proxy.restore();
    service.until_serving("tandem.database").await;
    ann.refresh().await.expect("nothing was lost");
}

#[tokio::test]
async fn a_sign_up_whose_commit_was_not_heard_of_is_whole() {
    let (service, proxy) = behind_proxy(&[]).await;
    let lost = proxy.lose_answer_to("COMMIT");
    let refused = service.auth().sign_up(sign_up("ann@example.org")).await;
    assert_refused(refused, Code::Unavailable, ErrorReason::DatabaseUnavailable);
    lost.await.expect("the commit was lost");
    let again = service.auth().sign_up(sign_up("ann@example.org")).await;
    assert_refused(again, Code::AlreadyExists, ErrorReason::EmailTaken);
    service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("the account is there");
    assert_eq!(service.count("SELECT count(*) FROM sessions").await, 2);
}

#[tokio::test]
async fn a_sign_up_that_broke_before_its_commit_is_absent() {
    let (service, proxy) = behind_proxy(&[]).await;
    let lost = proxy.lose_answer_to("INSERT INTO sessions");
    let refused = service.auth().sign_up(sign_up("ann@example.org")).await;
    assert_refused(refused, Code::Unavailable, ErrorReason::DatabaseUnavailable);
    lost.await.expect("the statement was lost");
    service
        .auth()
        .sign_up(sign_up("ann@example.org"))
        .await
        .expect("nothing was there");
}

#[tokio::test]
async fn a_replica_that_vanishes_in_a_sign_up_does_not_keep_the_email_locked() {
    let (service, proxy) = behind_proxy(&[]).await;
    let vanished = proxy.vanish_at("INSERT INTO sessions");
    let mut request = tonic::Request::new(sign_up("ann@example.org"));
    request.set_timeout(Duration::from_secs(2));
    assert!(service.auth().sign_up(request).await.is_err());
    vanished
        .await
        .expect("the account was inserted, and not committed");
    // It waits for the other insert, which ends with the time of the first call and long before that of its own.
    service
        .auth()
        .sign_up(sign_up("ann@example.org"))
        .await
        .expect("nothing was there");
}

#[tokio::test]
async fn a_refresh_of_which_the_database_could_not_tell_is_found_done() {
    let (service, proxy) = behind_proxy(&[]).await;
    let ann = service.person("ann@example.org").await;
    let lost = proxy.lose_answer_to_executed("UPDATE refresh_tokens");
    let refreshed = service.refresh(&ann.session.refresh_token).await;
    let refreshed = refreshed.expect("it is asked what became of it");
    lost.await.expect("the refresh was done");
    assert_eq!(service.count(REFRESHED).await, 1);
    service.days_pass(3);
    let again = service.refresh(&ann.session.refresh_token).await;
    let again = again.expect("its successor was never presented");
    assert_eq!(again.refresh_token, refreshed.refresh_token);
    service.refresh(&again.refresh_token).await.expect("works on");
    assert_eq!(service.count("SELECT count(*) FROM refresh_tokens").await, 3);
}

/// Sessions of which everything that a refresh writes is there.
const REFRESHED: &str = "SELECT count(*) FROM sessions s
    JOIN refresh_tokens old ON old.session_id = s.id AND old.generation = 0 AND old.use_time IS NOT NULL
    JOIN refresh_tokens new ON new.session_id = s.id AND new.generation = 1
    WHERE s.generation = 1";

#[tokio::test]
async fn of_a_refresh_that_fails_half_way_nothing_is_done() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    service.execute(REFUSE_TOKENS).await;
    let refused = service.refresh(&ann.session.refresh_token).await;
    assert_refused(refused, Code::Internal, ErrorReason::Internal);
    assert_eq!(
        service
            .count("SELECT max(generation)::bigint FROM sessions")
            .await,
        0,
        "the session is as it was"
    );
    service.execute("DROP TRIGGER refused ON refresh_tokens").await;
    ann.refresh().await.expect("the same token, for the first time");
    assert_eq!(service.count(REFRESHED).await, 1);
}

#[tokio::test]
async fn of_a_sign_in_that_fails_half_way_nothing_is_done() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service.execute(REFUSE_TOKENS).await;
    let refused = service.sign_in_on(&ann.session.device_token, &ann.email).await;
    assert_refused(refused, Code::Internal, ErrorReason::Internal);
    for (what, left) in [
        ("SELECT count(*) FROM sessions", 1),
        ("SELECT count(*) FROM security_events WHERE kind = 'signed_in'", 0),
    ] {
        assert_eq!(service.count(what).await, left, "{what}");
    }
    service.execute("DROP TRIGGER refused ON refresh_tokens").await;
    let signed_in = service.sign_in_on(&ann.session.device_token, &ann.email).await;
    signed_in.expect("signed in");
}

/// The last of what sign-in and refresh write cannot be written.
const REFUSE_TOKENS: &str = "
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
    CREATE TRIGGER refused AFTER INSERT ON refresh_tokens FOR EACH ROW EXECUTE FUNCTION refuse()";

#[tokio::test]
async fn a_sign_in_whose_answer_was_lost_is_whole_and_the_next_one_passes() {
    let (service, proxy) = behind_proxy(&[("TANDEM_AUTH_THROTTLE_WRONG_PASSWORDS", "1")]).await;
    let ann = service.person("ann@example.org").await;
    let lost = proxy.lose_answer_to_executed("INSERT INTO sessions");
    let refused = service.sign_in_on(&ann.session.device_token, &ann.email).await;
    assert_refused(refused, Code::Unavailable, ErrorReason::DatabaseUnavailable);
    lost.await.expect("the session was started");
    const WHOLE: &str = "SELECT count(*) FROM sessions s
        JOIN refresh_tokens t ON t.session_id = s.id
        JOIN security_events e ON e.session_id = s.id AND e.kind = 'signed_in'";
    assert_eq!(service.count(WHOLE).await, 1);
    let signed_in = service.sign_in_on(&ann.session.device_token, &ann.email).await;
    signed_in.expect("the attempt whose answer was lost does not count");
}

#[tokio::test]
async fn a_sign_in_waits_for_a_lock_no_longer_than_its_call_has_time() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let mut other = service.database.pool().begin().await.expect("begun");
    sqlx::query("SELECT FROM users FOR UPDATE")
        .execute(&mut *other)
        .await
        .expect("locked");
    for device_token in [ann.session.device_token.as_str(), ""] {
        let mut request = tonic::Request::new(SignInRequest {
            device_token: device_token.to_owned(),
            ..sign_in(&ann.email, PASSWORD)
        });
        request.set_timeout(Duration::from_secs(3));
        let mut auth = service.auth();
        let call = tokio::spawn(async move { auth.sign_in(request).await });
        while service.count(WAITING).await == 0 {
            assert!(!call.is_finished(), "it did not come to the lock");
            tokio::task::yield_now().await;
        }
        // Nobody waits on behind the call that was given up.
        while service.count(WAITING).await > 0 {
            tokio::task::yield_now().await;
        }
        call.await.expect("no panic").expect_err("out of time");
    }
    other.rollback().await.expect("let go");
    let signed_in = service.sign_in_on(&ann.session.device_token, &ann.email).await;
    signed_in.expect("free again");
    assert_eq!(service.count("SELECT count(*) FROM sessions").await, 2);
}

const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";

#[tokio::test]
async fn a_slow_postgres_does_not_hold_a_call_beyond_its_deadline() {
    let (service, proxy) = behind_proxy(&[("TANDEM_REQUEST_TIMEOUT_MS", "1500")]).await;
    let ann = service.person("ann@example.org").await;
    proxy.delay(Duration::from_secs(60));
    assert_refused(
        ann.get_user().await,
        Code::DeadlineExceeded,
        ErrorReason::DeadlineExceeded,
    );
}

#[tokio::test]
async fn a_change_of_password_whose_commit_was_not_heard_of_is_whole() {
    let (service, proxy) = behind_proxy(&[]).await;
    let ann = service.person("ann@example.org").await;
    let thief = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    let lost = proxy.lose_answer_to("COMMIT");
    let refused = ann.change_password(PASSWORD, "another horse of mine").await;
    assert_refused(refused, Code::Unavailable, ErrorReason::DatabaseUnavailable);
    lost.await.expect("the commit was lost");
    service.assert_ended(&thief).await;
    let session = service.sign_in(&ann.email, "another horse of mine").await;
    session.expect("the new one");
}
