//! The statements on `users` that bring in people from another system, many at once.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::{DisplayName, Email, UserId};
use crate::error::Error;
use crate::store::Tx;

/// Somebody from another system.
pub(crate) struct Imported {
    /// As it was there when it is a UUID, else a new one.
    pub(crate) id: UserId,
    pub(crate) email: Email,
    pub(crate) display_name: DisplayName,
    /// A form that `hashing` has accepted.
    pub(crate) password_hash: String,
    /// `user` or `admin`.
    pub(crate) role: &'static str,
    pub(crate) email_verified: bool,
    /// Whether the person is kept out.
    pub(crate) disabled: bool,
    pub(crate) create_time: DateTime<Utc>,
}

/// Adds people but those whose email or id somebody has, and says whom it added.
pub(crate) async fn insert_unless_taken(
    tx: &mut Tx,
    people: &[Imported],
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, Error> {
    let ids: Vec<Uuid> = people.iter().map(|person| person.id.0).collect();
    let text = |of: fn(&Imported) -> &str| people.iter().map(|person| of(person).to_owned()).collect();
    let emails: Vec<String> = text(|person| person.email.as_typed());
    let keys: Vec<String> = text(|person| person.email.key());
    let hashes: Vec<String> = text(|person| &person.password_hash);
    let names: Vec<String> = text(|person| person.display_name.as_str());
    let roles: Vec<String> = text(|person| person.role);
    let verified: Vec<bool> = people.iter().map(|person| person.email_verified).collect();
    let disabled: Vec<bool> = people.iter().map(|person| person.disabled).collect();
    let made: Vec<DateTime<Utc>> = people.iter().map(|person| person.create_time).collect();
    let added = sqlx::query_scalar!(
        "INSERT INTO users (id, email, email_key, password_hash, display_name, role, email_verified,
                            disable_time, create_time, update_time)
         SELECT id, email, email_key, password_hash, display_name, role, email_verified,
                CASE WHEN disabled THEN $10::timestamptz END, create_time, $10
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[],
                     $8::bool[], $9::timestamptz[])
              AS person (id, email, email_key, password_hash, display_name, role, email_verified,
                         disabled, create_time)
         ON CONFLICT DO NOTHING
         RETURNING id",
        &ids,
        &emails,
        &keys,
        &hashes,
        &names,
        &roles,
        &verified,
        &disabled,
        &made,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(added)
}

/// Those of the emails, by their keys, that somebody has.
pub(crate) async fn list_taken(db: impl PgExecutor<'_>, keys: &[String]) -> Result<Vec<String>, Error> {
    let taken = sqlx::query_scalar!("SELECT email_key FROM users WHERE email_key = ANY($1)", keys)
        .fetch_all(db)
        .await?;
    Ok(taken)
}
