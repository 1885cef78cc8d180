//! Single calls by a gRPC client: deadlines, overload, hostile messages, request ids.

use std::time::Duration;

use chassis::MESSAGE_IN_LIMIT_BYTES;
use chassis::config::ServerConfig;
use http::Request as HttpRequest;
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use crate::echo::SAY;
use crate::harness::{config, frame, reason, retry_delay, start, start_with, unary};

#[tokio::test]
async fn the_cap_ends_a_call_without_a_deadline_of_its_own() {
    let request_timeout = Duration::from_millis(40);
    let server = start_with(
        ServerConfig {
            request_timeout,
            ..config()
        },
        |server| server,
    )
    .await;
    let refusal = server.say("hang").await.unwrap_err();
    assert_eq!(
        (refusal.code(), reason(&refusal).as_str()),
        (Code::DeadlineExceeded, "DEADLINE_EXCEEDED")
    );
}

#[tokio::test]
async fn the_handler_learns_the_sooner_of_both_deadlines() {
    let server = start().await;
    let capped: u64 = server
        .say("deadline")
        .await
        .unwrap()
        .into_inner()
        .parse()
        .unwrap();
    assert!((10_000..15_000).contains(&capped), "{capped}");
    let mut request = Request::new("deadline".to_owned());
    request.set_timeout(Duration::from_secs(5));
    let asked = unary(server.channel().await, SAY, request)
        .await
        .unwrap()
        .into_inner();
    assert!((1_000..5_000).contains(&asked.parse::<u64>().unwrap()), "{asked}");
}

#[tokio::test]
async fn one_call_too_many_is_refused_at_once_and_health_still_answers() {
    let server = start_with(
        ServerConfig {
            max_concurrent_requests: 1,
            ..config()
        },
        |server| server,
    )
    .await;
    let channel = server.channel().await;
    let hanging = tokio::spawn(unary(channel, SAY, Request::new("hang".to_owned())));
    server.echo.hanging.notified().await;

    let refusal = server.say("one too many").await.unwrap_err();
    assert_eq!(
        (refusal.code(), reason(&refusal).as_str()),
        (Code::ResourceExhausted, "OVERLOADED")
    );
    assert!(retry_delay(&refusal.get_error_details()).is_some());
    chassis::probe::check(&format!("http://{}", server.addr), "")
        .await
        .unwrap();

    hanging.abort();
    let _ = hanging.await;
}

#[tokio::test]
async fn an_oversize_message_is_refused_with_its_own_reason() {
    let server = start().await;
    let refusal = server.say(&"x".repeat(MESSAGE_IN_LIMIT_BYTES)).await.unwrap_err();
    assert_eq!(
        (refusal.code(), reason(&refusal).as_str()),
        (Code::ResourceExhausted, "MESSAGE_TOO_LARGE")
    );
}

#[tokio::test]
async fn what_is_no_message_is_the_callers_fault() {
    let server = start().await;
    let truncated = [0, 0, 0, 0, 9, 1];
    for body in [
        frame(b"\xff\xff\xff"),
        truncated.to_vec(),
        Vec::new(),
        b"\x07junk".to_vec(),
    ] {
        let request = HttpRequest::post(SAY).header("content-type", "application/grpc-web+proto");
        let refusal = server.http1(request, body.clone()).await.readable_refusal();
        assert_eq!(
            (refusal.code(), reason(&refusal).as_str()),
            (Code::InvalidArgument, "FIELD_INVALID"),
            "{body:?}"
        );
    }
}

#[tokio::test]
async fn a_status_without_a_reason_never_shows_its_text() {
    let server = start().await;
    let refusal = server.say("leak").await.unwrap_err();
    assert_eq!(
        (refusal.code(), reason(&refusal).as_str()),
        (Code::Internal, "INTERNAL")
    );
    assert!(!refusal.message().contains("hunter2"));
}

#[tokio::test]
async fn a_header_of_a_megabyte_is_refused_and_the_server_lives_on() {
    let server = start().await;
    let mut request = Request::new("hello".to_owned());
    request
        .metadata_mut()
        .insert("authorization", "x".repeat(1 << 20).parse().unwrap());
    unary(server.channel().await, SAY, request).await.unwrap_err();

    let request = HttpRequest::post(SAY).header("authorization", "x".repeat(1 << 20));
    let answer = server.http1(request, Vec::new()).await;
    assert!(answer.http.is_client_error());
    assert_eq!(server.say("still here").await.unwrap().into_inner(), "still here");
}

#[tokio::test]
async fn a_sane_request_id_is_kept_and_reaches_the_handler() {
    let server = start().await;
    let answer = server
        .grpc_web(
            SAY,
            |request| request.header("x-request-id", "Abc_1.2-3"),
            "request id",
        )
        .await;
    assert_eq!(answer.header("x-request-id"), "Abc_1.2-3");
    assert!(String::from_utf8_lossy(&answer.body).contains("Abc_1.2-3"));
}

#[tokio::test]
async fn any_other_request_id_is_replaced_by_a_fresh_one() {
    let server = start().await;
    for id in ["", "a b", "{\"x\":1}", &"x".repeat(65)] {
        let answer = server
            .grpc_web(SAY, |request| request.header("x-request-id", id), "hello")
            .await;
        let returned: uuid::Uuid = answer.header("x-request-id").parse().unwrap();
        assert_eq!(returned.get_version_num(), 7);
    }
}
