//! TLS from a certificate and a key.

use chassis::config::{ServerConfig, Settings};
use chassis::probe::{self, ProbeError};
use chassis::{Health, Metrics, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::Request;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

use crate::certificates::{Authority, Files};
use crate::echo::SAY;
use crate::harness::{config, start_with, unary};

/// A certificate for this machine's own name, and who vouches for it.
fn here() -> (Authority, Files) {
    let authority = Authority::new();
    let files = authority.issue("localhost").files();
    (authority, files)
}

/// Made for a name that is not this machine's.
fn elsewhere() -> Files {
    Authority::new().issue("elsewhere.example.com").files()
}

fn tls(files: &Files) -> ServerConfig {
    with(&files.cert(), &files.key())
}

fn with(cert: &str, key: &str) -> ServerConfig {
    let mut settings = Settings::from_pairs([("TANDEM_TLS_CERT", cert), ("TANDEM_TLS_KEY", key)]);
    let read = ServerConfig::read(&mut settings, "TANDEM_AUTH_ADDR", "127.0.0.1:0".parse().unwrap());
    ServerConfig {
        tls: settings.finish(read).unwrap().tls,
        ..config()
    }
}

#[tokio::test]
async fn a_client_that_trusts_the_certificate_is_answered() {
    let (authority, files) = here();
    let server = start_with(tls(&files), |server| server).await;
    let trust = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(authority.pem()))
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
    for files in [here().1, elsewhere()] {
        let server = start_with(tls(&files), |server| server).await;
        let own = ServerConfig {
            addr: server.addr,
            ..tls(&files)
        };
        probe::check_own(&own, "").await.unwrap();
        server.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_probe_takes_no_other_certificate_and_no_plain_text_for_tls() {
    let server = start_with(tls(&here().1), |server| server).await;
    let other = ServerConfig {
        addr: server.addr,
        ..tls(&elsewhere())
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
    let files = elsewhere();
    let server = Server::new(
        with(&files.cert(), &files.cert()),
        Health::new(&[]),
        Metrics::new(),
    );
    let error = server
        .serve(listener, CancellationToken::new())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("TANDEM_TLS_KEY"), "{error}");
}

#[test]
fn a_certificate_without_a_key_is_a_fault() {
    let files = elsewhere();
    let mut settings = Settings::from_pairs([("TANDEM_TLS_CERT", &*files.cert())]);
    let read = ServerConfig::read(&mut settings, "TANDEM_AUTH_ADDR", "127.0.0.1:0".parse().unwrap());
    assert!(
        settings
            .finish(read)
            .unwrap_err()
            .to_string()
            .contains("TANDEM_TLS_KEY")
    );
}
