//! What one connection and one message may cost. Each line overrules a default of tonic that is no limit at all, or one
//! that hurts.

use std::time::Duration;

use tonic::transport::server::{Server, ServerTlsConfig, TcpIncoming};
use tonic::transport::{Error, Identity};

use crate::Entropy;
use crate::config::ServerConfig;

/// Largest message that a method takes, unless its service says otherwise.
pub const MESSAGE_IN_LIMIT_BYTES: usize = 1024 * 1024;

/// Largest message that a method answers with; lists end their pages early to stay below.
pub const MESSAGE_OUT_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// Streams of one connection. Without it tonic advertises no limit.
const STREAMS_LIMIT: u32 = 128;

/// Streams that a peer may make us reset by its own errors (RUSTSEC-2024-0003). Without it tonic sets no limit.
const LOCAL_RESETS_LIMIT: usize = 1024;

/// All headers of a request: a token, a cookie and some metadata fit several times.
const HEADERS_LIMIT_BYTES: u32 = 16 * 1024;

/// A peer that vanished without a word is noticed after the sum of these.
const PING_INTERVAL: Duration = Duration::from_secs(45);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// tonic's server with these limits and nothing else: under the layer stack, and as the bare limit that the load run
/// compares it with.
///
/// # Errors
///
/// When certificate and key are no pair that TLS can use.
pub fn transport(config: &ServerConfig) -> Result<Server, Error> {
    let server = Server::builder()
        .max_concurrent_streams(STREAMS_LIMIT)
        .http2_max_local_error_reset_streams(Some(LOCAL_RESETS_LIMIT))
        .http2_max_header_list_size(HEADERS_LIMIT_BYTES)
        .http2_keepalive_interval(Some(PING_INTERVAL))
        .http2_keepalive_timeout(Some(PING_TIMEOUT))
        // No grace: with one, tonic 0.14 cuts the connection without a GOAWAY.
        .max_connection_age(jittered(config.max_connection_age))
        // For grpc-web over plain text, and so that an idle socket does not hold up the drain.
        .accept_http1(true);
    let Some(tls) = &config.tls else {
        return Ok(server);
    };
    let identity = Identity::from_pem(&tls.cert_pem, tls.key_pem.expose());
    server.tls_config(
        ServerTlsConfig::new()
            .identity(identity)
            .timeout(TLS_HANDSHAKE_TIMEOUT),
    )
}

/// The listener's connections, with the socket options that go with [`transport`].
pub fn incoming(listener: tokio::net::TcpListener) -> TcpIncoming {
    TcpIncoming::from(listener)
        .with_nodelay(Some(true))
        .with_keepalive(Some(PING_INTERVAL))
}

/// Up to a tenth longer, so that replicas started together do not lose all their connections together.
fn jittered(age: Duration) -> Duration {
    let [random] = Entropy::system().bytes::<1>();
    age + age / 10 * u32::from(random) / 255
}
