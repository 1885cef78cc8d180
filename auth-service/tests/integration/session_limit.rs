//! A person has a limited number of sessions; a further sign-in ends the one used longest ago.

use tokio::task::JoinSet;

use crate::harness::{PASSWORD, Service, sign_in};

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
    const LIVING: &str = "SELECT count(*) FROM sessions WHERE end_time IS NULL";
    assert_eq!(service.count(LIVING).await, 3);
}
