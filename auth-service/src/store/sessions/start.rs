//! How a session starts: one statement with all that belongs to it, which is a transaction of its own whenever nothing
//! else has to happen beside it.

use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::domain::{SecurityEvent, SessionId, SessionTimes, TokenHash, User, UserId};
use crate::error::Error;
use crate::store::lock_patience;
use crate::store::users::user_of;

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
    /// The device token that the client sent, if any.
    pub(crate) given_device: Option<&'a TokenHash>,
    /// The one it gets when the person has not been seen with the given one.
    pub(crate) new_device: &'a TokenHash,
    /// When it ends.
    pub(crate) times: SessionTimes,
    /// What tells of it: by which program, and when it starts.
    pub(crate) event: &'a SecurityEvent,
}

/// What a session asks for that is started by its statement alone.
pub(crate) struct Alone<'a> {
    /// It is not started if the person has so many.
    pub(crate) most: i64,
    /// Until when locks may be waited for.
    pub(crate) deadline: Deadline,
    /// The place of the attempt in the count of its device, by key and end, which is given back.
    pub(crate) place: Option<(&'a [u8; 32], DateTime<Utc>)>,
}

/// What became of it.
pub(crate) enum Started {
    /// It has begun.
    Begun {
        /// Whose it is.
        user: User,
        /// Whether the given device token is one of the person's.
        device_known: bool,
        /// Whether the person has signed in before, on whatever device.
        has_devices: bool,
    },
    /// The person was disabled, or changed the password, since the check.
    Void,
    /// The person has as many sessions as they may have. Nothing was done.
    Full,
}

/// Starts a session, unless the person was disabled or changed the password since the check. The person's row is
/// locked against both until the session is there, and against other sign-ins, so that sessions can be counted:
/// `live_sessions` looks after the lock was taken, and sees what whoever had it before has done.
pub(crate) async fn insert(
    db: impl PgExecutor<'_>,
    new: &NewSession<'_>,
    alone: Option<Alone<'_>>,
) -> Result<Started, Error> {
    // In somebody's transaction the time limits are those of the transaction.
    let patience = alone
        .as_ref()
        .map(|alone| lock_patience(alone.deadline))
        .transpose()?;
    let place = alone.as_ref().and_then(|alone| alone.place);
    let row = sqlx::query!(
        r#"
        WITH patience AS (
            SELECT CASE WHEN $14::text IS NOT NULL THEN set_config('lock_timeout', $14, true) END
        ), person AS (
            SELECT id, email, display_name, email_verified, role, create_time, update_time, disable_time,
                   purge_time
            FROM patience, users
            WHERE id = $1 AND password_hash = $2 AND disable_time IS NULL
            FOR NO KEY UPDATE OF users
        ), session AS (
            INSERT INTO sessions (id, user_id, generation, user_agent, ip_address, create_time, last_use_time,
                                  idle_expire_time, expire_time)
            SELECT $3, id, 0, $4, $5, $6, $6, $7, $8 FROM person
            WHERE $15::bigint IS NULL OR live_sessions(id, $6) < $15
            RETURNING id, user_id
        ), token AS (
            INSERT INTO refresh_tokens (token_hash, session_id, generation, create_time)
            SELECT $9, id, 0, $6 FROM session
        ), known_device AS (
            UPDATE devices SET last_use_time = $6 FROM session
            WHERE devices.user_id = session.user_id AND devices.token_hash = $10
            RETURNING devices.token_hash
        ), new_device AS (
            INSERT INTO devices (user_id, token_hash, create_time, last_use_time)
            SELECT user_id, $11, $6, $6 FROM session WHERE NOT EXISTS (SELECT FROM known_device)
        ), event AS (
            INSERT INTO security_events (id, user_id, kind, session_id, ip_address, user_agent, actor, create_time)
            SELECT $12, user_id, $13, id, $5, $4, '', $6 FROM session
        ), settled AS (
            UPDATE throttles t
            SET reserved = t.reserved[:array_position(t.reserved, $17) - 1]
                           || t.reserved[array_position(t.reserved, $17) + 1:]
            FROM session
            WHERE t.kind = 'password_device' AND t.key = $16 AND $17 = ANY (t.reserved)
        )
        SELECT id, email, display_name, email_verified, role, create_time, update_time, disable_time, purge_time,
               EXISTS (SELECT FROM session) AS "begun!",
               EXISTS (SELECT FROM known_device) AS "device_known!",
               EXISTS (SELECT FROM devices WHERE devices.user_id = person.id) AS "has_devices!"
        FROM person
        "#,
        new.user_id.0,
        new.password_hash,
        new.id.0,
        new.event.client.user_agent,
        new.event.client.ip_address,
        new.event.create_time,
        new.times.idle_expire_time,
        new.times.expire_time,
        new.refresh_token.as_bytes(),
        new.given_device.map(TokenHash::as_bytes),
        new.new_device.as_bytes(),
        new.event.id,
        new.event.kind.as_str(),
        patience,
        alone.as_ref().map(|alone| alone.most),
        place.map(|(key, _)| key.as_slice()),
        place.map(|(_, end)| end),
    )
    .fetch_optional(db)
    .await?;
    Ok(match row {
        None => Started::Void,
        Some(row) if !row.begun => Started::Full,
        Some(row) => Started::Begun {
            device_known: row.device_known,
            // As it was before this statement.
            has_devices: row.has_devices,
            user: user_of!(row),
        },
    })
}
