//! How any Tandem service is run.
//!
//! - [`config`] reads settings, [`telemetry`] sets up logs, [`Clock`] and [`Entropy`] are injected;
//! - [`Server`] takes tonic services and puts the one layer stack, health, reflection, TLS and drain around them;
//! - [`deadline`], [`ClientAddress`], [`Draining`] and [`RequestId`] are what a handler can learn about its call;
//! - [`postgres`] gives a pool, migrations and the health of the database; [`metrics`] what Prometheus scrapes;
//! - [`gathering`] makes one statement of what many ask for at the same moment;
//! - [`PageTokens`] binds places in lists to those who asked;
//! - [`status`] holds the few refusals that every service shares, [`probe`] asks another process for its health;
//! - [`peer`] connects to other services, [`revocations`] follows auth-service's;
//! - [`cli`] is the command line of a service, [`operator`] what commands beside it share, [`tls`] whom a client of ours trusts.
//!
//! No rule of any one service may be put here, and nothing here imports a service.

mod call;
mod client_address;
mod clock;
mod entropy;
mod layers;
mod listen;
mod methods;
mod page_token;
mod request_id;
mod server;
mod shutdown;

pub mod cli;
pub mod config;
pub mod deadline;
pub mod gathering;
pub mod health;
pub mod metrics;
pub mod operator;
pub mod peer;
pub mod postgres;
pub mod probe;
pub mod revocations;
pub mod status;
pub mod telemetry;
pub mod tls;

pub use client_address::ClientAddress;
pub use clock::{Clock, ManualClock};
pub use entropy::Entropy;
pub use health::Health;
pub use listen::{BindError, bind};
pub use metrics::Metrics;
pub use page_token::{PageTokenInvalid, PageTokens};
pub use request_id::RequestId;
pub use server::{
    MESSAGE_IN_LIMIT_BYTES, MESSAGE_OUT_LIMIT_BYTES, ServeError, Server, StartError, incoming, transport,
};
pub use shutdown::{Draining, shutdown_signal};
