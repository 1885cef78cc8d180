//! All SQL of the table `security_events`: written once, read in pages, deleted when old.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

use super::Tx;
use crate::domain::{EventKind, SecurityEvent, UserId};
use crate::error::Error;

/// An event as it is read again; its kind is a stored name.
pub(crate) struct StoredEvent {
    /// UUIDv7.
    pub(crate) id: Uuid,
    /// A name of [`EventKind`](crate::domain::EventKind), or one of an older version.
    pub(crate) kind: String,
    /// Whose account.
    pub(crate) user_id: Option<Uuid>,
    /// Which session.
    pub(crate) session_id: Option<Uuid>,
    /// May be empty.
    pub(crate) ip_address: String,
    /// May be empty.
    pub(crate) user_agent: String,
    /// May be empty.
    pub(crate) actor: String,
    /// When.
    pub(crate) create_time: DateTime<Utc>,
}

/// Writes an event. Inside the transaction of what it tells of, both happen or neither.
pub(crate) async fn insert(db: impl PgExecutor<'_>, event: &SecurityEvent) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO security_events (id, user_id, kind, session_id, ip_address, user_agent, actor, create_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        event.id,
        event.user.map(|user| user.0),
        event.kind.as_str(),
        event.session.map(|session| session.0),
        event.client.ip_address,
        event.client.user_agent,
        event.actor,
        event.create_time,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes an event of the same kind, time and actor for each of many people, whose ids stand beside those of the events.
pub(crate) async fn insert_for_each(
    db: impl PgExecutor<'_>,
    kind: EventKind,
    ids: &[Uuid],
    users: &[Uuid],
    actor: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO security_events (id, user_id, kind, session_id, ip_address, user_agent, actor, create_time)
         SELECT id, user_id, $3, NULL, '', '', $4, $5
         FROM unnest($1::uuid[], $2::uuid[]) AS event (id, user_id)",
        ids,
        users,
        kind.as_str(),
        actor,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The constraint that lets go of nobody who is written about.
const USER_THERE: &str = "security_events_user_id_fkey";

/// Writes an event by itself. Of a person who is deleted by now there is nothing to write.
pub(crate) async fn insert_alone(pool: &PgPool, event: &SecurityEvent) -> Result<(), Error> {
    match insert(pool, event).await {
        Err(Error::Internal(source)) if is_gone(&*source) => Ok(()),
        outcome => outcome,
    }
}

fn is_gone(source: &(dyn std::error::Error + 'static)) -> bool {
    let error = source.downcast_ref::<sqlx::Error>();
    let constraint = error
        .and_then(|error| error.as_database_error())
        .and_then(|error| error.constraint());
    constraint == Some(USER_THERE)
}

/// Takes the id of a deleted administrator out of what they did to others.
pub(crate) async fn update_actor_gone(tx: &mut Tx, actor: UserId) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE security_events SET actor = 'deleted' WHERE actor = $1 AND actor <> ''",
        actor.0.to_string(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Events of one account, or of all, newest first, behind a place.
pub(crate) async fn list(
    db: impl PgExecutor<'_>,
    user: Option<UserId>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<StoredEvent>, Error> {
    // The largest UUID stands for no place, so that one statement serves both.
    Ok(sqlx::query_as!(
        StoredEvent,
        "SELECT id, kind, user_id, session_id, ip_address, user_agent, actor, create_time
         FROM security_events
         WHERE ($1::uuid IS NULL OR user_id = $1) AND id < $2
         ORDER BY id DESC LIMIT $3",
        user.map(|user| user.0),
        before.unwrap_or(Uuid::max()),
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// Deletes some of the events from before `end`, and says how many.
pub(crate) async fn delete_before(
    db: impl PgExecutor<'_>,
    end: DateTime<Utc>,
    limit: i64,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "DELETE FROM security_events
         WHERE id IN (SELECT id FROM security_events WHERE create_time < $1 ORDER BY create_time LIMIT $2)",
        end,
        limit,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}
