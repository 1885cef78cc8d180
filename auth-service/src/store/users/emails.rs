//! The statements on `users` that mails and their codes need.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::taken_or;
use crate::domain::{DisplayName, Email, UserId};
use crate::error::Error;
use crate::store::Tx;

/// Who can be mailed: a person who is not disabled.
pub(crate) struct Reachable {
    /// Whose it is.
    pub(crate) id: UserId,
    /// As typed.
    pub(crate) email: String,
    /// The key of it.
    pub(crate) email_key: String,
    /// Whether the person has shown that it is theirs.
    pub(crate) email_verified: bool,
}

/// The person who has an email, by its key.
pub(crate) async fn find_reachable(db: impl PgExecutor<'_>, key: &str) -> Result<Option<Reachable>, Error> {
    let row = sqlx::query!(
        "SELECT id, email, email_key, email_verified FROM users WHERE email_key = $1 AND disable_time IS NULL",
        key,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Reachable {
        id: UserId(row.id),
        email: row.email,
        email_key: row.email_key,
        email_verified: row.email_verified,
    }))
}

/// A person whom a code speaks for, with the row locked, so that nothing of the account changes until the transaction
/// ends. None for a disabled person.
pub(crate) async fn find_reachable_for_update(tx: &mut Tx, id: UserId) -> Result<Option<Reachable>, Error> {
    let row = sqlx::query!(
        "SELECT id, email, email_key, email_verified FROM users
         WHERE id = $1 AND disable_time IS NULL FOR NO KEY UPDATE",
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Reachable {
        id: UserId(row.id),
        email: row.email,
        email_key: row.email_key,
        email_verified: row.email_verified,
    }))
}

/// What a person is called.
pub(crate) struct Named {
    /// Who.
    pub(crate) id: UserId,
    /// As typed.
    pub(crate) email: String,
    /// May be empty.
    pub(crate) display_name: String,
}

/// What a person is called.
pub(crate) async fn find_named(db: impl PgExecutor<'_>, id: UserId) -> Result<Option<Named>, Error> {
    let row = sqlx::query!("SELECT email, display_name FROM users WHERE id = $1", id.0)
        .fetch_optional(db)
        .await?;
    Ok(row.map(|row| Named {
        id,
        email: row.email,
        display_name: row.display_name,
    }))
}

/// Adds a person, unless somebody has the email in any spelling. Says whether it did.
pub(crate) async fn insert_unless_taken(
    tx: &mut Tx,
    id: UserId,
    email: &Email,
    display_name: &DisplayName,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO users (id, email, email_key, password_hash, display_name, role, email_verified,
                            create_time, update_time)
         VALUES ($1, $2, $3, $4, $5, 'user', false, $6, $6)
         ON CONFLICT ON CONSTRAINT users_email_key_unique DO NOTHING",
        id.0,
        email.as_typed(),
        email.key(),
        password_hash,
        display_name.as_str(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The person has shown that the email is theirs.
pub(crate) async fn update_verified(tx: &mut Tx, id: UserId, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users SET email_verified = true, update_time = $2 WHERE id = $1",
        id.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The same, and the account is the one that this sign-up asked for.
pub(crate) async fn update_from_sign_up(
    tx: &mut Tx,
    id: UserId,
    password_hash: &str,
    display_name: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users SET email_verified = true, password_hash = $2, display_name = $3, update_time = $4
         WHERE id = $1",
        id.0,
        password_hash,
        display_name,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Another password, set by somebody who has shown that the email is theirs.
pub(crate) async fn update_password_and_verified(
    tx: &mut Tx,
    id: UserId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users SET email_verified = true, password_hash = $2, update_time = $3 WHERE id = $1",
        id.0,
        password_hash,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Another email, which the person has shown to be theirs.
///
/// # Errors
///
/// [`Error::EmailTaken`] when somebody else has it by now.
pub(crate) async fn update_email(
    tx: &mut Tx,
    id: UserId,
    email: &str,
    key: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users SET email = $2, email_key = $3, email_verified = true, update_time = $4 WHERE id = $1",
        id.0,
        email,
        key,
        now,
    )
    .execute(&mut **tx)
    .await
    .map_err(taken_or)?;
    Ok(())
}
