//! All SQL of the tables `revocations` and `revocation_cursor`: what must be refused although its signature is good.
//!
//! Whoever ends sessions gets an [`Ended`], and [`commit`] is the only way to be rid of it: the counter is raised by the
//! last statement before the commit, so that a reader who has seen number n has seen everything up to n.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::Tx;
use crate::domain::{REVOCATION_LIFE, SessionId};
use crate::error::Error;

/// Sessions that a transaction has ended. It must reach [`commit`].
#[derive(Debug, Default)]
#[must_use = "sessions that ended are revoked by `revocations::commit`"]
pub(crate) struct Ended(Vec<SessionId>);

impl Ended {
    pub(super) fn new(sessions: Vec<SessionId>) -> Self {
        Self(sessions)
    }

    /// Which sessions.
    pub(crate) fn sessions(&self) -> &[SessionId] {
        &self.0
    }
}

/// Where the log of revocations stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Which database.
    pub(crate) epoch: Uuid,
    /// The newest revocation.
    pub(crate) number: i64,
    /// Older ones than this may be gone.
    pub(crate) floor: i64,
}

/// A revocation as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Revocation {
    /// Its place in the order.
    pub(crate) number: i64,
    /// What must be refused.
    pub(crate) session_id: Uuid,
    /// Until when.
    pub(crate) expire_time: DateTime<Utc>,
}

/// Revokes the sessions that the transaction has ended, and commits. One that is revoked already stays as it is: two
/// replicas whose clocks differ may both find that it still lived.
pub(crate) async fn commit(mut tx: Tx, ended: Ended, now: DateTime<Utc>) -> Result<(), Error> {
    if !ended.0.is_empty() {
        let sessions: Vec<Uuid> = ended.0.into_iter().map(|session| session.0).collect();
        sqlx::query!(
            "WITH place AS (
                 UPDATE revocation_cursor SET number = number + cardinality($1::uuid[])
                 RETURNING number - cardinality($1::uuid[]) AS before
             )
             INSERT INTO revocations (number, session_id, create_time, expire_time)
             SELECT place.before + ended.position, ended.session_id, $2, $3
             FROM place, unnest($1::uuid[]) WITH ORDINALITY AS ended (session_id, position)
             ON CONFLICT ON CONSTRAINT revocations_session_id_unique DO NOTHING",
            &sessions,
            now,
            now + REVOCATION_LIFE,
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Where the log stands now.
pub(crate) async fn position(db: impl PgExecutor<'_>) -> Result<Position, Error> {
    let position = sqlx::query_as!(Position, "SELECT epoch, number, floor FROM revocation_cursor")
        .fetch_one(db)
        .await?;
    Ok(position)
}

/// Revocations behind a number that have not expired, in order. Read after [`position`], it holds at least everything up
/// to there.
pub(crate) async fn list_behind(
    db: impl PgExecutor<'_>,
    number: i64,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Revocation>, Error> {
    let found = sqlx::query_as!(
        Revocation,
        "SELECT number, session_id, expire_time FROM revocations
         WHERE number > $1 AND expire_time > $2
         ORDER BY number LIMIT $3",
        number,
        now,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(found)
}

/// Deletes some of the expired revocations and raises the floor accordingly. Says how many.
pub(crate) async fn compact(db: impl PgExecutor<'_>, now: DateTime<Utc>, limit: i64) -> Result<u64, Error> {
    let done = sqlx::query_scalar!(
        r#"WITH gone AS (
               DELETE FROM revocations
               WHERE number IN (SELECT number FROM revocations WHERE expire_time <= $1
                                ORDER BY expire_time LIMIT $2 FOR UPDATE SKIP LOCKED)
               RETURNING number
           ), raised AS (
               UPDATE revocation_cursor SET floor = greatest(floor, highest.number)
               FROM (SELECT max(number) AS number FROM gone) AS highest
               WHERE highest.number IS NOT NULL
           )
           SELECT count(*) AS "count!" FROM gone"#,
        now,
        limit,
    )
    .fetch_one(db)
    .await?;
    Ok(done.unsigned_abs())
}
