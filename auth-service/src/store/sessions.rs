//! All SQL of the tables `sessions` and `devices`: starting a session, listing a person's, ending one.

pub(crate) mod export;

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::Tx;
use super::revocations::Ended;
use super::users::user_of;
use crate::domain::{Client, LiveSession, SessionId, SessionTimes, TokenHash, User, UserId};
use crate::error::Error;

/// A session to be started.
pub(crate) struct NewSession<'a> {
    /// Its id.
    pub(crate) id: SessionId,
    /// Whose it is.
    pub(crate) user_id: UserId,
    /// The hash that the password was checked against. If it has changed since, the check is void.
    pub(crate) password_hash: &'a str,
    /// The first refresh token.
    pub(crate) refresh_token: &'a TokenHash,
    /// The program at the other end.
    pub(crate) client: &'a Client,
    /// The device token that the client sent, if any.
    pub(crate) given_device: Option<&'a TokenHash>,
    /// The one it gets when the person has not been seen with the given one.
    pub(crate) new_device: &'a TokenHash,
    /// When it starts.
    pub(crate) now: DateTime<Utc>,
    /// When it ends.
    pub(crate) times: SessionTimes,
}

/// A session that was started.
pub(crate) struct Started {
    /// Whose it is.
    pub(crate) user: User,
    /// Whether the given device token is one of the person's.
    pub(crate) device_known: bool,
    /// Whether the person has signed in before, on whatever device.
    pub(crate) has_devices: bool,
}

/// Starts a session, unless the person was disabled or changed the password since the check. The person's row is
/// locked against both until the session is there, and against other sign-ins, so that sessions can be counted.
pub(crate) async fn insert(tx: &mut Tx, new: &NewSession<'_>) -> Result<Option<Started>, Error> {
    let row = sqlx::query!(
        r#"
        WITH person AS (
            SELECT id, email, display_name, email_verified, role, create_time, update_time, disable_time,
                   purge_time
            FROM users
            WHERE id = $1 AND password_hash = $2 AND disable_time IS NULL
            FOR NO KEY UPDATE
        ), session AS (
            INSERT INTO sessions (id, user_id, generation, user_agent, ip_address, create_time, last_use_time,
                                  idle_expire_time, expire_time)
            SELECT $3, id, 0, $4, $5, $6, $6, $7, $8 FROM person
            RETURNING id
        ), token AS (
            INSERT INTO refresh_tokens (token_hash, session_id, generation, create_time)
            SELECT $9, id, 0, $6 FROM session
        ), known_device AS (
            UPDATE devices SET last_use_time = $6 FROM person
            WHERE devices.user_id = person.id AND devices.token_hash = $10
            RETURNING devices.token_hash
        ), new_device AS (
            INSERT INTO devices (user_id, token_hash, create_time, last_use_time)
            SELECT id, $11, $6, $6 FROM person WHERE NOT EXISTS (SELECT FROM known_device)
        )
        SELECT id, email, display_name, email_verified, role, create_time, update_time, disable_time, purge_time,
               EXISTS (SELECT FROM known_device) AS "device_known!",
               EXISTS (SELECT FROM devices WHERE devices.user_id = person.id) AS "has_devices!"
        FROM person
        "#,
        new.user_id.0,
        new.password_hash,
        new.id.0,
        new.client.user_agent,
        new.client.ip_address,
        new.now,
        new.times.idle_expire_time,
        new.times.expire_time,
        new.refresh_token.as_bytes(),
        new.given_device.map(TokenHash::as_bytes),
        new.new_device.as_bytes(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Started {
        device_known: row.device_known,
        // As it was before this statement.
        has_devices: row.has_devices,
        user: user_of!(row),
    }))
}

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
