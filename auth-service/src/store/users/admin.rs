//! What administrators read and change of other people's accounts.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::user_of;
use crate::domain::{Email, User, UserId};
use crate::error::Error;
use crate::store::Tx;

/// Locks the rows of two people, always in the same order, so that two administrators who disable each other do not
/// wait for each other for ever.
pub(crate) async fn lock_both(tx: &mut Tx, one: UserId, other: UserId) -> Result<(), Error> {
    sqlx::query!(
        "SELECT id FROM users WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE",
        one.0,
        other.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(())
}

/// An account, enabled or not.
pub(crate) async fn find(db: impl PgExecutor<'_>, id: UserId) -> Result<Option<User>, Error> {
    let row = sqlx::query!(
        "SELECT id, email, display_name, email_verified, role, create_time, update_time, disable_time, purge_time
         FROM users WHERE id = $1",
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| user_of!(row)))
}

/// Accounts in the order of their ids, which is that in which they were made, behind a place; with an email only its own.
pub(crate) async fn list(
    db: impl PgExecutor<'_>,
    email: Option<&Email>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<User>, Error> {
    // The least UUID stands for no place, so that one statement serves both.
    let rows = sqlx::query!(
        "SELECT id, email, display_name, email_verified, role, create_time, update_time, disable_time, purge_time
         FROM users
         WHERE ($1::text IS NULL OR email_key = $1) AND id > $2
         ORDER BY id LIMIT $3",
        email.map(Email::key),
        after.unwrap_or(Uuid::nil()),
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| user_of!(row)).collect())
}

/// Keeps a person out since a time, or lets them in again. The person's row must be locked.
pub(crate) async fn update_disable_time(
    tx: &mut Tx,
    id: UserId,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users SET disable_time = $2, update_time = $3 WHERE id = $1",
        id.0,
        since,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives a person another role. The person's row must be locked.
pub(crate) async fn update_role(
    tx: &mut Tx,
    id: UserId,
    role: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users SET role = $2, update_time = $3 WHERE id = $1",
        id.0,
        role,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
