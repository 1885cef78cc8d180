//! Where a call comes from, over real sockets: what a proxy adds is believed from configured addresses only.

use chassis::config::ServerConfig;
use tonic::Request;

use crate::echo;
use crate::harness::{Running, config, start_with, unary};

async fn address_told(running: &Running, forwarded_for: &str) -> String {
    let mut request = Request::new("address".to_owned());
    request
        .metadata_mut()
        .insert("x-forwarded-for", forwarded_for.parse().unwrap());
    unary(running.channel().await, echo::SAY, request)
        .await
        .unwrap()
        .into_inner()
}

async fn trusting(networks: &[&str]) -> Running {
    let config = ServerConfig {
        trusted_proxies: networks.iter().map(|text| text.parse().unwrap()).collect(),
        ..config()
    };
    start_with(config, |server| server).await
}

#[tokio::test]
async fn without_trusted_proxies_the_socket_alone_says_where_a_call_comes_from() {
    let running = trusting(&[]).await;
    assert_eq!(address_told(&running, "192.0.2.7").await, "127.0.0.1");
}

#[tokio::test]
async fn a_trusted_proxy_says_for_whom_it_calls_and_the_client_cannot_say_otherwise() {
    let running = trusting(&["127.0.0.0/8"]).await;
    assert_eq!(address_told(&running, "192.0.2.7").await, "192.0.2.7");
    assert_eq!(
        address_told(&running, "198.51.100.1, 192.0.2.7").await,
        "192.0.2.7"
    );
}

#[tokio::test]
async fn another_proxy_than_the_trusted_one_is_a_stranger() {
    let running = trusting(&["10.0.0.0/8"]).await;
    assert_eq!(address_told(&running, "192.0.2.7").await, "127.0.0.1");
}

#[tokio::test]
async fn a_browser_is_told_apart_as_well() {
    let running = trusting(&["127.0.0.1"]).await;
    let answer = running
        .grpc_web(
            echo::SAY,
            |request| request.header("x-forwarded-for", "192.0.2.7"),
            "address",
        )
        .await;
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(body.contains("192.0.2.7"), "{body}");
}
