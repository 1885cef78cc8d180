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
    let left = deadline.remaining();
    if left.is_zero() {
        return Err(Error::DeadlinePassed);
    }
    let begin = format!("BEGIN; {}", chassis::postgres::time_limits(left));
    Ok(chassis::postgres::begin(pool, begin).await?)
}
