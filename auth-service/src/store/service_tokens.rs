//! All SQL of the table `service_tokens`: what services were given.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::Tx;
use crate::domain::{ServiceName, SessionId, UserId};
use crate::error::Error;

/// A token to be recorded.
pub(crate) struct NewServiceToken<'a> {
    /// Its jti.
    pub(crate) id: Uuid,
    /// Who gets it.
    pub(crate) service: &'a ServiceName,
    /// Where it is good.
    pub(crate) audience: &'a str,
    /// What it allows, separated by spaces.
    pub(crate) scope: &'a str,
    /// When it is made.
    pub(crate) now: DateTime<Utc>,
    /// When it stops working.
    pub(crate) expire_time: DateTime<Utc>,
}

/// Records a token with which a service acts for itself.
pub(crate) async fn insert(tx: &mut Tx, new: &NewServiceToken<'_>) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO service_tokens (jti, service, audience, scope, create_time, expire_time)
         VALUES ($1, $2, $3, $4, $5, $6)",
        new.id,
        new.service.as_str(),
        new.audience,
        new.scope,
        new.now,
        new.expire_time,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Records a token with which a service acts for a person: in this session, or with none in a session of the token's
/// own id. False if the person may not sign in, or the session has ended. The person's row is locked against both
/// until the record is there, so that whoever revokes all of a person's tokens finds this one or prevents it.
pub(crate) async fn insert_for_person(
    tx: &mut Tx,
    new: &NewServiceToken<'_>,
    user: UserId,
    session: Option<SessionId>,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "WITH person AS (
             SELECT id FROM users
             WHERE id = $7 AND disable_time IS NULL
               AND ($8::uuid IS NULL OR EXISTS (
                   SELECT FROM sessions s
                   WHERE s.id = $8 AND s.user_id = users.id AND s.end_time IS NULL AND s.idle_expire_time > $5))
             FOR SHARE OF users
         )
         INSERT INTO service_tokens (jti, service, audience, scope, user_id, session_id, create_time, expire_time)
         SELECT $1, $2, $3, $4, id, coalesce($8, $1), $5, $6 FROM person",
        new.id,
        new.service.as_str(),
        new.audience,
        new.scope,
        new.now,
        new.expire_time,
        user.0,
        session.map(|session| session.0),
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What a recorded token of a service that acts for itself allows. None if it was never recorded so, or has expired.
pub(crate) async fn find_scope(
    db: impl PgExecutor<'_>,
    id: Uuid,
    service: &ServiceName,
    audience: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, Error> {
    let scope = sqlx::query_scalar!(
        "SELECT scope FROM service_tokens
         WHERE jti = $1 AND service = $2 AND audience = $3 AND user_id IS NULL AND expire_time > $4",
        id,
        service.as_str(),
        audience,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(scope)
}

/// Deletes up to `limit` tokens that expired before this time, and says how many.
pub(crate) async fn delete_expired(
    db: impl PgExecutor<'_>,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, Error> {
    let done = sqlx::query!(
        "DELETE FROM service_tokens
         WHERE jti IN (SELECT jti FROM service_tokens WHERE expire_time < $1
                       ORDER BY expire_time LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        limit,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
