//! How a transaction begins. sqlx notes that one is open only after BEGIN was answered: when a call is given up while it
//! waits for that answer, the connection goes back to the pool with a transaction that nobody ends, and the next call
//! finds itself inside it. Therefore a BEGIN that was sent is always waited for.
//!
//! It forgets a BEGIN that failed in the middle of its text as well, and there the next call finds an aborted transaction.
//! Therefore nothing in that text may fail for a reason that a caller has a hand in, such as the time that is left.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// A silence of this long ends a transaction whatever the call has left: whoever may choose a shorter one can make Postgres
/// hang up on us with every call.
const LEAST_SILENCE: Duration = Duration::from_secs(5);

/// Who waits for a connection and the answer to BEGIN. Those that were given up wait as well, and are bounded by this.
static BEGINNING: Semaphore = Semaphore::const_new(64);

/// The last part of a BEGIN. It bounds the transaction by what is left of the call: no statement outlasts it, and when the
/// process vanishes without a word to Postgres (its machine lost power or network), its locks do not outlast it by much.
///
/// Nothing may come behind it, for that would have to keep the time already.
pub fn time_limits(left: Duration) -> String {
    // 0 would mean no limit, and Postgres takes 31 bits.
    let millis = |time: Duration| time.as_millis().clamp(1, i32::MAX as u128);
    format!(
        "SET LOCAL idle_in_transaction_session_timeout = {}; SET LOCAL statement_timeout = {}",
        millis(left.max(LEAST_SILENCE)),
        millis(left)
    )
}

/// Begins a transaction with a statement of one's own, such as `BEGIN; SET LOCAL ...`, in one round trip. It may be given
/// up at any moment: the transaction that nobody takes is rolled back. The wait for a connection then goes on too, for
/// the acquire time-out at the most; but no more than a few do so at once, and whoever has not come so far leaves no trace.
///
/// The statement is sent as it is: whatever varies in it must not come from a request.
///
/// # Errors
///
/// When Postgres is away, no connection becomes free in time, or the statement does not begin a transaction.
pub async fn begin(pool: &PgPool, statement: String) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let patience = pool.options().get_acquire_timeout();
    let place = timeout(patience, BEGINNING.acquire()).await;
    let place = place.map_err(|_| sqlx::Error::PoolTimedOut)?;
    let pool = pool.clone();
    let begun = tokio::spawn(async move {
        let _place = place;
        pool.begin_with(AssertSqlSafe(statement)).await
    });
    begun.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}
