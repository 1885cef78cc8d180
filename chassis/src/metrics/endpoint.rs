//! The page for Prometheus. It is not authenticated, so it must never share the public port.

use std::io;

use axum::Router;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Metrics;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves `/metrics`, and `/healthz` for whoever can ask over HTTP only, until the token fires.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve(metrics: Metrics, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
    let page = move || async move { ([(CONTENT_TYPE, OPEN_METRICS)], metrics.encode()) };
    let router = Router::new()
        .route("/metrics", get(page))
        .route("/healthz", get(|| async { "alive\n" }));
    tokio::select! {
        served = axum::serve(listener, router).into_future() => served,
        () = stop.cancelled() => Ok(()),
    }
}
