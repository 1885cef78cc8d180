//! All SQL of the table `codes`: made when a mail is sent, taken once.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::Tx;
use crate::domain::{CodeHash, Email, Purpose, UserId};
use crate::error::Error;

/// A code that is about to be mailed.
pub(crate) struct NewCode<'a> {
    /// What is stored of it.
    pub(crate) hash: &'a CodeHash,
    /// The mail that carries it.
    pub(crate) mail_id: Uuid,
    /// What it is good for.
    pub(crate) purpose: Purpose,
    /// Whose it is.
    pub(crate) user_id: UserId,
    /// Where it goes.
    pub(crate) address: &'a Email,
    /// What the sign-up chose that it is bound to.
    pub(crate) password_hash: Option<&'a str>,
    /// Likewise.
    pub(crate) display_name: Option<&'a str>,
    /// This moment.
    pub(crate) now: DateTime<Utc>,
}

/// A code that was good, and is no more.
pub(crate) struct Taken {
    /// What it was good for.
    pub(crate) purpose: String,
    /// Where it went.
    pub(crate) address: String,
    /// The same as a key.
    pub(crate) address_key: String,
    /// What the account gets, if it was bound to a sign-up.
    pub(crate) password_hash: Option<String>,
    /// Likewise.
    pub(crate) display_name: Option<String>,
}

/// Adds a code. Older ones of the purpose are void, except those of the same mail, which may have arrived, and those of
/// sign-ups, each of which has its own.
pub(crate) async fn insert(tx: &mut Tx, new: &NewCode<'_>) -> Result<(), Error> {
    sqlx::query!(
        "WITH void AS (
             DELETE FROM codes
             WHERE user_id = $4 AND purpose = $3 AND mail_id <> $2 AND password_hash IS NULL
         )
         INSERT INTO codes (code_hash, mail_id, purpose, user_id, address, address_key, password_hash, display_name,
                            create_time, expire_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.hash.as_bytes(),
        new.mail_id,
        new.purpose.as_str(),
        new.user_id.0,
        new.address.as_typed(),
        new.address.key(),
        new.password_hash,
        new.display_name,
        new.now,
        new.now + new.purpose.life(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whose a good code is; taking it is another step.
pub(crate) async fn find_user(
    db: impl PgExecutor<'_>,
    hash: &CodeHash,
    purposes: &[Purpose],
    now: DateTime<Utc>,
) -> Result<Option<UserId>, Error> {
    let user = sqlx::query_scalar!(
        "SELECT user_id FROM codes WHERE code_hash = $1 AND purpose = ANY ($2) AND expire_time > $3",
        hash.as_bytes(),
        &names(purposes),
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(user.map(UserId))
}

/// Takes a code: nobody else can. The person's row must be locked.
pub(crate) async fn take(
    tx: &mut Tx,
    hash: &CodeHash,
    purposes: &[Purpose],
    now: DateTime<Utc>,
) -> Result<Option<Taken>, Error> {
    Ok(sqlx::query_as!(
        Taken,
        "DELETE FROM codes WHERE code_hash = $1 AND purpose = ANY ($2) AND expire_time > $3
         RETURNING purpose, address, address_key, password_hash, display_name",
        hash.as_bytes(),
        &names(purposes),
        now,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// Whether another sign-up than the account's own was mailed a code for it.
pub(crate) async fn is_contested(db: impl PgExecutor<'_>, user: UserId) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM codes c JOIN users u ON u.id = c.user_id
                          WHERE c.user_id = $1 AND c.password_hash <> u.password_hash) AS "contested!""#,
        user.0,
    )
    .fetch_one(db)
    .await?)
}

/// Voids all codes of a person for these purposes.
pub(crate) async fn delete_of(tx: &mut Tx, user: UserId, purposes: &[Purpose]) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM codes WHERE user_id = $1 AND purpose = ANY ($2)",
        user.0,
        &names(purposes),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Deletes some of the codes that expired before `end`, and says how many.
pub(crate) async fn delete_expired(
    db: impl PgExecutor<'_>,
    end: DateTime<Utc>,
    limit: i64,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "DELETE FROM codes
         WHERE code_hash IN (SELECT code_hash FROM codes WHERE expire_time < $1 ORDER BY expire_time LIMIT $2)",
        end,
        limit,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}

fn names(purposes: &[Purpose]) -> Vec<String> {
    purposes
        .iter()
        .map(|purpose| purpose.as_str().to_owned())
        .collect()
}
