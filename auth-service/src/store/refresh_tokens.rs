//! All SQL of the table `refresh_tokens`: one statement that rotates tokens at their first use, and one that says what
//! became of a token that was used before. Each can be a transaction of its own.

use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgPool};

use super::users::user_of;
use super::{Tx, lock_patience};
use crate::domain::{RETRY_WINDOW, Salt, SessionId, SessionTimes, TokenHash, User};
use crate::error::Error;

/// The longest chain that is walked for a retry. Nobody refreshes a thousand times within the window by accident, and
/// the walk stays around a millisecond.
const LONGEST_WALK: i32 = 1024;

/// A refresh token that was presented, and the successor it gets if this is its first use.
pub(crate) struct Presented {
    /// What was presented.
    pub(crate) token: TokenHash,
    /// The salt of the successor.
    pub(crate) salt: Salt,
    /// The successor under that salt.
    pub(crate) successor: TokenHash,
    /// Where the call comes from; may be empty.
    pub(crate) ip_address: String,
    /// When.
    pub(crate) now: DateTime<Utc>,
    /// Until when the session is idle at the most from now on, if its life lasts so long.
    pub(crate) idle_expire_time: DateTime<Utc>,
}

/// What became of a token that is not the newest of a living session.
pub(crate) enum Fate {
    /// The token leads to the newest one of its chain.
    Alive(Box<Alive>),
    /// Unknown, or its session has ended.
    Ended,
    /// It was used against the rules; its session must end.
    Reused,
    /// The chain behind the token is too long to walk.
    TooLong,
    /// It is the newest of a living session, and can be rotated.
    Newest,
    /// Another refresh of the same session came between; ask again.
    Raced,
}

/// A session that goes on.
pub(crate) struct Alive {
    /// The session.
    pub(crate) session: SessionId,
    /// Whose it is.
    pub(crate) user: User,
    /// When it ends now.
    pub(crate) times: SessionTimes,
    /// The salts from the presented token to the newest one, in order; one for a first use.
    pub(crate) salts: Vec<Salt>,
}

/// Rotates those of some tokens, no two of them the same, that are the newest of a living session.
///
/// A session's row is locked before anything else is written, so everything that concerns a session happens one after
/// the other, sign-out included. Nothing is waited for: where somebody else has the lock, or was first, nothing is done.
pub(crate) async fn rotate(
    db: impl PgExecutor<'_>,
    presented: &[Presented],
) -> Result<Vec<Option<Box<Alive>>>, Error> {
    // What was read is found again by its place (`ctid`) without a second search; it is the same for as long as the lock is held.
    // A session whose row was changed after this began and before it was locked is in a place that this does not see yet, and is
    // left as it is.
    let rows = sqlx::query!(
        r#"
        WITH given AS (
            SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::text[], $5::timestamptz[], $6::timestamptz[])
                          WITH ORDINALITY
                     AS given (token_hash, salt, successor, ip_address, now, idle_expire_time, number)
        ), found AS (
            SELECT given.*, t.ctid AS token_place, s.ctid AS session_place, u.id AS user_id, u.email, u.display_name,
                   u.email_verified, u.role, u.create_time, u.update_time, u.disable_time, u.purge_time
            FROM given
            CROSS JOIN LATERAL (
                SELECT ctid, session_id, generation FROM refresh_tokens WHERE token_hash = given.token_hash LIMIT 1
            ) t
            CROSS JOIN LATERAL (
                SELECT ctid, user_id FROM sessions
                WHERE id = t.session_id AND generation = t.generation
                  AND end_time IS NULL AND idle_expire_time > given.now
                FOR NO KEY UPDATE SKIP LOCKED
            ) s
            CROSS JOIN LATERAL (
                SELECT * FROM users WHERE id = s.user_id AND disable_time IS NULL LIMIT 1
            ) u
        ), prolonged AS (
            UPDATE sessions s
            SET generation = s.generation + 1, last_use_time = found.now,
                idle_expire_time = least(found.idle_expire_time, s.expire_time),
                ip_address = coalesce(nullif(found.ip_address, ''), s.ip_address)
            FROM found
            WHERE s.ctid = found.session_place
            RETURNING s.id AS session_id, s.generation, s.idle_expire_time AS new_idle_expire_time, s.expire_time, found.*
        ), used AS (
            UPDATE refresh_tokens t SET use_time = prolonged.now, successor_salt = prolonged.salt
            FROM prolonged
            WHERE t.ctid = prolonged.token_place
        ), successor AS (
            INSERT INTO refresh_tokens (token_hash, session_id, generation, create_time)
            SELECT successor, session_id, generation, now FROM prolonged
        )
        SELECT number AS "number!", session_id, new_idle_expire_time AS idle_expire_time, expire_time,
               user_id AS id, email, display_name, email_verified, role, create_time, update_time, disable_time, purge_time
        FROM prolonged
        "#,
        &column(presented, |presented| presented.token.as_bytes().to_vec()),
        &column(presented, |presented| presented.salt.as_bytes().to_vec()),
        &column(presented, |presented| presented.successor.as_bytes().to_vec()),
        &column(presented, |presented| presented.ip_address.clone()),
        &column(presented, |presented| presented.now),
        &column(presented, |presented| presented.idle_expire_time),
    )
    .fetch_all(db)
    .await?;
    let mut rotated: Vec<_> = presented.iter().map(|_| None).collect();
    for row in rows {
        let place = usize::try_from(row.number - 1).map_err(Error::internal)?;
        let (Some(presented), Some(rotated)) = (presented.get(place), rotated.get_mut(place)) else {
            continue;
        };
        *rotated = Some(Box::new(Alive {
            session: SessionId(row.session_id),
            times: SessionTimes {
                expire_time: row.expire_time,
                idle_expire_time: row.idle_expire_time,
            },
            salts: vec![presented.salt.clone()],
            user: user_of!(row),
        }));
    }
    Ok(rotated)
}

/// Waits for whoever has the session of a token. A statement that comes after this one sees what they did.
pub(crate) async fn lock_session(tx: &mut Tx, token: &TokenHash) -> Result<(), Error> {
    sqlx::query!(
        "SELECT s.id FROM sessions s JOIN refresh_tokens t ON t.session_id = s.id
         WHERE t.token_hash = $1
         FOR NO KEY UPDATE OF s",
        token.as_bytes(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(())
}

/// One value of each, as an array for `unnest`.
fn column<T>(presented: &[Presented], value: impl Fn(&Presented) -> T) -> Vec<T> {
    presented.iter().map(value).collect()
}

/// Says what became of a token that [`rotate`] did nothing with, and finds its successors where this is a retry.
///
/// It waits for whatever happens to the session. Whoever waited has the newest version of the locked rows, the winner's
/// salt among them, but an old view of rows that were added meanwhile; `generation` tells when that matters.
pub(crate) async fn find(
    pool: &PgPool,
    token: &TokenHash,
    now: DateTime<Utc>,
    deadline: Deadline,
) -> Result<Fate, Error> {
    let row = sqlx::query!(
        r#"
        WITH patience AS (
            SELECT set_config('lock_timeout', $5, true)
        ), presented AS (
            SELECT t.session_id, t.generation, t.successor_salt,
                   s.generation AS newest, s.idle_expire_time, s.expire_time,
                   CASE
                       WHEN s.end_time IS NOT NULL OR s.idle_expire_time <= $2 OR u.disable_time IS NOT NULL
                           THEN 'ended'
                       WHEN t.generation = s.generation THEN 'newest'
                       WHEN t.generation + 1 = s.generation OR t.use_time > $3 THEN 'retry'
                       ELSE 'reuse'
                   END AS verdict,
                   u.id, u.email, u.display_name, u.email_verified, u.role, u.create_time, u.update_time,
                   u.disable_time, u.purge_time
            FROM patience, refresh_tokens t
            JOIN sessions s ON s.id = t.session_id
            JOIN users u ON u.id = s.user_id
            WHERE t.token_hash = $1
            FOR SHARE OF s, t
        )
        SELECT verdict AS "verdict!", newest - generation AS "steps!", session_id, expire_time, idle_expire_time,
               successor_salt,
               ARRAY(SELECT t.successor_salt FROM refresh_tokens t
                     WHERE t.session_id = presented.session_id AND t.generation > presented.generation
                       AND t.successor_salt IS NOT NULL AND presented.verdict = 'retry'
                     ORDER BY t.generation LIMIT $4) AS "later_salts!: Vec<Vec<u8>>",
               id, email, display_name, email_verified, role, create_time, update_time, disable_time,
               purge_time
        FROM presented
        "#,
        token.as_bytes(),
        now,
        now - RETRY_WINDOW,
        i64::from(LONGEST_WALK),
        lock_patience(deadline)?,
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else {
        return Ok(Fate::Ended);
    };
    let salts = match row.verdict.as_str() {
        "newest" => return Ok(Fate::Newest),
        "retry" if row.steps > LONGEST_WALK => return Ok(Fate::TooLong),
        "retry" => {
            let first = row.successor_salt.into_iter();
            let salts: Vec<_> = first.chain(row.later_salts).map(Salt::stored).collect();
            if usize::try_from(row.steps) != Ok(salts.len()) {
                return Ok(Fate::Raced);
            }
            salts
        }
        "reuse" => return Ok(Fate::Reused),
        _ => return Ok(Fate::Ended),
    };
    Ok(Fate::Alive(Box::new(Alive {
        session: SessionId(row.session_id),
        times: SessionTimes {
            expire_time: row.expire_time,
            idle_expire_time: row.idle_expire_time,
        },
        salts,
        user: user_of!(row),
    })))
}
