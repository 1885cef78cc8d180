//! A person's sessions and devices, whole, page by page.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::{Client, LiveSession, SessionId, UserId};
use crate::error::Error;

/// A session, whether it lives or not.
pub(crate) struct AnySession {
    /// What it is or was.
    pub(crate) session: LiveSession,
    /// When it ended early, if it did.
    pub(crate) end_time: Option<DateTime<Utc>>,
}

/// A device. Its token's hash is the place in the order, and nothing to show.
pub(crate) struct AnyDevice {
    /// SHA-256.
    pub(crate) token_hash: Vec<u8>,
    /// The first sign-in.
    pub(crate) create_time: DateTime<Utc>,
    /// The latest one.
    pub(crate) last_use_time: DateTime<Utc>,
}

/// All sessions of a person that are still known, behind a place.
pub(crate) async fn list_sessions(
    db: impl PgExecutor<'_>,
    user: UserId,
    after: Option<SessionId>,
    limit: i64,
) -> Result<Vec<AnySession>, Error> {
    let rows = sqlx::query!(
        "SELECT id, user_agent, ip_address, create_time, last_use_time, idle_expire_time, end_time
         FROM sessions
         WHERE user_id = $1 AND id > $2
         ORDER BY id LIMIT $3",
        user.0,
        after.map_or(Uuid::nil(), |session| session.0),
        limit,
    )
    .fetch_all(db)
    .await?;
    let sessions = rows.into_iter().map(|row| AnySession {
        session: LiveSession {
            id: SessionId(row.id),
            client: Client {
                user_agent: row.user_agent,
                ip_address: row.ip_address,
            },
            create_time: row.create_time,
            last_use_time: row.last_use_time,
            idle_expire_time: row.idle_expire_time,
        },
        end_time: row.end_time,
    });
    Ok(sessions.collect())
}

/// All devices of a person behind a place; nothing comes before the first.
pub(crate) async fn list_devices(
    db: impl PgExecutor<'_>,
    user: UserId,
    after: &[u8],
    limit: i64,
) -> Result<Vec<AnyDevice>, Error> {
    Ok(sqlx::query_as!(
        AnyDevice,
        "SELECT token_hash, create_time, last_use_time FROM devices
         WHERE user_id = $1 AND token_hash > $2
         ORDER BY token_hash LIMIT $3",
        user.0,
        after,
        limit,
    )
    .fetch_all(db)
    .await?)
}
