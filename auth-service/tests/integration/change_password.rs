//! AccountService.ChangePassword.

use proto::auth::v1::security_event::Kind;
use proto::errors::v1::ErrorReason;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::harness::{PASSWORD, Service, assert_invalid, assert_refused, sign_in};

const NEW: &str = "another horse of mine";

#[tokio::test]
async fn the_new_password_works_and_the_old_one_does_not() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    ann.change_password(PASSWORD, NEW).await.expect("changed");
    service.sign_in(&ann.email, NEW).await.expect("the new one");
    let old = service.sign_in(&ann.email, PASSWORD).await;
    assert_refused(old, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    assert!(service.stored_hash().await.starts_with("$argon2id$"));
}

#[tokio::test]
async fn the_other_sessions_end_and_the_callers_goes_on() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    let thief = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    ann.change_password(PASSWORD, NEW).await.expect("changed");
    service.assert_ended(&thief).await;
    assert_eq!(service.count("SELECT count(*) FROM revocations").await, 1);
    ann.get_user().await.expect("goes on");
    ann.refresh().await.expect("goes on");
    bob.get_user().await.expect("goes on");
}

#[tokio::test]
async fn a_wrong_password_is_told_on_its_field_and_changes_nothing() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let phone = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    let refused = ann.change_password("not my password", NEW).await;
    let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::PasswordWrong);
    let violations = status
        .get_details_bad_request()
        .expect("a violation")
        .field_violations;
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].field, "current_password");
    service.get_user(&phone.access_token).await.expect("goes on");
    service
        .sign_in(&ann.email, PASSWORD)
        .await
        .expect("the old one still");
}

#[tokio::test]
async fn a_change_and_a_wrong_password_are_written_down() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service.seconds_pass(1);
    ann.change_password("not my password", NEW)
        .await
        .expect_err("wrong");
    service.seconds_pass(1);
    ann.change_password(PASSWORD, NEW).await.expect("changed");
    let events = ann.security_events().await;
    assert_eq!(events[0].kind(), Kind::PasswordChanged);
    assert_eq!(events[1].kind(), Kind::PasswordCheckFailed);
    for event in &events[..2] {
        assert_eq!(event.session_id, ann.session.session_id);
        assert_eq!(event.ip_address, "127.0.0.1");
    }
    assert_eq!(events.len(), 3);
}

#[tokio::test]
async fn what_is_missing_or_against_the_rules_is_told_and_costs_no_hash() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let before = service.app.hasher().hashes_done();
    assert_invalid(
        ann.change_password("", "").await,
        &["current_password", "new_password"],
    );
    assert_invalid(ann.change_password(PASSWORD, "short").await, &["new_password"]);
    assert_invalid(
        ann.change_password(&"x".repeat(257), NEW).await,
        &["current_password"],
    );
    assert_eq!(service.app.hasher().hashes_done(), before);
}

#[tokio::test]
async fn a_password_whose_hash_came_from_elsewhere_can_be_changed() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    // Of this password, by bcrypt.
    service
        .store_hash("$2b$04$XkNTSCAiHI178HJ63rFRFuBJe3YixSEVJCp/p38A2GuuzasS76liK")
        .await;
    ann.change_password("correct horse", NEW).await.expect("changed");
    service.sign_in(&ann.email, NEW).await.expect("the new one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sign_in_that_races_the_change_starts_no_session_with_the_old_password() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let (mut old, mut new) = (PASSWORD, NEW);
    for _ in 0..10 {
        let attempts = async {
            let mut auth = service.auth();
            auth.sign_in(sign_in(&ann.email, old)).await
        };
        let (changed, signed_in) = tokio::join!(ann.change_password(old, new), attempts);
        changed.expect("changed");
        match signed_in {
            Ok(reply) => {
                let session = reply.into_inner().session.expect("a session");
                service.assert_ended(&session).await;
            }
            refused => {
                assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
            }
        }
        std::mem::swap(&mut old, &mut new);
    }
    assert_eq!(ann.list_sessions().await.expect("hers").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_changes_at_once_one_finds_the_password_changed() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let (one, two) = tokio::join!(
        ann.change_password(PASSWORD, NEW),
        ann.change_password(PASSWORD, "a third horse of mine")
    );
    let (won, lost) = match one {
        Ok(()) => (NEW, two),
        Err(_) => ("a third horse of mine", one),
    };
    assert_refused(lost, Code::InvalidArgument, ErrorReason::PasswordWrong);
    service.sign_in(&ann.email, won).await.expect("the winner's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_that_races_the_upgrade_of_the_hash_still_succeeds() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    for _ in 0..5 {
        service
            .store_hash("$2b$04$XkNTSCAiHI178HJ63rFRFuBJe3YixSEVJCp/p38A2GuuzasS76liK")
            .await;
        let (changed, _either) = tokio::join!(
            ann.change_password("correct horse", NEW),
            service.sign_in(&ann.email, "correct horse")
        );
        changed.expect("the password is right");
        service.sign_in(&ann.email, NEW).await.expect("the new one");
    }
}
