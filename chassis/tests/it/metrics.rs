//! What Prometheus scrapes.

use chassis::Metrics;
use prometheus_client::metrics::counter::Counter;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::Request;

use crate::echo::TICK;
use crate::harness::{start, stream, unary};

fn count(page: &str, method: &str, code: &str) -> u64 {
    let start = format!("tandem_rpc_duration_seconds_count{{method=\"{method}\",code=\"{code}\"}} ");
    page.lines()
        .find_map(|line| line.strip_prefix(&start))
        .map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn calls_are_counted_by_method_and_by_the_code_of_headers_or_trailers() {
    let server = start().await;
    let metrics = server.metrics.clone();
    server.say("hello").await.unwrap();
    server.say("panic").await.unwrap_err();
    let mut failing = stream(server.channel().await, TICK, "fail").await.unwrap();
    while failing.message().await.is_ok_and(|message| message.is_some()) {}
    for path in ["/test.Echo/Nothing", "/no.Such/Service", "/x"] {
        unary(server.channel().await, path, Request::new(String::new()))
            .await
            .unwrap_err();
    }
    // The end of the server is the end of every body, and with it of every measurement.
    server.stop().await.unwrap();

    let page = metrics.encode();
    assert_eq!(count(&page, "test.Echo/Say", "OK"), 1, "{page}");
    assert_eq!(count(&page, "test.Echo/Say", "INTERNAL"), 1, "{page}");
    assert_eq!(count(&page, "test.Echo/Tick", "DATA_LOSS"), 1, "{page}");
    assert_eq!(count(&page, "_OTHER", "UNIMPLEMENTED"), 3, "{page}");
    assert!(page.contains("tandem_rpc_open 0\n"), "{page}");
}

#[tokio::test]
async fn the_page_shows_what_a_service_registered() {
    let metrics = Metrics::new();
    let hashes = Counter::<u64>::default();
    metrics.register(|registry| registry.register("test_hashes", "Hashes", hashes.clone()));
    hashes.inc_by(7);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = listener.local_addr().unwrap();
    tokio::spawn(chassis::metrics::serve(
        metrics,
        listener,
        CancellationToken::new(),
    ));

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut socket = tokio::net::TcpStream::connect(url).await.unwrap();
    let request = b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    socket.write_all(request).await.unwrap();
    let mut page = String::new();
    socket.read_to_string(&mut page).await.unwrap();
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("test_hashes_total 7"),
        "{page}"
    );
}
