//! The end of a server in the presence of peers who do not help.

use std::time::Duration;

use chassis::config::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tonic::Code;

use crate::echo::{HOLD, SAY, TICK};
use crate::harness::{config, start, start_with, stream, unary};

#[tokio::test]
async fn an_idle_socket_and_an_open_stream_do_not_hold_the_end_up() {
    let drain_timeout = Duration::from_secs(60);
    let server = start_with(
        ServerConfig {
            drain_timeout,
            ..config()
        },
        |server| server,
    )
    .await;
    let _idle = TcpStream::connect(server.addr).await.unwrap();
    let mut ticks = stream(server.channel().await, TICK, "").await.unwrap();
    ticks.message().await.unwrap();

    server.shutdown.cancel();
    while ticks.message().await.expect("the stream ends with OK").is_some() {}
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_stream_that_does_not_end_is_cut_off_after_the_time_out() {
    let drain_timeout = Duration::from_millis(50);
    let server = start_with(
        ServerConfig {
            drain_timeout,
            ..config()
        },
        |server| server,
    )
    .await;
    let mut held = stream(server.channel().await, HOLD, "").await.unwrap();
    held.message().await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_call_at_work_gets_its_answer() {
    let request_timeout = Duration::from_millis(300);
    let server = start_with(
        ServerConfig {
            request_timeout,
            ..config()
        },
        |server| server,
    )
    .await;
    let request = tonic::Request::new("hang".to_owned());
    let call = tokio::spawn(unary(server.channel().await, SAY, request));
    server.echo.hanging.notified().await;
    server.shutdown.cancel();
    assert_eq!(call.await.unwrap().unwrap_err().code(), Code::DeadlineExceeded);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn calls_are_answered_while_load_balancers_look_away() {
    let drain_delay = Duration::from_secs(60);
    let server = start_with(
        ServerConfig {
            drain_delay,
            ..config()
        },
        |server| server,
    )
    .await;
    let url = format!("http://{}", server.addr);
    let mut readiness = crate::health::Readiness::watch(&server, "test.Echo").await;
    readiness.becomes(true).await;
    server.shutdown.cancel();
    readiness.becomes(false).await;
    assert_eq!(server.say("late").await.unwrap().into_inner(), "late");
    chassis::probe::check(&url, "")
        .await
        .expect("the process is alive");
    server.ended.abort();
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = taken.local_addr().unwrap();
    let error = chassis::bind(addr, "TANDEM_AUTH_ADDR")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(&addr.to_string()) && error.contains("TANDEM_AUTH_ADDR"),
        "{error}"
    );

    let server = start_with(
        ServerConfig {
            metrics_addr: Some(addr),
            ..config()
        },
        |server| server,
    )
    .await;
    let error = server.ended.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("TANDEM_METRICS_ADDR"), "{error}");
}

#[tokio::test]
async fn a_second_server_can_take_the_port_after_the_end() {
    let server = start().await;
    let addr = server.addr;
    server.say("hello").await.unwrap();
    server.stop().await.unwrap();
    chassis::bind(addr, "TANDEM_AUTH_ADDR").await.unwrap();
}
