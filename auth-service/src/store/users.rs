//! All SQL of the table `users`.

pub(crate) mod admin;
mod credentials;
pub(crate) mod deletion;
mod emails;
pub(crate) mod import;

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::Tx;
use crate::domain::{DisplayName, Email, SessionId, User, UserId};
use crate::error::Error;

pub(crate) use credentials::{Entry, find_credentials};
pub(crate) use emails::{
    Named, Reachable, find_named, find_reachable, find_reachable_for_update, insert_unless_taken,
    update_email, update_from_sign_up, update_password_and_verified, update_verified,
};

/// The constraint that makes an email one person's.
const EMAIL_UNIQUE: &str = "users_email_key_unique";

/// A [`User`] from a row that has its columns: `id, email, display_name, email_verified, role, create_time,
/// update_time, disable_time, purge_time`. A checked statement has a row type of its own, hence a macro and no function.
macro_rules! user_of {
    ($row:expr) => {
        $crate::domain::User {
            id: $crate::domain::UserId($row.id),
            email: $row.email,
            display_name: $row.display_name,
            email_verified: $row.email_verified,
            role: $row.role,
            create_time: $row.create_time,
            update_time: $row.update_time,
            disable_time: $row.disable_time,
            purge_time: $row.purge_time,
        }
    };
}
pub(super) use user_of;

/// Adds a person.
///
/// # Errors
///
/// [`Error::EmailTaken`] when somebody has the email in any spelling.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: UserId,
    email: &Email,
    display_name: &DisplayName,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO users (id, email, email_key, password_hash, display_name, role, email_verified,
                            create_time, update_time)
         VALUES ($1, $2, $3, $4, $5, 'user', false, $6, $6)",
        id.0,
        email.as_typed(),
        email.key(),
        password_hash,
        display_name.as_str(),
        now,
    )
    .execute(&mut **tx)
    .await
    .map_err(taken_or)?;
    Ok(())
}

/// The person behind an access token, if the session still lives and the person is not disabled.
pub(crate) async fn find_in_live_session(
    db: impl PgExecutor<'_>,
    id: UserId,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<Option<User>, Error> {
    let row = sqlx::query!(
        "SELECT u.id, u.email, u.display_name, u.email_verified, u.role, u.create_time, u.update_time,
                u.disable_time, u.purge_time
         FROM users u
         JOIN sessions s ON s.user_id = u.id
         WHERE u.id = $1 AND s.id = $2
           AND u.disable_time IS NULL AND s.end_time IS NULL AND s.idle_expire_time > $3",
        id.0,
        session.0,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| user_of!(row)))
}

/// The same with the person's row locked, so that nobody signs in and nothing of the account changes until the
/// transaction ends, and with the session's row locked against its end.
pub(crate) async fn find_in_live_session_for_update(
    tx: &mut Tx,
    id: UserId,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<Option<User>, Error> {
    let row = sqlx::query!(
        "SELECT u.id, u.email, u.display_name, u.email_verified, u.role, u.create_time, u.update_time,
                u.disable_time, u.purge_time
         FROM users u
         JOIN sessions s ON s.user_id = u.id
         WHERE u.id = $1 AND s.id = $2
           AND u.disable_time IS NULL AND s.end_time IS NULL AND s.idle_expire_time > $3
         FOR NO KEY UPDATE OF u FOR SHARE OF s",
        id.0,
        session.0,
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| user_of!(row)))
}

/// Gives a person another display name.
pub(crate) async fn update_display_name(
    tx: &mut Tx,
    id: UserId,
    name: &DisplayName,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users SET display_name = $2, update_time = $3 WHERE id = $1",
        id.0,
        name.as_str(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Replaces the hash of an unchanged password by a stronger one. False if the hash is another by now.
pub(crate) async fn upgrade_password_hash(
    tx: &mut Tx,
    id: UserId,
    from: &str,
    to: &str,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
        id.0,
        from,
        to,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The stored hash of a person in a living session; none as for [`find_in_live_session`].
pub(crate) async fn find_hash_in_live_session(
    db: impl PgExecutor<'_>,
    id: UserId,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<Option<String>, Error> {
    let hash = sqlx::query_scalar!(
        "SELECT u.password_hash
         FROM users u
         JOIN sessions s ON s.user_id = u.id
         WHERE u.id = $1 AND s.id = $2
           AND u.disable_time IS NULL AND s.end_time IS NULL AND s.idle_expire_time > $3",
        id.0,
        session.0,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(hash)
}

/// Whether the hash is still this one. Meant for a row that is locked.
pub(crate) async fn has_password_hash(tx: &mut Tx, id: UserId, hash: &str) -> Result<bool, Error> {
    let same = sqlx::query_scalar!(
        r#"SELECT password_hash = $2 AS "same!" FROM users WHERE id = $1"#,
        id.0,
        hash,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(same == Some(true))
}

/// Gives a person another password.
pub(crate) async fn update_password_hash(
    tx: &mut Tx,
    id: UserId,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users SET password_hash = $2, update_time = $3 WHERE id = $1",
        id.0,
        hash,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn taken_or(error: sqlx::Error) -> Error {
    match error.as_database_error().and_then(|e| e.constraint()) {
        Some(EMAIL_UNIQUE) => Error::EmailTaken,
        _ => error.into(),
    }
}
