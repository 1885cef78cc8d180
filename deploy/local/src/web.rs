//! The web origin: the built app and both APIs under one address, so that the app needs no CORS and the refresh
//! cookie stays on one site. It passes calls on and knows nothing about them.

mod api;
mod app;
mod client;
mod config;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub(crate) use config::{Config, find_sources};

/// How long calls in flight may take to end. Streams end by themselves when the services drain.
const DRAIN: Duration = Duration::from_secs(10);
/// Answered by this process alone, whatever is behind it.
const HEALTH_PATH: &str = "/healthz";

/// Serves until a signal comes.
pub(crate) async fn run() -> anyhow::Result<()> {
    let config = Config::from_env()?;
    let shutdown = chassis::shutdown_signal();
    let listener = chassis::bind(config.addr, "TANDEM_WEB_ADDR").await?;
    tracing::info!(web.address = %config.addr, web.root = %config.root.display(), "serving");
    serve(config, listener, shutdown).await
}

/// Serves on a bound listener until the token fires.
async fn serve(config: Config, listener: TcpListener, shutdown: CancellationToken) -> anyhow::Result<()> {
    let router = Router::new()
        .route(HEALTH_PATH, get(|| async { "ok\n" }))
        .merge(api::routes(&config))
        .merge(app::routes(&config));
    let serving = axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let too_long = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        ended = serving => Ok(ended?),
        () = too_long => Ok(()),
    }
}

/// Succeeds when the web origin of this configuration answers.
pub(crate) async fn health() -> anyhow::Result<()> {
    let addr = Config::from_env()?.addr;
    tokio::time::timeout(Duration::from_secs(3), ask(addr))
        .await
        .context("no answer in 3 s")?
}

/// Waits until a web origin answers there.
pub(crate) async fn answers(addr: SocketAddr) {
    while ask(addr).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ask(addr: SocketAddr) -> anyhow::Result<()> {
    let url = chassis::probe::local_url(addr, false);
    let answer = client::client::<Body>(None)
        .get(format!("{url}{HEALTH_PATH}").parse()?)
        .await;
    let status = answer
        .with_context(|| format!("nobody answers at {url}"))?
        .status();
    anyhow::ensure!(status.is_success(), "{url} answers {status}");
    Ok(())
}
