//! The SQL of the change feed: which rows changed behind a revision, over all tables that have one. The rows themselves
//! are read in the files of their tables.

use uuid::Uuid;

use super::OwnerTx;
use crate::domain::{FeedState, Revision};
use crate::error::Error;

/// A part of an owner's feed, in order, as one statement saw it.
#[derive(Debug)]
pub struct Feed {
    /// Where the feed stood.
    pub state: FeedState,
    /// What changed.
    pub changed: Vec<Changed>,
}

/// That a row changed, and when last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// The row's revision.
    pub revision: Revision,
    /// In which table it is.
    pub what: What,
    /// Its id.
    pub id: Uuid,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A task.
    Task,
    /// A list.
    List,
    /// A completion.
    Completion,
    /// A task that is gone.
    RemovedTask,
    /// A list that is gone.
    RemovedList,
}

impl What {
    fn from_number(number: i32) -> Option<Self> {
        match number {
            1 => Some(Self::Task),
            2 => Some(Self::List),
            3 => Some(Self::Completion),
            // The kinds of `removals` behind the others.
            4 => Some(Self::RemovedTask),
            5 => Some(Self::RemovedList),
            _ => None,
        }
    }
}

/// Up to so many of the owner's changes behind a revision, without removals up to another one. It is one statement, so
/// that no row moves from one table's part to another's while they are read.
pub async fn list_behind(
    tx: &mut OwnerTx,
    position: Revision,
    removals_after: Revision,
    limit: i64,
) -> Result<Feed, Error> {
    let owner = tx.owner();
    let rows = sqlx::query!(
        "SELECT feed_epoch.epoch, coalesce(owners.revision, 0) AS feed_end,
                coalesce(owners.floor_revision, 0) AS floor, changed.revision, changed.what, changed.id
         FROM feed_epoch
         LEFT JOIN owners ON owners.owner_id = $1
         LEFT JOIN (
             SELECT revision, what, id FROM (
                 (SELECT revision, 1 AS what, id FROM tasks
                  WHERE owner_id = $1 AND revision > $2 ORDER BY revision LIMIT $4)
                 UNION ALL
                 (SELECT revision, 2 AS what, id FROM lists
                  WHERE owner_id = $1 AND revision > $2 ORDER BY revision LIMIT $4)
                 UNION ALL
                 (SELECT revision, 3 AS what, id FROM task_completions
                  WHERE owner_id = $1 AND revision > $2 ORDER BY revision LIMIT $4)
                 UNION ALL
                 (SELECT revision, 3 + kind AS what, id FROM removals
                  WHERE owner_id = $1 AND revision > $3 ORDER BY revision LIMIT $4)
             ) AS part ORDER BY revision LIMIT $4
         ) AS changed ON true
         ORDER BY changed.revision",
        owner,
        position.0,
        removals_after.0,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    let first = rows
        .first()
        .ok_or_else(|| Error::internal("the feed has no epoch; the service writes it at its start"))?;
    let state = FeedState {
        epoch: first.epoch,
        end: Revision(first.feed_end.unwrap_or(0)),
        floor: Revision(first.floor.unwrap_or(0)),
    };
    let mut changed = Vec::with_capacity(rows.len());
    for row in rows {
        // Without changes there is one row, of the feed's state alone.
        if let (Some(revision), Some(what), Some(id)) = (row.revision, row.what, row.id) {
            let what = What::from_number(what).ok_or_else(|| Error::internal("a kind that is not known"))?;
            changed.push(Changed {
                revision: Revision(revision),
                what,
                id,
            });
        }
    }
    Ok(Feed { state, changed })
}
