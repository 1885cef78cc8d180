//! How a transaction begins. sqlx notes that one is open only after BEGIN was answered: when a call is given up while it
//! waits for that answer, the connection goes back to the pool with a transaction that nobody ends, and the next call
//! finds itself inside it. Therefore a BEGIN that was sent is always waited for.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

/// The part of a BEGIN that bounds its transaction by what is left of the call: no statement outlasts it, and when the
/// process vanishes without a word to Postgres (its machine lost power or network), its locks do not outlast it by much.
pub fn time_limits(left: Duration) -> String {
    // 0 would mean no limit, and Postgres takes 31 bits.
    let millis = left.as_millis().clamp(1, i32::MAX as u128);
    format!(
        "SET LOCAL statement_timeout = {millis}; SET LOCAL idle_in_transaction_session_timeout = {millis}"
    )
}

/// Begins a transaction with a statement of one's own, such as `BEGIN; SET LOCAL ...`, in one round trip. It may be given
/// up at any moment: the transaction that nobody takes is rolled back. The wait for a connection then goes on too, for
/// the acquire time-out at the most.
///
/// The statement is sent as it is: whatever varies in it must not come from a request.
///
/// # Errors
///
/// When Postgres is away, no connection becomes free in time, or the statement does not begin a transaction.
pub async fn begin(pool: &PgPool, statement: String) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(statement)).await });
    begun.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}
