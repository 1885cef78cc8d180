//! Which pages may call from a browser. Origins are listed one by one; credentials are never allowed across origins,
//! since other origins are for bearer tokens only and the refresh cookie stays with its own.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::config::Origin;
use crate::request_id;

/// Chromium caps it here.
const MAX_AGE: Duration = Duration::from_secs(7200);

pub(super) fn layer(origins: &[Origin]) -> CorsLayer {
    let origins = origins
        .iter()
        .map(|origin| HeaderValue::from_str(origin.as_str()).expect("an origin is visible ASCII"));
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::POST])
        .allow_headers([
            http::header::CONTENT_TYPE,
            http::header::AUTHORIZATION,
            HeaderName::from_static("x-grpc-web"),
            HeaderName::from_static("x-user-agent"),
            HeaderName::from_static("grpc-timeout"),
            HeaderName::from_static("traceparent"),
            request_id::HEADER,
        ])
        // A refusal travels in headers, not in the body: unless these are exposed a page cannot read it.
        .expose_headers([
            HeaderName::from_static("grpc-status"),
            HeaderName::from_static("grpc-message"),
            HeaderName::from_static("grpc-status-details-bin"),
            request_id::HEADER,
        ])
        .max_age(MAX_AGE)
}
