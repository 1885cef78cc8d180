//! The one call of `search_candidates`, the function that knows ids of tasks by their text (see the migration).

use uuid::Uuid;

use super::OwnerTx;
use crate::domain::{SearchQuery, TaskId};
use crate::error::Error;

/// So many tasks are looked at for one query.
pub const MOST_CANDIDATES: i32 = 1000;

/// A task that may fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// How well.
    pub score: i32,
    /// Which one.
    pub id: TaskId,
}

/// Tasks with all of the words, the best first; with `typos` those that have words like them.
pub async fn candidates(tx: &mut OwnerTx, query: &SearchQuery, typos: bool) -> Result<Vec<Candidate>, Error> {
    let owner = tx.owner();
    let rows = sqlx::query!(
        "SELECT id, score FROM search_candidates($1, $2, $3, $4)",
        owner,
        query.words(),
        typos,
        MOST_CANDIDATES
    )
    .fetch_all(tx.connection())
    .await?;
    let candidate = |id: Option<Uuid>, score: Option<i32>| {
        let id = TaskId(id?);
        Some(Candidate { score: score?, id })
    };
    let mut found: Vec<_> = rows
        .iter()
        .filter_map(|row| candidate(row.id, row.score))
        .collect();
    found.sort_by(|a, b| b.score.cmp(&a.score).then(b.id.cmp(&a.id)));
    Ok(found)
}
