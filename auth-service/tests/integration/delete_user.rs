//! AccountService.DeleteUser and CancelUserDeletion, and what becomes of the account.

mod grace;
mod purge;

use proto::errors::v1::ErrorReason;
use tandem_postgres::test::traces_of;
use tonic::Code;

use crate::harness::{ORIGIN, Owners, PASSWORD, Service, assert_invalid, assert_refused, sign_up};

/// Tables that may name a person who is gone, by id only.
const LEFT: [&str; 2] = ["purges", "revocations"];

/// Tables in which any of these texts stands, in whatever column.
async fn tables_with(service: &Service, texts: &[&str]) -> Vec<String> {
    let pool = service.database.pool();
    let mut tables = Vec::new();
    for text in texts {
        let traces = traces_of(&pool, text).await;
        tables.extend(traces.into_iter().map(|trace| trace.table));
    }
    tables.sort();
    tables.dedup();
    tables
}

#[tokio::test]
async fn an_account_is_gone_from_every_table_and_task_service_is_told() {
    let owners = Owners::start().await;
    let service = Service::start_with(&[("TANDEM_TASKS_URL", &owners.url())]).await;
    let bob = service.person("bob@example.org").await;
    let ann = service.person("ann@example.org").await;
    let phone = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    service.refresh(&phone.refresh_token).await.expect("refreshed");
    service
        .sign_in(&ann.email, "a guess of mine")
        .await
        .expect_err("wrong");
    let (id, session) = (ann.user().id.clone(), phone.session_id.clone());
    let texts = [id.as_str(), "ann@example.org", &session, &ann.session.session_id];
    assert!(
        tables_with(&service, &texts).await.len() > 3,
        "the scan finds nothing"
    );

    let reply = ann.delete(PASSWORD).await.expect("deleted").into_inner();
    assert_eq!(reply.purge_time.expect("at once").seconds, 1_795_262_400);
    service.until_purged().await;

    assert_eq!(owners.asked(), [id.as_str()]);
    assert_eq!(tables_with(&service, &texts).await, ["revocations"]);
    assert_eq!(service.count("SELECT count(*) FROM revocations").await, 2);
    // Only that of bob's address is left, which is nobody's.
    let kinds = "SELECT count(*) FROM throttles WHERE kind NOT LIKE '%address'";
    assert_eq!(service.count(kinds).await, 0);
    bob.get_user().await.expect("goes on");
    assert_eq!(service.count("SELECT count(*) FROM users").await, 1);
}

#[tokio::test]
async fn all_sessions_end_with_the_answer_and_the_email_is_free_at_once() {
    // No task-service, so that the account is not gone everywhere for a long time.
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let phone = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    ann.delete(PASSWORD).await.expect("deleted");
    service.assert_ended(&phone).await;
    service.assert_ended(&ann.session).await;
    let refused = service.sign_in(&ann.email, PASSWORD).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    let again = service
        .auth()
        .sign_up(sign_up("ann@example.org"))
        .await
        .expect("free");
    let again = again
        .into_inner()
        .session
        .expect("a session")
        .user
        .expect("a user");
    assert_ne!(again.id, ann.user().id);
    service.until_purges_are(1).await;
    service
        .sign_in(&ann.email, PASSWORD)
        .await
        .expect("the new account stays");
}

#[tokio::test]
async fn a_wrong_password_deletes_nothing_and_is_counted_as_everywhere() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    for _ in 0..10 {
        let refused = ann.delete("not my password").await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::PasswordWrong);
    }
    for password in ["not my password", PASSWORD] {
        let refused = ann.delete(password).await;
        assert_refused(refused, Code::ResourceExhausted, ErrorReason::TooManyAttempts);
    }
    assert_invalid(ann.delete("").await, &["password"]);
    assert_eq!(ann.get_user().await.expect("still there").purge_time, None);
}

#[tokio::test]
async fn the_refresh_cookie_is_cleared_for_the_web_app_alone() {
    let service = Service::start().await;
    for (email, origin, cleared) in [
        ("ann@example.org", Some(ORIGIN), true),
        ("bob@example.org", Some("https://elsewhere.example"), false),
        ("cat@example.org", None, false),
    ] {
        let person = service.person(email).await;
        let password = PASSWORD.to_owned();
        let mut request = person.request(proto::auth::v1::DeleteUserRequest { password });
        if let Some(origin) = origin {
            let origin = origin.parse().expect("ASCII");
            request.metadata_mut().insert("origin", origin);
        }
        let reply = service.account().delete_user(request).await.expect("deleted");
        let cookie = reply
            .metadata()
            .get("set-cookie")
            .map(|value| value.to_str().expect("ASCII"));
        assert_eq!(
            cookie.is_some_and(|cookie| cookie.contains("Max-Age=0")),
            cleared,
            "{email}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_deletions_at_once_one_finds_its_session_ended_and_the_account_goes_once() {
    let owners = Owners::start().await;
    let service = Service::start_with(&[("TANDEM_TASKS_URL", &owners.url())]).await;
    let ann = service.person("ann@example.org").await;
    let (one, two) = tokio::join!(ann.delete(PASSWORD), ann.delete(PASSWORD));
    let lost = match one {
        Ok(_) => two,
        Err(_) => {
            two.expect("one of them");
            one
        }
    };
    assert_refused(lost, Code::Unauthenticated, ErrorReason::TokenRevoked);
    service.until_purged().await;
    assert_eq!(owners.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_ins_and_refreshes_that_race_a_deletion_are_refused_as_ever_and_leave_nothing() {
    let service = Service::start().await;
    for round in 1..=5 {
        let ann = service.person("ann@example.org").await;
        let (right, wrong, refreshed, deleted) = tokio::join!(
            service.sign_in(&ann.email, PASSWORD),
            service.sign_in(&ann.email, "a guess of mine"),
            service.refresh(&ann.session.refresh_token),
            ann.delete(PASSWORD),
        );
        deleted.expect("deleted");
        assert_refused(wrong, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
        match right {
            Ok(session) => service.assert_ended(&session).await,
            refused => drop(assert_refused(
                refused,
                Code::Unauthenticated,
                ErrorReason::CredentialsInvalid,
            )),
        }
        if refreshed.is_err() {
            assert_refused(refreshed, Code::Unauthenticated, ErrorReason::SessionEnded);
        }
        service.until_purges_are(round).await;
    }
    for what in ["SELECT count(*) FROM users", "SELECT count(*) FROM sessions"] {
        assert_eq!(service.count(what).await, 0, "{what}");
    }
}
