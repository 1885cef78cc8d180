//! Which protocol a call speaks. Browsers come through CORS and grpc-web; native gRPC, to which neither has anything to
//! say, goes past them, and pays nothing for them: they are put around a call when it is a browser's.

use std::mem::replace;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{Request, Version};
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer, Service};
use tower_http::cors::{Cors, CorsLayer};

const GRPC: &[u8] = b"application/grpc";

#[derive(Debug, Clone)]
pub(crate) struct ProtocolLayer(Arc<CorsLayer>);

impl ProtocolLayer {
    pub(super) fn new(cors: CorsLayer) -> Self {
        Self(Arc::new(cors))
    }
}

impl<S> Layer<S> for ProtocolLayer {
    type Service = Protocols<S>;

    fn layer(&self, rest: S) -> Protocols<S> {
        Protocols {
            cors: Arc::clone(&self.0),
            rest,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Protocols<S> {
    cors: Arc<CorsLayer>,
    rest: S,
}

impl<S, B> Service<Request<B>> for Protocols<S>
where
    S: Service<Request<B>> + Clone,
    Cors<GrpcWebService<S>>: Service<Request<B>, Response = S::Response, Error = S::Error>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<<Cors<GrpcWebService<S>> as Service<Request<B>>>::Future, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Neither CORS nor grpc-web ever makes a call wait.
        self.rest.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if is_native(&request) {
            Either::Right(self.rest.call(request))
        } else {
            let rest = self.rest.clone();
            // The one that was asked whether it is ready is the one to be called (tower's contract).
            let ready = replace(&mut self.rest, rest);
            let mut web = self.cors.layer(GrpcWebLayer::new().layer(ready));
            Either::Left(web.call(request))
        }
    }
}

/// Nothing that a browser can send: pages cannot use HTTP/2 frames of their own, and what they do send has an origin.
fn is_native<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    let content_type = headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    let rest = content_type.and_then(|text| text.strip_prefix(GRPC));
    request.version() == Version::HTTP_2
        && !headers.contains_key(ORIGIN)
        && rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn native(version: Version, headers: &[(&str, &str)]) -> bool {
        let request = headers.iter().fold(Request::builder(), |request, (name, value)| {
            request.header(*name, *value)
        });
        is_native(&request.version(version).body(()).unwrap())
    }

    #[test]
    fn grpc_over_http_2_without_an_origin_is_native() {
        for content_type in [
            "application/grpc",
            "application/grpc+proto",
            "application/grpc;charset=utf-8",
        ] {
            assert!(
                native(Version::HTTP_2, &[("content-type", content_type)]),
                "{content_type}"
            );
        }
    }

    #[test]
    fn everything_else_goes_where_browsers_go() {
        let grpc = ("content-type", "application/grpc");
        assert!(!native(Version::HTTP_11, &[grpc]));
        assert!(!native(
            Version::HTTP_2,
            &[grpc, ("origin", "https://example.org")]
        ));
        assert!(!native(Version::HTTP_2, &[]));
        for content_type in [
            "application/grpc-web",
            "application/grpc-web+proto",
            "application/grpc-web-text",
            "application/json",
            "APPLICATION/GRPC",
        ] {
            assert!(
                !native(Version::HTTP_2, &[("content-type", content_type)]),
                "{content_type}"
            );
        }
    }
}
