//! Postgres as any service uses it: a pool, migrations at start, the health of the database, and which errors mean that
//! it is away. No statement about a service's own tables may be put here.

mod begin;
mod failure;
mod kept;
mod listen;
mod migrate;
mod pool;
mod watch;

pub use begin::{begin, time_limits};
pub use failure::{is_deadline, is_unavailable};
pub use kept::{KeptConnection, KeptConnections};
pub use listen::Listener;
pub use migrate::{migrate, migrate_patiently};
pub use pool::{apart, connect, observe};
pub use watch::watch;
