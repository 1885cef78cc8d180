//! What a sign-in looks up before it hashes: the person, and whether there is room for one more attempt at the password.
//! One statement for both, so that an attempt costs one round trip here.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::domain::{Email, TokenHash, UserId};
use crate::error::Error;

/// What a password is checked against.
pub(crate) struct Credentials {
    /// Whose they are.
    pub(crate) id: UserId,
    /// In any of the forms that `hashing` knows.
    pub(crate) password_hash: String,
    /// Whether the person may sign in.
    pub(crate) enabled: bool,
    /// Whether the person has shown that the email is theirs.
    pub(crate) email_verified: bool,
    /// Whether the person has used the given device before.
    pub(crate) device_known: bool,
}

/// An attempt that is to be entered in the narrowest of its counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// The key of the count by email, for when the device is not known; the key of the one by device follows from the
    /// person.
    pub(crate) by_email: [u8; 32],
    /// So many may be in a count; none enters nothing.
    pub(crate) most: Option<u16>,
    /// When.
    pub(crate) now: DateTime<Utc>,
    /// When it stops to count.
    pub(crate) end: DateTime<Utc>,
}

/// What to check a password against, for an email in any spelling, and whether the attempt was entered: by the device if
/// it is the person's, else by the email. What counts where, and that the entry does not wait for the disk, is as in
/// `throttles::insert`. An email that nobody has costs the same.
pub(crate) async fn find_credentials(
    db: impl PgExecutor<'_>,
    email: &Email,
    device: Option<&TokenHash>,
    entry: Entry,
) -> Result<(Option<Credentials>, bool), Error> {
    let row = sqlx::query!(
        r#"
        WITH person AS (
            SELECT id, password_hash, disable_time IS NULL AS enabled, email_verified,
                   EXISTS (SELECT FROM devices d WHERE d.user_id = users.id AND d.token_hash = $2) AS device_known
            FROM users WHERE email_key = $1
        ), counter AS (
            SELECT CASE WHEN person.device_known THEN 'password_device' ELSE 'password_account' END AS kind,
                   CASE WHEN person.device_known THEN sha256(uuid_send(person.id) || $2) ELSE $3 END AS key
            FROM (VALUES (true)) always LEFT JOIN person ON true
        ), place AS (
            INSERT INTO throttles AS t (kind, key, counted, reserved, expire_time)
            SELECT kind, key, '{}', ARRAY[$5::timestamptz], $5 FROM counter WHERE $6::bigint IS NOT NULL
            ON CONFLICT ON CONSTRAINT throttles_pkey DO UPDATE
            SET counted = ARRAY(SELECT e FROM unnest(t.counted) e WHERE e > $4),
                reserved = ARRAY(SELECT e FROM unnest(t.reserved) e WHERE e > $4) || excluded.reserved,
                expire_time = greatest(t.expire_time, excluded.expire_time)
            WHERE (SELECT count(*) FROM unnest(t.counted || t.reserved) e WHERE e > $4) < $6
            RETURNING set_config('synchronous_commit', 'off', true)
        )
        SELECT id AS "id?", password_hash AS "password_hash?", enabled AS "enabled?",
               email_verified AS "email_verified?", device_known AS "device_known?",
               EXISTS (SELECT FROM place) AS "entered!"
        FROM (VALUES (true)) always LEFT JOIN person ON true
        "#,
        email.key(),
        device.map(TokenHash::as_bytes),
        &entry.by_email,
        entry.now,
        entry.end,
        entry.most.map(i64::from),
    )
    .fetch_one(db)
    .await?;
    let credentials = row
        .id
        .zip(row.password_hash)
        .map(|(id, password_hash)| Credentials {
            id: UserId(id),
            password_hash,
            enabled: row.enabled == Some(true),
            email_verified: row.email_verified == Some(true),
            device_known: row.device_known == Some(true),
        });
    Ok((credentials, row.entered))
}
