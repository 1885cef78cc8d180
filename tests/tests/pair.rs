//! The seam between the two services: tokens made by one and believed by the other, and people kept apart.

use proto::auth::v1::{GetUserRequest, RefreshSessionRequest, SignInRequest, SignOutRequest};
use proto::tasks::v1::{
    CancelTaskRequest, CompleteTaskRequest, DeleteTaskRequest, GetTaskRequest, ListTasksRequest,
    ReopenTaskRequest, Task, UndeleteTaskRequest, UpdateTaskRequest,
};
use tonic::{Code, Status};

use crate::harness::{Person, System, anonymous, assert_refused, bearing};

#[tokio::test]
async fn the_token_of_a_sign_up_opens_task_service_and_names_the_person() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let user = system
        .account_service()
        .get_user(alice.asks(GetUserRequest {}))
        .await;
    assert_eq!(user.unwrap().into_inner().email, alice.email);
    let task = alice.adds(&system, "Water the plants").await;
    assert_eq!(titles(&alice.sees(&system).await), ["Water the plants"]);
    assert!(!task.id.is_empty() && !task.etag.is_empty());
}

#[tokio::test]
async fn nobody_reaches_what_another_person_has() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let bob = Person::sign_up(&system, "bob").await;
    let task = alice.adds(&system, "Buy a ring").await;
    assert!(bob.sees(&system).await.is_empty());

    let nowhere = "0198c0de-0000-7000-8000-000000000000";
    let never_was = every_way_to(&bob, nowhere, &system).await;
    let hers = every_way_to(&bob, &task.id, &system).await;
    for ((method, hers), (_, never_was)) in hers.iter().zip(&never_was) {
        assert_eq!(hers.code(), Code::NotFound, "{method}: {hers}");
        assert_eq!(hers.message(), never_was.message(), "{method}");
        assert_eq!(hers.details(), never_was.details(), "{method}");
    }
    assert_eq!(alice.sees(&system).await, [task]);
}

/// What becomes of every call on a task of this id.
async fn every_way_to(person: &Person, id: &str, system: &System) -> Vec<(&'static str, Status)> {
    let mut tasks = system.task_service();
    let id = || id.to_owned();
    let change = Task {
        id: id(),
        title: "Mine".to_owned(),
        ..Task::default()
    };
    let change = UpdateTaskRequest {
        task: Some(change),
        ..UpdateTaskRequest::default()
    };
    macro_rules! refusal {
        ($method:ident, $request:expr) => {{
            let answer = tasks.$method(person.asks($request)).await;
            (stringify!($method), answer.map(drop).unwrap_err())
        }};
        ($method:ident, any $Request:ident) => {
            refusal!(
                $method,
                $Request {
                    id: id(),
                    ..$Request::default()
                }
            )
        };
    }
    vec![
        refusal!(get_task, GetTaskRequest { id: id() }),
        refusal!(update_task, change),
        refusal!(complete_task, any CompleteTaskRequest),
        refusal!(reopen_task, any ReopenTaskRequest),
        refusal!(cancel_task, any CancelTaskRequest),
        refusal!(delete_task, any DeleteTaskRequest),
        refusal!(undelete_task, any UndeleteTaskRequest),
    ]
}

#[tokio::test]
async fn without_a_good_token_task_service_lets_nobody_in() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let good = &alice.session.access_token;
    let mut tasks = system.task_service();
    let all = ListTasksRequest::default;
    assert!(tasks.list_tasks(bearing(good, all())).await.is_ok());

    let refused = tasks.list_tasks(anonymous(all())).await.unwrap_err();
    assert_refused(&refused, Code::Unauthenticated, "TOKEN_MISSING");
    let (unsigned, _) = good.rsplit_once('.').unwrap();
    for forged in [
        format!("{unsigned}."),
        format!("{unsigned}.AAAA"),
        "x".repeat(8000),
    ] {
        let refused = tasks.list_tasks(bearing(&forged, all())).await.unwrap_err();
        assert_refused(&refused, Code::Unauthenticated, "TOKEN_INVALID");
    }
}

#[tokio::test]
async fn a_refreshed_session_goes_on_with_a_new_token() {
    let system = System::shared().await;
    let mut alice = Person::sign_up(&system, "alice").await;
    alice.adds(&system, "Renew the passport").await;
    let request = RefreshSessionRequest {
        refresh_token: alice.session.refresh_token.clone(),
        ..RefreshSessionRequest::default()
    };
    let fresh = system.auth_service().refresh_session(request).await.unwrap();
    let fresh = fresh.into_inner().session.unwrap();
    assert_eq!(fresh.session_id, alice.session.session_id);
    assert_ne!(fresh.access_token, alice.session.access_token);
    assert_ne!(fresh.refresh_token, alice.session.refresh_token);
    alice.session = fresh;
    assert_eq!(titles(&alice.sees(&system).await), ["Renew the passport"]);
}

#[tokio::test]
async fn a_sign_out_ends_the_session_and_a_sign_in_begins_another() {
    let system = System::shared().await;
    let mut alice = Person::sign_up(&system, "alice").await;
    alice.adds(&system, "Pack").await;
    let mut auth = system.auth_service();
    let refresh_token = alice.session.refresh_token.clone();
    let request = SignOutRequest {
        refresh_token: refresh_token.clone(),
    };
    auth.sign_out(request).await.unwrap();

    let request = RefreshSessionRequest {
        refresh_token,
        ..RefreshSessionRequest::default()
    };
    let refused = auth.refresh_session(request).await.unwrap_err();
    assert_refused(&refused, Code::Unauthenticated, "SESSION_ENDED");
    let refused = system
        .account_service()
        .get_user(alice.asks(GetUserRequest {}))
        .await
        .unwrap_err();
    assert_refused(&refused, Code::Unauthenticated, "TOKEN_REVOKED");

    let request = SignInRequest {
        email: alice.email.to_uppercase(),
        password: alice.password.clone(),
        ..SignInRequest::default()
    };
    alice.session = auth.sign_in(request).await.unwrap().into_inner().session.unwrap();
    assert_eq!(titles(&alice.sees(&system).await), ["Pack"]);
}

#[tokio::test]
async fn two_systems_run_side_by_side_and_refuse_each_others_tokens() {
    let (here, there) = (System::shared().await, System::start().await);
    let alice = Person::sign_up(&here, "alice").await;
    let stranger = Person::sign_up(&there, "stranger").await;
    assert_ne!(here.token_keys(), there.token_keys());
    for (system, guest) in [(&*here, &stranger), (&there, &alice)] {
        let request = guest.asks(ListTasksRequest::default());
        let refused = system.task_service().list_tasks(request).await.unwrap_err();
        assert_refused(&refused, Code::Unauthenticated, "TOKEN_INVALID");
        let request = guest.asks(GetUserRequest {});
        let refused = system.account_service().get_user(request).await.unwrap_err();
        assert_refused(&refused, Code::Unauthenticated, "TOKEN_INVALID");
    }
    assert!(alice.sees(&here).await.is_empty());
    assert!(stranger.sees(&there).await.is_empty());
}

fn titles(tasks: &[Task]) -> Vec<&str> {
    tasks.iter().map(|task| task.title.as_str()).collect()
}
