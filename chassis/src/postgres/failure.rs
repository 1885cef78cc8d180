//! Which errors of sqlx say that Postgres is away or out of time, and not that a statement was wrong.

use sqlx::Error;

/// SQLSTATEs with which a server in trouble turns clients away, beside class 08 (connection): shutting down, crashed,
/// starting, out of connections, and read-only after a failover.
const AWAY: [&str; 6] = ["57P01", "57P02", "57P03", "57P05", "53300", "25006"];

/// `query_canceled`, `lock_not_available` and `idle_in_transaction_session_timeout`: how Postgres reports the time-outs
/// that follow a call's deadline.
const OUT_OF_TIME: [&str; 3] = ["57014", "55P03", "25P03"];

/// Whether the database is away; the caller may try again later.
pub fn is_unavailable(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => true,
        // What sqlx says when the connection ends in the middle of a message.
        Error::Protocol(_) | Error::BeginFailed => true,
        Error::Database(_) => {
            code(error).is_some_and(|code| code.starts_with("08") || AWAY.contains(&&*code))
        }
        _ => false,
    }
}

/// Whether a statement or a lock ran out of the time that the call had left.
pub fn is_deadline(error: &Error) -> bool {
    code(error).is_some_and(|code| OUT_OF_TIME.contains(&&*code))
}

fn code(error: &Error) -> Option<std::borrow::Cow<'_, str>> {
    error.as_database_error().and_then(|error| error.code())
}
