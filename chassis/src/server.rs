//! The server that every service is run by: services go in, the layer stack and all limits are put around them, and it
//! ends in order. Defaults of tonic that are traps are overruled in [`limits`], and nowhere else.

mod coalescing;
mod limits;
mod run;

use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;

use http::Request;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::{Routes, RoutesBuilder};
use tower::Service;

use crate::config::ServerConfig;
use crate::{BindError, Health, Metrics};

pub use limits::{MESSAGE_IN_LIMIT_BYTES, MESSAGE_OUT_LIMIT_BYTES, incoming, transport};

/// Why a start-up failed; services may use an error type of their own.
pub type StartError = Box<dyn Error + Send + Sync>;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Why a server ended otherwise than by its shutdown.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address for metrics cannot be bound.
    #[error(transparent)]
    Metrics(#[from] BindError),
    /// Certificate and key are no pair that TLS can use.
    #[error("TANDEM_TLS_CERT and TANDEM_TLS_KEY cannot be used")]
    Tls(#[source] tonic::transport::Error),
    /// The work before the first call failed, mostly a migration.
    #[error("the service could not start")]
    Start(#[source] StartError),
    /// Work beside the calls panicked; the log has told of it.
    #[error("work beside the calls ended")]
    Beside(#[source] tokio::task::JoinError),
    /// The listener failed.
    #[error("the server failed")]
    Transport(#[source] tonic::transport::Error),
}

/// A server under construction.
#[must_use = "a server does nothing until it serves"]
pub struct Server {
    config: ServerConfig,
    health: Health,
    metrics: Metrics,
    routes: RoutesBuilder,
    served: Vec<&'static str>,
    descriptors: Vec<&'static [u8]>,
    starting: Option<Work<Result<(), StartError>>>,
    background: Vec<Work<()>>,
    afterwards: Vec<Work<()>>,
}

impl Server {
    /// A server without services.
    pub fn new(config: ServerConfig, health: Health, metrics: Metrics) -> Self {
        Self {
            config,
            health,
            metrics,
            routes: Routes::builder(),
            served: Vec::new(),
            descriptors: vec![proto::FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET],
            starting: None,
            background: Vec::new(),
            afterwards: Vec::new(),
        }
    }

    /// Adds a tonic service, with its interceptor if it has one, and with its message limits set to
    /// [`MESSAGE_IN_LIMIT_BYTES`] and [`MESSAGE_OUT_LIMIT_BYTES`].
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.routes.add_service(service);
        self.served.push(S::NAME);
        self
    }

    /// Adds an encoded descriptor set for services that are not part of the `proto` crate.
    pub fn descriptors(mut self, encoded: &'static [u8]) -> Self {
        self.descriptors.push(encoded);
        self
    }

    /// Work before the first call, such as migrations. The port is open and health answers meanwhile, calls are told to
    /// come back; a failure ends the server.
    pub fn starting<F, E>(mut self, work: F) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<StartError>,
    {
        self.starting = Some(Box::pin(async move { work.await.map_err(Into::into) }));
        self
    }

    /// Work beside the calls, dropped when the server has ended.
    pub fn background(mut self, work: impl Future<Output = ()> + Send + 'static) -> Self {
        self.background.push(Box::pin(work));
        self
    }

    /// Work beside the calls that needs what [`starting`](Self::starting) brings about, such as migrated tables, and so
    /// begins after it. Dropped when the server has ended.
    pub fn afterwards(mut self, work: impl Future<Output = ()> + Send + 'static) -> Self {
        self.afterwards.push(Box::pin(work));
        self
    }
}
