//! Both APIs, passed on as they come: every method, header and stream, in both directions. When a service cannot be
//! reached the answer is a gRPC error that a browser can read.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Uri, Version, uri};
use axum::response::Response;
use axum::routing::any;
use chassis::config::Network;
use proto::errors::v1::ErrorReason;
use proto::refusal::Refusal;
use tonic::Code;

use super::{Config, client};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// They speak about one connection, and this is another one.
const HOP_BY_HOP: [HeaderName; 6] = [
    header::CONNECTION,
    header::HOST,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

#[derive(Clone)]
struct Upstream {
    client: client::Upstream<Body>,
    url: Uri,
    name: &'static str,
    trusted_proxies: Arc<[Network]>,
}

/// The two packages of the contract, each to its service.
pub(super) fn routes(config: &Config) -> Router {
    let client = client::client(config.certificate.as_deref());
    let trusted_proxies: Arc<[Network]> = config.trusted_proxies.clone().into();
    let upstream = |url: &Uri, name| Upstream {
        client: client.clone(),
        url: url.clone(),
        name,
        trusted_proxies: trusted_proxies.clone(),
    };
    let (auth, tasks) = (
        upstream(&config.auth_url, "auth-service"),
        upstream(&config.tasks_url, "task-service"),
    );
    Router::new()
        .route(
            "/tandem.auth.v1.{service}/{method}",
            any(pass_on).with_state(auth),
        )
        .route(
            "/tandem.tasks.v1.{service}/{method}",
            any(pass_on).with_state(tasks),
        )
}

async fn pass_on(
    State(upstream): State<Upstream>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
) -> Response {
    let content_type = request.headers().get(header::CONTENT_TYPE).cloned();
    let Some(target) = target(&upstream.url, request.uri()) else {
        return unavailable(&upstream, content_type);
    };
    *request.uri_mut() = target;
    *request.version_mut() = Version::HTTP_2;
    strip(request.headers_mut());
    add_peer(request.headers_mut(), peer, &upstream.trusted_proxies);
    match upstream.client.request(request).await {
        Ok(answer) => {
            let mut answer = answer.map(Body::new);
            strip(answer.headers_mut());
            answer
        }
        Err(error) => {
            tracing::warn!(upstream.name, error = %error, "cannot be reached");
            unavailable(&upstream, content_type)
        }
    }
}

fn target(upstream: &Uri, asked: &Uri) -> Option<Uri> {
    let mut parts = uri::Parts::default();
    parts.scheme = upstream.scheme().cloned();
    parts.authority = upstream.authority().cloned();
    parts.path_and_query = asked.path_and_query().cloned();
    Uri::from_parts(parts).ok()
}

fn strip(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Says for whom the call is made. What a peer that is no trusted proxy says of others is dropped: the services trust
/// this process, and it must not lend its word to a stranger.
fn add_peer(headers: &mut HeaderMap, peer: SocketAddr, trusted: &[Network]) {
    if !trusted.iter().any(|proxy| proxy.contains(peer.ip())) {
        headers.remove(FORWARDED_FOR);
    }
    if let Ok(peer) = HeaderValue::from_str(&peer.ip().to_canonical().to_string()) {
        headers.append(FORWARDED_FOR, peer);
    }
}

/// UNAVAILABLE in the headers alone, which every gRPC and grpc-web client reads.
fn unavailable(upstream: &Upstream, content_type: Option<HeaderValue>) -> Response {
    let message = format!("{} cannot be reached; try again shortly.", upstream.name);
    let status = Refusal::new(Code::Unavailable, ErrorReason::ServiceUnavailable, message)
        .retry_after(Duration::from_secs(1))
        .into_status();
    let mut answer: Response = status.into_http();
    if let Some(content_type) = content_type.filter(|sent| sent.as_bytes().starts_with(b"application/grpc")) {
        answer.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed_on(peer: &str, given: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in given {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        add_peer(
            &mut headers,
            peer.parse().unwrap(),
            &["10.0.0.0/8".parse().unwrap()],
        );
        let lines = headers.get_all(FORWARDED_FOR).iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_stranger_is_named_and_what_it_says_of_others_is_dropped() {
        assert_eq!(passed_on("192.0.2.7:4711", &[]), ["192.0.2.7"]);
        assert_eq!(
            passed_on("192.0.2.7:4711", &["127.0.0.1", "10.0.0.1"]),
            ["192.0.2.7"]
        );
        assert_eq!(passed_on("[::ffff:192.0.2.7]:4711", &["x"]), ["192.0.2.7"]);
    }

    #[test]
    fn a_trusted_proxy_is_named_after_whom_it_speaks_for() {
        assert_eq!(
            passed_on("10.0.0.1:4711", &["192.0.2.7"]),
            ["192.0.2.7", "10.0.0.1"]
        );
    }
}
