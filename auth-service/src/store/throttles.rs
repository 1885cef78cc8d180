//! All SQL of the table `throttles`.
//!
//! Each function is one statement and its own transaction, so that no row stays locked while a password is hashed. They
//! commit without waiting for the disk (`synchronous_commit`, for this transaction only): if Postgres itself dies, the
//! attempts of its last moments are forgotten, and no attempt costs a flush.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

use super::Tx;
use crate::domain::{Counter, Limit, UserId};
use crate::error::Error;

/// A reservation that is older is nobody's any more: its process has died. Longer than any call lives.
const ABANDONED_AFTER: TimeDelta = TimeDelta::minutes(1);

/// How an attempt enters the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Until it is settled.
    Reserved,
    /// For good.
    Counted,
}

/// Why there was no room.
#[derive(Debug)]
pub(crate) enum Full {
    /// Attempts that failed take all of it. There is room again at this time, and not before.
    Until(DateTime<Utc>),
    /// Some of it is taken by attempts that may yet turn out right.
    Busy,
}

/// Enters an attempt, if there is room. The answer is when it stops to count, which is also what it is settled by.
/// However many do so at once, the row holds no more than the limit.
pub(crate) async fn insert(
    db: impl PgExecutor<'_>,
    counter: &Counter,
    limit: Limit,
    entry: Entry,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let end = now + limit.window;
    let taken = sqlx::query!(
        "INSERT INTO throttles AS t (kind, key, counted, reserved, expire_time)
         VALUES ($1, $2, CASE WHEN $6 THEN ARRAY[$4::timestamptz] ELSE '{}' END,
                 CASE WHEN $6 THEN '{}' ELSE ARRAY[$4::timestamptz] END, $4)
         ON CONFLICT ON CONSTRAINT throttles_pkey DO UPDATE
         SET counted = ARRAY(SELECT e FROM unnest(t.counted) e WHERE e > $3) || excluded.counted,
             reserved = ARRAY(SELECT e FROM unnest(t.reserved) e WHERE e > $3) || excluded.reserved,
             expire_time = greatest(t.expire_time, excluded.expire_time)
         WHERE (SELECT count(*) FROM unnest(t.counted || t.reserved) e WHERE e > $3) < $5
         RETURNING set_config('synchronous_commit', 'off', true)",
        counter.kind().as_str(),
        counter.key(),
        now,
        end,
        i64::from(limit.most),
        entry == Entry::Counted,
    )
    .fetch_optional(db)
    .await?;
    Ok(taken.map(|_| end))
}

/// Why there is no room.
pub(crate) async fn find_full(
    db: impl PgExecutor<'_>,
    counter: &Counter,
    limit: Limit,
    now: DateTime<Utc>,
) -> Result<Full, Error> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM unnest(t.counted) e WHERE e > $3)
                  + (SELECT count(*) FROM unnest(t.reserved) e WHERE e > $3 AND e <= $4) AS "settled!",
                  (SELECT e FROM unnest(t.counted || t.reserved) e WHERE e > $3
                   ORDER BY e DESC OFFSET $5 LIMIT 1) AS room_time
           FROM throttles t
           WHERE t.kind = $1 AND t.key = $2"#,
        counter.kind().as_str(),
        counter.key(),
        now,
        now + limit.window - ABANDONED_AFTER,
        i64::from(limit.most) - 1,
    )
    .fetch_optional(db)
    .await?;
    let until = row.filter(|row| row.settled >= i64::from(limit.most));
    Ok(until
        .and_then(|row| row.room_time)
        .map_or(Full::Busy, Full::Until))
}

/// Turns a reservation into a failure, which counts from now on.
pub(crate) async fn update_failed(
    db: impl PgExecutor<'_>,
    counter: &Counter,
    limit: Limit,
    reserved: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE throttles
         SET reserved = reserved[:array_position(reserved, $3) - 1] || reserved[array_position(reserved, $3) + 1:],
             counted = counted || $4::timestamptz,
             expire_time = greatest(expire_time, $4)
         WHERE kind = $1 AND key = $2 AND $3 = ANY (reserved)
         RETURNING set_config('synchronous_commit', 'off', true)",
        counter.kind().as_str(),
        counter.key(),
        reserved,
        now + limit.window,
    )
    .fetch_optional(db)
    .await?;
    Ok(())
}

/// Gives a reservation back, as if the attempt had never been.
pub(crate) async fn update_given_back(
    db: impl PgExecutor<'_>,
    counter: &Counter,
    reserved: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE throttles
         SET reserved = reserved[:array_position(reserved, $3) - 1] || reserved[array_position(reserved, $3) + 1:]
         WHERE kind = $1 AND key = $2 AND $3 = ANY (reserved)
         RETURNING set_config('synchronous_commit', 'off', true)",
        counter.kind().as_str(),
        counter.key(),
        reserved,
    )
    .fetch_optional(db)
    .await?;
    Ok(())
}

/// Deletes up to `limit` rows in which nothing counts any more, and says how many.
pub(crate) async fn delete_expired(
    db: impl PgExecutor<'_>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, Error> {
    let done = sqlx::query!(
        "DELETE FROM throttles
         WHERE (kind, key) IN (SELECT kind, key FROM throttles WHERE expire_time <= $1
                               ORDER BY expire_time LIMIT $2 FOR UPDATE SKIP LOCKED)",
        now,
        limit,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Deletes what is counted by a person: by their email, devices and sessions, which must still be there. What is counted
/// by network stays for its minutes; it is nobody's.
pub(crate) async fn delete_of_person(tx: &mut Tx, person: UserId) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM throttles WHERE (kind, key) IN (
             SELECT k, sha256(convert_to(u.email_key, 'UTF8'))
             FROM users u, unnest(ARRAY['password_account', 'mail_target']) k WHERE u.id = $1
             UNION ALL
             SELECT 'password_device', sha256(uuid_send(d.user_id) || d.token_hash) FROM devices d WHERE d.user_id = $1
             UNION ALL
             SELECT 'password_person', sha256(uuid_send(s.id)) FROM sessions s WHERE s.user_id = $1
         )",
        person.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
