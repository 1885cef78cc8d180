//! All SQL of the table `refresh_tokens`: one statement that rotates a token at its first use, and one that says what
//! became of a token that was used before. Each is a transaction of its own.

use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::lock_patience;
use super::users::user_of;
use crate::domain::{Lifetimes, RETRY_WINDOW, Salt, SessionId, SessionTimes, TokenHash, User};
use crate::error::Error;

/// The longest chain that is walked for a retry. Nobody refreshes a thousand times within the window by accident, and
/// the walk stays around a millisecond.
const LONGEST_WALK: i32 = 1024;

/// A refresh token that was presented, and the successor it gets if this is its first use.
pub(crate) struct Presented<'a> {
    /// What was presented.
    pub(crate) token: &'a TokenHash,
    /// The salt of the successor.
    pub(crate) salt: &'a Salt,
    /// The successor under that salt.
    pub(crate) successor: &'a TokenHash,
    /// Where the call comes from; may be empty.
    pub(crate) ip_address: &'a str,
    /// When.
    pub(crate) now: DateTime<Utc>,
    /// From which the new idle end follows.
    pub(crate) lifetimes: Lifetimes,
}

/// What became of a token that is not the newest of a living session.
pub(crate) enum Outcome {
    /// The token leads to the newest one of its chain.
    Alive(Box<Alive>),
    /// Unknown, or its session has ended.
    Ended,
    /// It was used against the rules; its session must end.
    Reused,
    /// The chain behind the token is too long to walk.
    TooLong,
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

/// Rotates a token, if it is the newest of a living session.
///
/// The session's row is locked before anything else is written, so everything that concerns a session happens one after
/// the other, sign-out included. Whoever waited for that lock looks at the newest version of the row: if the session has
/// ended or another refresh was first, nothing is done.
pub(crate) async fn rotate(
    pool: &PgPool,
    presented: &Presented<'_>,
    deadline: Deadline,
) -> Result<Option<Box<Alive>>, Error> {
    let row = sqlx::query!(
        r#"
        WITH patience AS (
            SELECT set_config('lock_timeout', $7, true)
        ), prolonged AS (
            UPDATE sessions s
            SET generation = s.generation + 1, last_use_time = $2, idle_expire_time = least($3, s.expire_time),
                ip_address = coalesce(nullif($4, ''), s.ip_address)
            FROM patience, refresh_tokens t, users u
            WHERE t.token_hash = $1 AND s.id = t.session_id AND u.id = s.user_id
              AND t.generation = s.generation
              AND s.end_time IS NULL AND s.idle_expire_time > $2 AND u.disable_time IS NULL
            RETURNING s.id AS session_id, s.generation, s.idle_expire_time, s.expire_time,
                      u.id, u.email, u.display_name, u.email_verified, u.role, u.create_time, u.update_time,
                      u.disable_time, u.purge_time
        ), used AS (
            UPDATE refresh_tokens SET use_time = $2, successor_salt = $5
            FROM prolonged
            WHERE refresh_tokens.token_hash = $1
        ), successor AS (
            INSERT INTO refresh_tokens (token_hash, session_id, generation, create_time)
            SELECT $6, session_id, generation, $2 FROM prolonged
        )
        SELECT session_id, idle_expire_time, expire_time, id, email, display_name, email_verified, role, create_time,
               update_time, disable_time, purge_time
        FROM prolonged
        "#,
        presented.token.as_bytes(),
        presented.now,
        presented.now + presented.lifetimes.idle,
        presented.ip_address,
        presented.salt.as_bytes(),
        presented.successor.as_bytes(),
        lock_patience(deadline)?,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| {
        Box::new(Alive {
            session: SessionId(row.session_id),
            times: SessionTimes {
                expire_time: row.expire_time,
                idle_expire_time: row.idle_expire_time,
            },
            salts: vec![presented.salt.clone()],
            user: user_of!(row),
        })
    }))
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
) -> Result<Outcome, Error> {
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
        return Ok(Outcome::Ended);
    };
    let salts = match row.verdict.as_str() {
        "newest" => return Ok(Outcome::Raced),
        "retry" if row.steps > LONGEST_WALK => return Ok(Outcome::TooLong),
        "retry" => {
            let first = row.successor_salt.into_iter();
            let salts: Vec<_> = first.chain(row.later_salts).map(Salt::stored).collect();
            if usize::try_from(row.steps) != Ok(salts.len()) {
                return Ok(Outcome::Raced);
            }
            salts
        }
        "reuse" => return Ok(Outcome::Reused),
        _ => return Ok(Outcome::Ended),
    };
    Ok(Outcome::Alive(Box::new(Alive {
        session: SessionId(row.session_id),
        times: SessionTimes {
            expire_time: row.expire_time,
            idle_expire_time: row.idle_expire_time,
        },
        salts,
        user: user_of!(row),
    })))
}
