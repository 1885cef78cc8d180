//! All SQL of the table `refresh_tokens`: one statement that rotates a token or finds what it was rotated to.

use chrono::{DateTime, Utc};

use super::Tx;
use super::revocations::Ended;
use super::users::user_of;
use crate::domain::{Lifetimes, RETRY_WINDOW, Salt, SessionId, SessionTimes, TokenHash, User, UserId};
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

/// What became of a presented token.
pub(crate) enum Outcome {
    /// The token leads to the newest one of its chain.
    Alive(Box<Alive>),
    /// Unknown, or its session has ended.
    Ended,
    /// It was used against the rules, and its session has ended just now.
    Reused(UserId, Ended),
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

/// Rotates a token at its first use, finds its successors at a retry, and ends the session at any other reuse.
///
/// The session's row is locked first, so everything that concerns a session happens one after the other, sign-out
/// included. The loser of a race wakes with the newest version of the locked rows, the winner's salt among them, but
/// with an old view of rows that were added meanwhile; `generation` tells when that matters.
pub(crate) async fn rotate_or_find(tx: &mut Tx, presented: &Presented<'_>) -> Result<Outcome, Error> {
    let row = sqlx::query!(
        r#"
        WITH presented AS (
            SELECT t.token_hash, t.session_id, t.generation, t.successor_salt,
                   s.generation AS newest, s.idle_expire_time, s.expire_time,
                   CASE
                       WHEN s.end_time IS NOT NULL OR s.idle_expire_time <= $2 OR u.disable_time IS NOT NULL
                           THEN 'ended'
                       WHEN t.generation = s.generation THEN 'first_use'
                       WHEN t.generation + 1 = s.generation OR t.use_time > $3 THEN 'retry'
                       ELSE 'reuse'
                   END AS verdict,
                   u.id, u.email, u.display_name, u.email_verified, u.role, u.create_time, u.update_time,
                   u.disable_time, u.purge_time
            FROM refresh_tokens t
            JOIN sessions s ON s.id = t.session_id
            JOIN users u ON u.id = s.user_id
            WHERE t.token_hash = $1
            FOR UPDATE OF s, t
        ), used AS (
            UPDATE refresh_tokens SET use_time = $2, successor_salt = $4
            FROM presented
            WHERE refresh_tokens.token_hash = presented.token_hash AND verdict = 'first_use'
        ), successor AS (
            INSERT INTO refresh_tokens (token_hash, session_id, generation, create_time)
            SELECT $5, session_id, generation + 1, $2 FROM presented WHERE verdict = 'first_use'
        ), prolonged AS (
            UPDATE sessions
            SET generation = presented.newest + 1, last_use_time = $2,
                idle_expire_time = least($6, sessions.expire_time),
                ip_address = coalesce(nullif($8, ''), sessions.ip_address)
            FROM presented
            WHERE sessions.id = presented.session_id AND verdict = 'first_use'
            RETURNING sessions.idle_expire_time
        ), ended AS (
            UPDATE sessions SET end_time = $2
            FROM presented
            WHERE sessions.id = presented.session_id AND verdict = 'reuse'
        )
        SELECT verdict AS "verdict!", newest - generation AS "steps!", session_id, expire_time,
               coalesce((SELECT idle_expire_time FROM prolonged), idle_expire_time) AS "idle_expire_time!",
               successor_salt,
               ARRAY(SELECT t.successor_salt FROM refresh_tokens t
                     WHERE t.session_id = presented.session_id AND t.generation > presented.generation
                       AND t.successor_salt IS NOT NULL AND presented.verdict = 'retry'
                     ORDER BY t.generation LIMIT $7) AS "later_salts!: Vec<Vec<u8>>",
               id, email, display_name, email_verified, role, create_time, update_time, disable_time,
               purge_time
        FROM presented
        "#,
        presented.token.as_bytes(),
        presented.now,
        presented.now - RETRY_WINDOW,
        presented.salt.as_bytes(),
        presented.successor.as_bytes(),
        presented.now + presented.lifetimes.idle,
        i64::from(LONGEST_WALK),
        presented.ip_address,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else {
        return Ok(Outcome::Ended);
    };
    let salts = match row.verdict.as_str() {
        "first_use" => vec![presented.salt.clone()],
        "retry" if row.steps > LONGEST_WALK => return Ok(Outcome::TooLong),
        "retry" => {
            let first = row.successor_salt.into_iter();
            let salts: Vec<_> = first.chain(row.later_salts).map(Salt::stored).collect();
            if usize::try_from(row.steps) != Ok(salts.len()) {
                return Ok(Outcome::Raced);
            }
            salts
        }
        "reuse" => {
            let ended = Ended::new(vec![SessionId(row.session_id)]);
            return Ok(Outcome::Reused(UserId(row.id), ended));
        }
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
