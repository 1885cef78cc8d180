//! All SQL of the tables `sessions` and `devices`: starting a session, listing a person's, ending one.

pub(crate) mod export;
mod start;

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::Tx;
use super::revocations::Ended;
use crate::domain::{Client, LiveSession, SessionId, TokenHash, UserId};
use crate::error::Error;

pub(crate) use start::{Alone, NewSession, Started, insert};

/// A person's living sessions, the one used last first; none of a disabled person.
pub(crate) async fn list_live(
    db: impl PgExecutor<'_>,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<LiveSession>, Error> {
    let rows = sqlx::query!(
        "SELECT s.id, s.user_agent, s.ip_address, s.create_time, s.last_use_time, s.idle_expire_time
         FROM sessions s
         JOIN users u ON u.id = s.user_id
         WHERE s.user_id = $1 AND u.disable_time IS NULL AND s.end_time IS NULL AND s.idle_expire_time > $2
         ORDER BY s.last_use_time DESC, s.id DESC",
        user.0,
        now,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| LiveSession {
            id: SessionId(row.id),
            client: Client {
                user_agent: row.user_agent,
                ip_address: row.ip_address,
            },
            create_time: row.create_time,
            last_use_time: row.last_use_time,
            idle_expire_time: row.idle_expire_time,
        })
        .collect())
}

/// Ends the session that a refresh token belongs to, be it the newest or an old one, and says whose it was. Ending it
/// twice, or a session that never was, changes nothing.
pub(crate) async fn end_by_token(
    tx: &mut Tx,
    token: &TokenHash,
    now: DateTime<Utc>,
) -> Result<(Option<UserId>, Ended), Error> {
    let row = sqlx::query!(
        "UPDATE sessions SET end_time = $2
         FROM refresh_tokens t
         WHERE t.token_hash = $1 AND sessions.id = t.session_id AND sessions.end_time IS NULL
         RETURNING sessions.id, sessions.user_id",
        token.as_bytes(),
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let user = row.as_ref().map(|row| UserId(row.user_id));
    Ok((
        user,
        Ended::new(row.map(|row| SessionId(row.id)).into_iter().collect()),
    ))
}

/// Ends one session of a person. None if they have no such session; nothing is ended if it was over already.
pub(crate) async fn end_one(
    tx: &mut Tx,
    user: UserId,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<Option<Ended>, Error> {
    let row = sqlx::query!(
        r#"WITH found AS (
               SELECT id, end_time FROM sessions WHERE id = $1 AND user_id = $2 FOR UPDATE
           ), ended AS (
               UPDATE sessions SET end_time = $3 FROM found WHERE sessions.id = found.id AND found.end_time IS NULL
           )
           SELECT id, end_time IS NULL AS "was_alive!" FROM found"#,
        session.0,
        user.0,
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Ended::new(row.was_alive.then_some(SessionId(row.id)).into_iter().collect())))
}

/// Ends all sessions of a person but one, and with them what services were given to act for the person without a session.
/// The person's row is locked first, which a sign-in waits for: one that was on its way is found or finds what changed.
pub(crate) async fn end_all(
    tx: &mut Tx,
    user: UserId,
    except: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<Ended, Error> {
    // A statement of its own: the next one must see what was committed while this one waited.
    sqlx::query!("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE", user.0)
        .fetch_optional(&mut **tx)
        .await?;
    let ended = sqlx::query_scalar!(
        r#"WITH sessions_ended AS (
               UPDATE sessions SET end_time = $3
               WHERE user_id = $1 AND id IS DISTINCT FROM $2 AND end_time IS NULL AND idle_expire_time > $3
               RETURNING id
           ), tokens_ended AS (
               UPDATE service_tokens SET expire_time = $3
               WHERE user_id = $1 AND session_id = jti AND expire_time > $3
               RETURNING jti
           )
           SELECT id AS "id!" FROM sessions_ended UNION ALL SELECT jti FROM tokens_ended"#,
        user.0,
        except.map(|session| session.0),
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Ended::new(ended.into_iter().map(SessionId).collect()))
}

/// Deletes some of the sessions that ended or expired before `end`, with their refresh tokens, and says how many.
pub(crate) async fn delete_ended(
    db: impl PgExecutor<'_>,
    end: DateTime<Utc>,
    limit: i64,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "DELETE FROM sessions
         WHERE id IN (SELECT id FROM sessions WHERE least(end_time, idle_expire_time) < $1
                      ORDER BY least(end_time, idle_expire_time) LIMIT $2)",
        end,
        limit,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}

/// Deletes some of the devices that nobody has signed in with since `time`, and says how many.
pub(crate) async fn delete_devices_unused_since(
    db: impl PgExecutor<'_>,
    time: DateTime<Utc>,
    limit: i64,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "DELETE FROM devices
         WHERE (user_id, token_hash) IN (SELECT user_id, token_hash FROM devices WHERE last_use_time < $1
                                         ORDER BY last_use_time LIMIT $2 FOR UPDATE SKIP LOCKED)",
        time,
        limit,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}

/// Ends those living sessions of a person that were used longest ago, until as many are left as they may have. The
/// one that was just started stays. The person's row must be locked.
pub(crate) async fn end_beyond(
    tx: &mut Tx,
    user: UserId,
    started: SessionId,
    most: i64,
    now: DateTime<Utc>,
) -> Result<Ended, Error> {
    let ended = sqlx::query_scalar!(
        "UPDATE sessions SET end_time = $4
         WHERE end_time IS NULL AND id IN (
             SELECT id FROM sessions
             WHERE user_id = $1 AND id <> $2 AND end_time IS NULL AND idle_expire_time > $4
             ORDER BY last_use_time DESC, id DESC
             OFFSET $3)
         RETURNING id",
        user.0,
        started.0,
        most - 1,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Ended::new(ended.into_iter().map(SessionId).collect()))
}
