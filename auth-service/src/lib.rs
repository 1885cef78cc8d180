//! auth-service: sign-up to sign-out, sessions, and the only place that can sign a token.
//!
//! - [`config`] reads the settings, [`run`] and [`serve`] bring the service up, [`health`] asks how it is;
//! - `rpc`: from request to reply, one file per method;
//! - [`operator`]: commands of whoever runs the service, beside the calls;
//! - `domain`: the rules, pure; `store`: all SQL;
//! - `gathering`: refreshes that become one statement;
//! - `hashing`: Argon2id in a pool of its own; `signer`: access tokens; [`credentials`]: which services get them;
//! - [`mail`]: sending what the outbox holds;
//! - [`purge`]: accounts that go, here and at task-service;
//! - [`housekeeping`]: what is deleted because its time is over;
//! - `throttle`: what may be tried how often;
//! - `revocations`: how watchers hear of them;
//! - `administration`: what administrators and operators do to other people's accounts;
//! - `app`: what they all depend on; [`error`]: from failure to status.

mod administration;
pub mod app;
pub mod config;
pub mod credentials;
pub mod domain;
pub mod error;
mod gathering;
pub mod hashing;
pub mod housekeeping;
pub mod mail;
pub mod operator;
pub mod purge;
mod revocations;
mod rpc;
pub mod serve;
mod signer;
mod store;
mod throttle;

pub use serve::{health, run};

/// The schema, embedded.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
