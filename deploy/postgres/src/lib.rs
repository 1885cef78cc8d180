//! Runs a private Postgres server in a directory: for `tandem up` and for every test.
//!
//! This crate owns finding the binaries, the cluster's files, the user it runs as, and that no server outlives
//! the process that asked for it. Nothing about Tandem's services or tables belongs here.
//!
//! - [`Cluster`] keeps data: fsync on, one owner at a time, stopped when its owner stops or dies.
//! - [`mod@test`] lends throw-away databases from one unsafe-but-fast cluster shared by a whole test run.

mod account;
mod binaries;
mod cluster;
mod error;
mod home;
mod keeper;
mod leftover;
mod lock;
pub mod test;
mod url;

pub use binaries::Binaries;
pub use cluster::{Cluster, Options, Progress};
pub use error::Error;
pub use lock::{Held, Lock};
