//! TLS from a certificate and a key, made once for these tests and good for nothing else.

use chassis::config::{ServerConfig, Settings};
use chassis::probe::{self, ProbeError};
use chassis::{Health, Metrics, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::Request;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

use crate::echo::SAY;
use crate::harness::{config, start_with, unary};

const CERT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/cert.pem");
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/key.pem");
/// Made for a name that is not this machine's.
const ELSEWHERE_CERT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/fixtures/elsewhere-cert.pem"
);
const ELSEWHERE_KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/elsewhere-key.pem");

fn tls(cert: &str, key: &str) -> ServerConfig {
    let mut settings = Settings::from_pairs([("TANDEM_TLS_CERT", cert), ("TANDEM_TLS_KEY", key)]);
    let read = ServerConfig::read(&mut settings, "TANDEM_AUTH_ADDR", "127.0.0.1:0".parse().unwrap());
    ServerConfig {
        tls: settings.finish(read).unwrap().tls,
        ..config()
    }
}

#[tokio::test]
async fn a_client_that_trusts_the_certificate_is_answered() {
    let server = start_with(tls(CERT, KEY), |server| server).await;
    let trust = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(std::fs::read(CERT).unwrap()))
        .domain_name("localhost");
    let endpoint = Endpoint::from_shared(format!("https://{}", server.addr)).unwrap();
    let channel = endpoint.tls_config(trust).unwrap().connect().await.unwrap();
    let answer = unary(channel, SAY, Request::new("hello".to_owned()))
        .await
        .unwrap();
    assert_eq!(answer.into_inner(), "hello");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_probe_knows_its_own_server_by_the_certificate_whatever_name_it_has() {
    for (cert, key) in [(CERT, KEY), (ELSEWHERE_CERT, ELSEWHERE_KEY)] {
        let server = start_with(tls(cert, key), |server| server).await;
        let own = ServerConfig {
            addr: server.addr,
            ..tls(cert, key)
        };
        probe::check_own(&own, "").await.unwrap();
        server.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_probe_takes_no_other_certificate_and_no_plain_text_for_tls() {
    let server = start_with(tls(CERT, KEY), |server| server).await;
    let other = ServerConfig {
        addr: server.addr,
        ..tls(ELSEWHERE_CERT, ELSEWHERE_KEY)
    };
    let error = probe::check_own(&other, "").await.unwrap_err();
    assert!(matches!(error, ProbeError::Unreachable(..)), "{error:?}");
    let plain = ServerConfig {
        addr: server.addr,
        ..config()
    };
    probe::check_own(&plain, "").await.unwrap_err();
    let url = probe::local_url(server.addr, true);
    let stranger = probe::check(&url, "").await.unwrap_err();
    assert!(matches!(stranger, ProbeError::Unreachable(..)), "{stranger:?}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_probe_reaches_its_own_server_in_plain_text() {
    let server = start_with(config(), |server| server).await;
    let own = ServerConfig {
        addr: server.addr,
        ..config()
    };
    probe::check_own(&own, "").await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_key_that_is_none_stops_the_start() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::new(tls(CERT, CERT), Health::new(&[]), Metrics::new());
    let error = server
        .serve(listener, CancellationToken::new())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("TANDEM_TLS_KEY"), "{error}");
}

#[test]
fn a_certificate_without_a_key_is_a_fault() {
    let mut settings = Settings::from_pairs([("TANDEM_TLS_CERT", CERT)]);
    let read = ServerConfig::read(&mut settings, "TANDEM_AUTH_ADDR", "127.0.0.1:0".parse().unwrap());
    assert!(
        settings
            .finish(read)
            .unwrap_err()
            .to_string()
            .contains("TANDEM_TLS_KEY")
    );
}
