//! All SQL of the table `purges`: what task-service is to forget, claimed by one worker at a time.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::Tx;
use crate::domain::UserId;
use crate::error::Error;

/// A purge that the claimer alone works on until the claim is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claimed {
    /// Who is to be forgotten.
    pub(crate) user: UserId,
    /// Since the last answer, with this one.
    pub(crate) attempts: i32,
}

/// What there is to do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Backlog {
    /// Accounts that should be gone, here or at task-service.
    pub(crate) waiting: i64,
    /// Since when the oldest of them should be.
    pub(crate) oldest: Option<DateTime<Utc>>,
}

/// Writes that a person is to be forgotten, in the transaction that deletes the account. One who was imported again
/// under the same id, and deleted again, may be waiting already.
pub(crate) async fn insert(
    tx: &mut Tx,
    user: UserId,
    purge_time: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO purges (user_id, purge_time, attempts, next_attempt_time) VALUES ($1, $2, 0, $3)
         ON CONFLICT (user_id) DO UPDATE SET next_attempt_time = excluded.next_attempt_time",
        user.0,
        purge_time,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes the next purge that is due, for as long as the claim holds. Two workers never get the same one.
pub(crate) async fn claim(
    db: impl PgExecutor<'_>,
    now: DateTime<Utc>,
    claim_end: DateTime<Utc>,
) -> Result<Option<Claimed>, Error> {
    let row = sqlx::query!(
        "UPDATE purges SET attempts = attempts + 1, next_attempt_time = $2
         WHERE user_id = (SELECT user_id FROM purges WHERE next_attempt_time <= $1
                          ORDER BY next_attempt_time, user_id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING user_id, attempts",
        now,
        claim_end,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Claimed {
        user: UserId(row.user_id),
        attempts: row.attempts,
    }))
}

/// There was an answer, and there is more to do: the claim goes on.
pub(crate) async fn update_claim(
    db: impl PgExecutor<'_>,
    user: UserId,
    claim_end: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE purges SET attempts = 1, next_attempt_time = $2 WHERE user_id = $1",
        user.0,
        claim_end,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It failed, and is tried again.
pub(crate) async fn update_failed(
    db: impl PgExecutor<'_>,
    user: UserId,
    next_attempt: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE purges SET next_attempt_time = $2 WHERE user_id = $1",
        user.0,
        next_attempt,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Nothing of the person is left.
pub(crate) async fn delete(db: impl PgExecutor<'_>, user: UserId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM purges WHERE user_id = $1", user.0)
        .execute(db)
        .await?;
    Ok(())
}

/// How much there is to do.
pub(crate) async fn backlog(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<Backlog, Error> {
    Ok(sqlx::query_as!(
        Backlog,
        r#"SELECT count(*) AS "waiting!", min(purge_time) AS oldest
           FROM (SELECT purge_time FROM purges
                 UNION ALL
                 SELECT purge_time FROM users WHERE purge_time <= $1) AS due"#,
        now,
    )
    .fetch_one(db)
    .await?)
}
