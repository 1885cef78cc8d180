//! task-service: people's tasks, each person's strictly apart. It verifies tokens and never mints one.
//!
//! - [`config`] reads the settings, [`run`] and [`serve`] bring the service up, [`health`] asks how it is;
//! - `rpc`: from request to reply, one file per method;
//! - `gathering`: what many people ask for at the same moment, as one statement and one commit;
//! - `domain`: the rules, pure; `store`: all SQL, behind a transaction that is bound to its owner or owners;
//! - `owner`: whose the rows are; `app`: what all depend on; [`error`]: from failure to status;
//! - [`feed_epoch`] says which sync tokens are of this database; [`operator`]: commands of whoever runs the service;
//! - [`housekeeping`] deletes what is over, `deletions` bounds and counts what is deleted;
//! - [`streams`] bounds and counts what people have open, `wakeups` tells them of writes at any replica; `rates` bounds
//!   how often people call, `imports` gives their files turns, `refusals` counts who was above a limit.

pub mod app;
pub mod config;
mod deletions;
pub mod domain;
pub mod error;
pub mod feed_epoch;
mod gathering;
pub mod housekeeping;
mod imports;
pub mod operator;
pub mod owner;
mod rates;
mod refusals;
mod rpc;
pub mod serve;
pub mod store;
pub mod streams;
mod wakeups;

pub use serve::{health, run};

/// The schema, embedded.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
