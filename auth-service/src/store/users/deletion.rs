//! The statements on `users` that the end of an account needs.

use chrono::{DateTime, Utc};

use crate::domain::UserId;
use crate::error::Error;
use crate::store::Tx;

/// An account whose time has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    /// Whose.
    pub(crate) id: UserId,
    /// Since when it should be gone.
    pub(crate) purge_time: DateTime<Utc>,
}

/// Sets when an account goes, or that it stays. The person's row must be locked.
pub(crate) async fn update_purge_time(
    tx: &mut Tx,
    id: UserId,
    purge_time: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users SET purge_time = $2, update_time = $3 WHERE id = $1",
        id.0,
        purge_time,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes from an account that is about to go what makes it a person's: nobody can sign in to it or be mailed, and the
/// email is free for another account.
pub(crate) async fn update_closed(tx: &mut Tx, id: UserId, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users
         SET email = 'deleted', email_key = 'deleted ' || id, display_name = '', disable_time = $2, update_time = $2
         WHERE id = $1",
        id.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An account that should be gone, with its row locked. One that another worker, or its owner, has locked is left out.
pub(crate) async fn find_due_for_update(tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<Due>, Error> {
    let row = sqlx::query!(
        r#"SELECT id, purge_time AS "purge_time!" FROM users WHERE purge_time <= $1
           ORDER BY purge_time, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"#,
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Due {
        id: UserId(row.id),
        purge_time: row.purge_time,
    }))
}

/// Deletes an account with all rows that refer to it: sessions and their refresh tokens, devices, mails and their codes,
/// security events, tokens of services.
pub(crate) async fn delete(tx: &mut Tx, id: UserId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM users WHERE id = $1", id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
