//! All SQL, one file per table. Functions that join a transaction take it first; only `rpc` begins and commits.
//! What may never be put here: rules that the domain can state, and text that goes to a client.

pub(crate) mod codes;
pub(crate) mod mails;
pub(crate) mod purges;
pub(crate) mod refresh_tokens;
pub(crate) mod revocations;
pub(crate) mod security_events;
pub(crate) mod service_tokens;
pub(crate) mod sessions;
pub(crate) mod throttles;
pub(crate) mod users;

use std::time::Duration;

use chassis::deadline::Deadline;
use sqlx::{PgPool, Postgres, Transaction};

use crate::error::Error;

/// A transaction in progress. Dropped without a commit, it never was.
pub(crate) type Tx = Transaction<'static, Postgres>;

/// A transaction whose statements end when the call does: a call that nobody waits for must not keep its locks. One
/// round trip. The text's only variable is a number.
///
/// # Errors
///
/// When the database cannot be reached, or no time is left.
pub(crate) async fn begin(pool: &PgPool, deadline: Deadline) -> Result<Tx, Error> {
    let begin = format!("BEGIN; {}", chassis::postgres::time_limits(left(deadline)?));
    Ok(chassis::postgres::begin(pool, begin).await?)
}

/// How long a statement that is a transaction of its own may wait for a lock, in milliseconds: no longer than the call
/// has left. Such a statement sets its own `lock_timeout` before it takes the first lock, for a setting that came before
/// it would be a round trip more.
///
/// # Errors
///
/// When no time is left.
fn lock_patience(deadline: Deadline) -> Result<String, Error> {
    // 0 would mean no limit, and Postgres takes 31 bits.
    let millis = left(deadline)?.as_millis().clamp(1, i32::MAX as u128);
    Ok(millis.to_string())
}

fn left(deadline: Deadline) -> Result<Duration, Error> {
    let left = deadline.remaining();
    match left.is_zero() {
        true => Err(Error::DeadlinePassed),
        false => Ok(left),
    }
}
