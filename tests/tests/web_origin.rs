//! What a browser gets from the web origin: the page, both packages over grpc-web and HTTP/1.1, and a refresh token in a
//! cookie that only the origin's own pages can use.

use http::header::SET_COOKIE;
use proto::auth::v1::{
    RefreshSessionRequest, RefreshSessionResponse, RefreshTokenDelivery, SignOutRequest, SignOutResponse,
    SignUpRequest, SignUpResponse,
};
use proto::tasks::v1::{CreateTaskRequest, GetTaskRequest, ListTasksRequest, ListTasksResponse, Task};
use tonic::Code;

use crate::harness::grpc_web::{Reply, call, get};
use crate::harness::{Person, System, assert_refused, new_email};

const SIGN_UP: &str = "tandem.auth.v1.AuthService/SignUp";
const REFRESH: &str = "tandem.auth.v1.AuthService/RefreshSession";
const SIGN_OUT: &str = "tandem.auth.v1.AuthService/SignOut";
const CREATE: &str = "tandem.tasks.v1.TaskService/CreateTask";
const LIST: &str = "tandem.tasks.v1.TaskService/ListTasks";
const GET: &str = "tandem.tasks.v1.TaskService/GetTask";
const EVIL: &str = "https://evil.example";

#[tokio::test]
async fn the_page_is_served_under_the_same_origin() {
    let system = System::shared().await;
    let page = get(system.web, "/").await.unwrap();
    assert!(page.status().is_success());
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert!(page.headers().contains_key("content-security-policy"));
}

#[tokio::test]
async fn two_browsers_keep_tasks_and_see_nothing_of_each_other() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let bob = Person::sign_up(&system, "bob").await;
    let bearer = |person: &Person| format!("Bearer {}", person.session.access_token);
    let request = CreateTaskRequest {
        task: Some(Task {
            title: "Plant tulips".to_owned(),
            ..Task::default()
        }),
        ..CreateTaskRequest::default()
    };
    let made: Reply<Task> = call(
        system.web,
        CREATE,
        &[("authorization", &bearer(&alice))],
        &request,
    )
    .await;
    let made = made.outcome.unwrap();

    for (person, expected) in [(&alice, vec![made.clone()]), (&bob, Vec::new())] {
        let headers = [("authorization", &*bearer(person))];
        let list: Reply<ListTasksResponse> =
            call(system.web, LIST, &headers, &ListTasksRequest::default()).await;
        assert_eq!(list.outcome.unwrap().tasks, expected);
        // The same over gRPC: there is one truth behind both.
        assert_eq!(person.sees(&system).await, expected);
    }
    let request = GetTaskRequest { id: made.id };
    let hers: Reply<Task> = call(system.web, GET, &[("authorization", &bearer(&bob))], &request).await;
    assert_eq!(hers.outcome.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_refusal_is_readable_in_a_browser() {
    let system = System::shared().await;
    let refused: Reply<ListTasksResponse> = call(system.web, LIST, &[], &ListTasksRequest::default()).await;
    let status = refused.outcome.unwrap_err();
    assert_refused(&status, Code::Unauthenticated, "TOKEN_MISSING");
    let refused: Reply<SignUpResponse> = call(system.web, SIGN_UP, &[], &SignUpRequest::default()).await;
    let status = refused.outcome.unwrap_err();
    assert_refused(&status, Code::InvalidArgument, "FIELD_INVALID");
}

#[tokio::test]
async fn the_refresh_token_travels_in_a_cookie_that_no_script_can_read() {
    let system = System::shared().await;
    let origin = system.origin();
    let signed_up = sign_up_by_cookie(&system, &origin).await;
    let cookie = set_cookie(&signed_up);
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    // http on loopback: a Secure cookie would never come back.
    assert!(!cookie.contains("Secure"), "{cookie}");
    let session = signed_up.outcome.unwrap().session.unwrap();
    assert_eq!(session.refresh_token, "");

    let pair = value(&cookie);
    let refreshed = refresh(&system, &[("origin", &origin), ("cookie", &pair)]).await;
    let next = value(&set_cookie(&refreshed));
    assert_ne!(next, pair);
    let session = refreshed.outcome.unwrap().session.unwrap();
    assert_eq!(
        session.refresh_token, "",
        "what came by cookie is answered by cookie"
    );

    let headers = [("origin", &*origin), ("cookie", &next)];
    let signed_out: Reply<SignOutResponse> =
        call(system.web, SIGN_OUT, &headers, &SignOutRequest::default()).await;
    assert_cleared(&set_cookie(&signed_out));
    let refused = refresh(&system, &headers).await;
    assert_cleared(&set_cookie(&refused));
    assert_refused(
        &refused.outcome.unwrap_err(),
        Code::Unauthenticated,
        "SESSION_ENDED",
    );
}

#[tokio::test]
async fn another_site_can_neither_set_nor_use_the_cookie() {
    let system = System::shared().await;
    let refused = sign_up_by_cookie(&system, EVIL).await;
    assert!(!refused.headers.contains_key(SET_COOKIE));
    let status = refused.outcome.unwrap_err();
    assert_refused(&status, Code::PermissionDenied, "ORIGIN_NOT_ALLOWED");

    let origin = system.origin();
    let cookie = value(&set_cookie(&sign_up_by_cookie(&system, &origin).await));
    let without: &[(&str, &str)] = &[("cookie", &cookie)];
    let elsewhere: &[(&str, &str)] = &[("cookie", &cookie), ("origin", EVIL)];
    for headers in [without, elsewhere] {
        let refused = refresh(&system, headers).await;
        let status = refused.outcome.unwrap_err();
        assert_refused(&status, Code::PermissionDenied, "ORIGIN_NOT_ALLOWED");
    }
    let own = refresh(&system, &[("cookie", &cookie), ("origin", &origin)]).await;
    assert!(own.outcome.is_ok(), "the attempts changed nothing");
}

async fn sign_up_by_cookie(system: &System, origin: &str) -> Reply<SignUpResponse> {
    let request = SignUpRequest {
        email: new_email("browser"),
        password: "nine clouds over the lake".to_owned(),
        refresh_token_delivery: RefreshTokenDelivery::Cookie.into(),
        ..SignUpRequest::default()
    };
    call(system.web, SIGN_UP, &[("origin", origin)], &request).await
}

async fn refresh(system: &System, headers: &[(&'static str, &str)]) -> Reply<RefreshSessionResponse> {
    call(system.web, REFRESH, headers, &RefreshSessionRequest::default()).await
}

fn set_cookie<T>(reply: &Reply<T>) -> String {
    let cookie = reply.headers.get(SET_COOKIE).expect("the answer sets a cookie");
    cookie.to_str().expect("cookies are ASCII").to_owned()
}

fn value(cookie: &str) -> String {
    cookie.split(';').next().unwrap_or_default().to_owned()
}

fn assert_cleared(cookie: &str) {
    assert!(
        cookie.contains("Max-Age=0") && value(cookie).ends_with('='),
        "{cookie}"
    );
}
