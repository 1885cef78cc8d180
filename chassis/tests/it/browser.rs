//! What a page in a browser gets: grpc-web over HTTP/1 from another origin. A refusal that CORS hides is a bug.

use http::{Method, Request, StatusCode};
use tonic::{Code, Status};

use crate::echo::{Echo, SAY};
use crate::harness::{ORIGIN, config, frame, reason, start, start_bare};

#[tokio::test]
async fn a_page_of_an_allowed_origin_gets_its_answer() {
    let server = start().await;
    let answer = server.grpc_web(SAY, |request| request, "hello").await;
    assert_eq!(answer.http, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    let text = String::from_utf8_lossy(&answer.body);
    assert!(
        text.contains("hello") && text.contains("grpc-status:0"),
        "{text:?}"
    );
}

#[tokio::test]
async fn a_page_of_another_origin_is_told_nothing_by_cors() {
    let server = start().await;
    for method in [Method::OPTIONS, Method::POST] {
        let request = Request::builder().method(method.clone()).uri(SAY);
        let request = request.header("content-type", "application/grpc-web+proto");
        let request = request.header("access-control-request-method", "POST");
        let request = request.header("origin", "https://evil.example");
        let answer = server.http1(request, frame(b"")).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{method}");
    }
}

#[tokio::test]
async fn a_passed_deadline_is_readable_and_never_cancelled() {
    let server = start().await;
    for _ in 0..10 {
        // What browsers set, and enough to be ahead of tonic's timer on a busy machine.
        let answer = server
            .grpc_web(SAY, |request| request.header("grpc-timeout", "500m"), "hang")
            .await;
        let refusal = answer.readable_refusal();
        assert_eq!(
            (refusal.code(), reason(&refusal).as_str()),
            (Code::DeadlineExceeded, "DEADLINE_EXCEEDED")
        );
    }
}

#[tokio::test]
async fn a_deadline_of_a_microsecond_is_readable_too() {
    let server = start().await;
    let answer = server
        .grpc_web(SAY, |request| request.header("grpc-timeout", "1u"), "hello")
        .await;
    assert_eq!(answer.readable_refusal().code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_panic_is_readable_and_carries_the_request_id() {
    let server = start().await;
    let answer = server
        .grpc_web(SAY, |request| request.header("x-request-id", "abc-1"), "panic")
        .await;
    let refusal = answer.readable_refusal();
    assert_eq!(refusal.code(), Code::Internal);
    let details = tonic_types::StatusExt::get_error_details(&refusal);
    assert_eq!(details.error_info().unwrap().metadata["request_id"], "abc-1");
    assert_eq!(answer.header("x-request-id"), "abc-1");
    assert!(!refusal.message().contains("as told"));
    assert_eq!(server.say("still here").await.unwrap().into_inner(), "still here");
}

#[tokio::test]
async fn overload_is_readable() {
    let server = start_bare(
        chassis::config::ServerConfig {
            max_concurrent_requests: 0,
            ..config()
        },
        |server| server.service(Echo::default()),
    )
    .await;
    let refusal = server
        .grpc_web(SAY, |request| request, "hello")
        .await
        .readable_refusal();
    assert_eq!(
        (refusal.code(), reason(&refusal).as_str()),
        (Code::ResourceExhausted, "OVERLOADED")
    );
}

#[tokio::test]
async fn an_unknown_method_is_readable() {
    let server = start().await;
    for path in ["/test.Echo/Nothing", "/no.Such/Service"] {
        let refusal = server
            .grpc_web(path, |request| request, "hello")
            .await
            .readable_refusal();
        assert_eq!(
            (refusal.code(), reason(&refusal).as_str()),
            (Code::Unimplemented, "METHOD_UNKNOWN"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn preflight_passes_before_an_interceptor_that_refuses_everybody() {
    let server = start_bare(config(), |server| {
        let refuse = |_: tonic::Request<()>| Err(Status::unauthenticated("no token"));
        server.service(tonic::service::interceptor::InterceptedService::new(
            Echo::default(),
            refuse,
        ))
    })
    .await;
    let preflight = Request::builder()
        .method(Method::OPTIONS)
        .uri(SAY)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type,grpc-timeout,x-grpc-web",
        );
    let answer = server.http1(preflight, Vec::new()).await;
    assert_eq!(answer.http, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("authorization")
    );

    let refusal = server
        .grpc_web(SAY, |request| request, "hello")
        .await
        .readable_refusal();
    assert_eq!(refusal.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_plain_get_is_told_at_once_that_this_is_no_web_page() {
    let server = start().await;
    let answer = server.http1(Request::get("/"), Vec::new()).await;
    assert_eq!(answer.http, StatusCode::BAD_REQUEST);
}
