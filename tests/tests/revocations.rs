//! A session that ends early: auth-service knows at once, task-service within a second, without asking.

mod streams;

use std::time::{Duration, Instant};

use proto::auth::v1::{Session, SignOutRequest};
use proto::tasks::v1::ListTasksRequest;
use tonic::{Code, Status};

use crate::harness::{Person, System, assert_refused, bearing};

/// What is promised from the commit to the refusal.
const PROMISED: Duration = Duration::from_secs(1);

#[tokio::test]
async fn who_signs_out_is_refused_by_task_service_within_a_second_and_others_are_not() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let bob = Person::sign_up(&system, "bob").await;
    list(&system, &alice.session).await.expect("signed in");
    sign_out(&system, &alice.session).await;
    let took = until_refused(&system, &alice.session).await;
    assert!(took < PROMISED, "{took:?}");
    list(&system, &bob.session).await.expect("still signed in");
}

#[tokio::test]
async fn a_crash_and_a_new_start_forget_no_session_that_ended() {
    let mut system = System::start().await;
    let alice = Person::sign_up(&system, "alice").await;
    let bob = Person::sign_up(&system, "bob").await;
    sign_out(&system, &alice.session).await;
    system.kill_all();
    system.start_again().await;
    let refused = list(&system, &alice.session).await.expect_err("signed out");
    assert_refused(&refused, Code::Unauthenticated, "TOKEN_REVOKED");
    list(&system, &bob.session).await.expect("still signed in");
    sign_out(&system, &bob.session).await;
    let took = until_refused(&system, &bob.session).await;
    assert!(took < PROMISED, "the stream goes on after the crash: {took:?}");
}

async fn sign_out(system: &System, session: &Session) {
    let request = SignOutRequest {
        refresh_token: session.refresh_token.clone(),
    };
    system.auth_service().sign_out(request).await.expect("out");
}

async fn list(system: &System, session: &Session) -> Result<(), Status> {
    let request = bearing(&session.access_token, ListTasksRequest::default());
    system.task_service().list_tasks(request).await.map(drop)
}

/// From the answer to sign-out, which comes after the commit, to the first refusal.
async fn until_refused(system: &System, session: &Session) -> Duration {
    let begun = Instant::now();
    loop {
        match list(system, session).await {
            Err(status) => {
                assert_refused(&status, Code::Unauthenticated, "TOKEN_REVOKED");
                return begun.elapsed();
            }
            Ok(()) => assert!(begun.elapsed() < PROMISED * 10, "never refused\n{}", system.log()),
        }
    }
}
