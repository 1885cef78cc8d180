//! The built app: files, the one page for every other path, and headers that let nothing else in.

use std::path::PathBuf;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use tower_http::services::{ServeDir, ServeFile};

use super::Config;

const SECURITY: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify tandem-worker",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];
const NOT_BUILT: &str = "The web app has not been built: `cargo run` builds it when Node is installed.\n\
                         Both APIs are served at this address all the same.\n";

#[derive(Clone)]
struct App {
    root: PathBuf,
    public_origin: String,
}

/// Everything that is not an API call.
pub(super) fn routes(config: &Config) -> Router {
    let app = App {
        root: config.root.clone(),
        public_origin: config.public_origin.clone(),
    };
    let files = |folder| ServeDir::new(folder).precompressed_br().precompressed_gzip();
    let page = ServeFile::new(app.root.join("index.html"))
        .precompressed_br()
        .precompressed_gzip();
    // A missing file is missing; every other path is a page of the app, which finds its own way.
    Router::new()
        .nest_service("/assets", files(app.root.join("assets")))
        .fallback_service(files(app.root.clone()).fallback(page))
        .layer(middleware::from_fn_with_state(app, guard))
}

async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let asset = request.uri().path().starts_with("/assets/");
    let mut response = if !matches!(*request.method(), Method::GET | Method::HEAD) {
        StatusCode::METHOD_NOT_ALLOWED.into_response()
    } else if let Some(elsewhere) = other_name(&app.public_origin, request.headers()) {
        Redirect::temporary(&format!("{elsewhere}{}", request.uri())).into_response()
    } else if !app.root.join("index.html").is_file() {
        (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in SECURITY {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // The build names assets by their content; the page that names them must be fresh.
    let keep = if asset {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

/// Where to go from another name of this same machine (`localhost` for `127.0.0.1`): the refresh cookie knows one
/// origin only.
fn other_name<'a>(public_origin: &'a str, headers: &HeaderMap) -> Option<&'a str> {
    let (_, public) = public_origin.split_once("://")?;
    let asked = headers.get(header::HOST)?.to_str().ok()?;
    let is_loopback = |authority: &str| {
        let name = authority.rsplit_once(':').map_or(authority, |(name, _)| name);
        matches!(name, "localhost" | "127.0.0.1" | "[::1]")
    };
    (asked != public && is_loopback(asked) && is_loopback(public)).then_some(public_origin)
}
