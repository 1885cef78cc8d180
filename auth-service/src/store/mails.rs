//! All SQL of the table `mails`: what is to be sent, claimed by one sender at a time, and what became of it.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::Tx;
use crate::domain::{MailKind, NewMail, Recipient, UserId};
use crate::error::Error;

/// A mail that the claimer alone may send until the claim is over.
pub(crate) struct Claimed {
    /// Its id.
    pub(crate) id: Uuid,
    /// A name of [`MailKind`], or one of a newer version.
    pub(crate) kind: String,
    /// Whose it is, when that is known.
    pub(crate) user_id: Option<Uuid>,
    /// The email key that was asked for, until then.
    pub(crate) asked_key: Option<String>,
    /// Where it goes.
    pub(crate) address: Option<String>,
    /// Of a sign-up.
    pub(crate) password_hash: Option<String>,
    /// Of a sign-up.
    pub(crate) display_name: Option<String>,
    /// May be empty.
    pub(crate) user_agent: String,
    /// May be empty.
    pub(crate) ip_address: String,
    /// With this one.
    pub(crate) attempts: i32,
    /// When it was written.
    pub(crate) create_time: DateTime<Utc>,
}

/// A mail as its person may see it.
pub(crate) struct ListedMail {
    /// UUIDv7.
    pub(crate) id: Uuid,
    /// A name of [`MailKind`], or one of another version.
    pub(crate) kind: String,
    /// Where it goes.
    pub(crate) address: String,
    /// When it was written.
    pub(crate) create_time: DateTime<Utc>,
    /// When it was sent, if it was.
    pub(crate) send_time: Option<DateTime<Utc>>,
}

/// The mails to a person, oldest first, behind a place.
pub(crate) async fn list_of_person(
    db: impl PgExecutor<'_>,
    user: UserId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ListedMail>, Error> {
    Ok(sqlx::query_as!(
        ListedMail,
        r#"SELECT id, kind, address AS "address!", create_time, send_time FROM mails
           WHERE user_id = $1 AND id > $2
           ORDER BY id LIMIT $3"#,
        user.0,
        after.unwrap_or(Uuid::nil()),
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// Writes a mail. Inside the transaction of what it tells of, both happen or neither.
pub(crate) async fn insert(db: impl PgExecutor<'_>, mail: &NewMail<'_>) -> Result<(), Error> {
    let (user, asked, address) = match mail.recipient {
        Recipient::Person(user, address) => (Some(user.0), None, Some(address)),
        Recipient::Asked(email) => (None, Some(email.key()), None),
    };
    sqlx::query!(
        "INSERT INTO mails (id, kind, user_id, asked_key, address, password_hash, display_name, user_agent,
                            ip_address, attempts, create_time, next_attempt_time, last_error)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10, '')",
        mail.id,
        mail.kind.as_str(),
        user,
        asked,
        address,
        mail.chosen.map(|chosen| chosen.password_hash),
        mail.chosen.map(|chosen| chosen.display_name.as_str()),
        mail.client.user_agent,
        mail.client.ip_address,
        mail.create_time,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes the next mail that was due by then, for as long as the claim holds. Two senders never get the same one.
pub(crate) async fn claim(
    db: impl PgExecutor<'_>,
    due_by: DateTime<Utc>,
    claim_end: DateTime<Utc>,
) -> Result<Option<Claimed>, Error> {
    Ok(sqlx::query_as!(
        Claimed,
        "UPDATE mails SET attempts = attempts + 1, next_attempt_time = $2
         WHERE id = (SELECT id FROM mails WHERE next_attempt_time <= $1
                     ORDER BY next_attempt_time, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, kind, user_id, asked_key, address, password_hash, display_name, user_agent, ip_address,
                   attempts, create_time",
        due_by,
        claim_end,
    )
    .fetch_optional(db)
    .await?)
}

/// It is known now whose the mail is, and so where it goes and what it says.
pub(crate) async fn update_recipient(
    db: impl PgExecutor<'_>,
    id: Uuid,
    user: UserId,
    address: &str,
    kind: MailKind,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE mails SET user_id = $2, address = $3, kind = $4, asked_key = NULL WHERE id = $1",
        id,
        user.0,
        address,
        kind.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether a claimed mail was not deleted since.
pub(crate) async fn exists(db: impl PgExecutor<'_>, id: Uuid) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM mails WHERE id = $1) AS "exists!""#,
        id
    )
    .fetch_one(db)
    .await?)
}

/// Whether the person was written a newer mail of the kind, which replaces this one.
pub(crate) async fn is_replaced(
    db: impl PgExecutor<'_>,
    id: Uuid,
    user: UserId,
    kind: MailKind,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM mails WHERE user_id = $2 AND kind = $3 AND id > $1 AND password_hash IS NULL)
           AS "replaced!""#,
        id,
        user.0,
        kind.as_str(),
    )
    .fetch_one(db)
    .await?)
}

/// The mail server took it.
pub(crate) async fn update_sent(db: impl PgExecutor<'_>, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE mails SET send_time = $2, next_attempt_time = NULL, password_hash = NULL, display_name = NULL,
                          last_error = ''
         WHERE id = $1",
        id,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It could not be sent; without a next attempt it is given up.
pub(crate) async fn update_failed(
    db: impl PgExecutor<'_>,
    id: Uuid,
    error: &str,
    next_attempt: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE mails SET next_attempt_time = $3, last_error = $2,
                          password_hash = CASE WHEN $3::timestamptz IS NOT NULL THEN password_hash END,
                          display_name = CASE WHEN $3::timestamptz IS NOT NULL THEN display_name END
         WHERE id = $1",
        id,
        error,
        next_attempt,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A mail that nobody is to get.
pub(crate) async fn delete(db: impl PgExecutor<'_>, id: Uuid) -> Result<(), Error> {
    sqlx::query!("DELETE FROM mails WHERE id = $1", id)
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes all mails to a person, with the codes that they carry, and those that somebody asked for with their email and
/// that are not known to be theirs yet.
pub(crate) async fn delete_of_person(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM mails
         WHERE user_id = $1 OR asked_key = (SELECT email_key FROM users WHERE id = $1)",
        user.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Deletes the mails of these kinds to a person that wait to be sent, with the codes that they carry, and those that
/// somebody asked for with their email. The person's row must be locked.
pub(crate) async fn delete_waiting(tx: &mut Tx, user: UserId, kinds: &[MailKind]) -> Result<(), Error> {
    let kinds: Vec<String> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    sqlx::query!(
        "DELETE FROM mails
         WHERE (user_id = $1 OR asked_key = (SELECT email_key FROM users WHERE id = $1))
           AND kind = ANY ($2) AND next_attempt_time IS NOT NULL",
        user.0,
        &kinds,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many wait to be sent.
pub(crate) async fn count_waiting(db: impl PgExecutor<'_>) -> Result<i64, Error> {
    Ok(
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM mails WHERE next_attempt_time IS NOT NULL"#)
            .fetch_one(db)
            .await?,
    )
}

/// Deletes some of the mails from before `end`, sent or not, and says how many.
pub(crate) async fn delete_before(
    db: impl PgExecutor<'_>,
    end: DateTime<Utc>,
    limit: i64,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "DELETE FROM mails
         WHERE id IN (SELECT id FROM mails WHERE create_time < $1 ORDER BY create_time LIMIT $2)",
        end,
        limit,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}
