//! SQL of the table `tasks` for moves: what is below a task, and places in the person's order of tasks.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::order::{self, Ordered, Place};
use super::{OwnerTx, task_events};
use crate::domain::{FieldChange, ListId, Position, Rank, Task, TaskId};
use crate::error::Error;

/// What is a part of a task, however deep, in the trash or not.
#[derive(Debug, Default)]
pub struct Below {
    /// All of them; what is a part comes behind what it is a part of.
    pub ids: Vec<Uuid>,
    /// How many levels there are.
    pub levels: i64,
}

/// Everything below a task.
pub async fn find_below(tx: &mut OwnerTx, id: TaskId) -> Result<Below, Error> {
    let owner = tx.owner();
    let rows = sqlx::query!(
        "WITH RECURSIVE below (id, depth) AS (
             SELECT id, 1::bigint FROM tasks WHERE owner_id = $1 AND parent_id = $2
             UNION ALL
             SELECT tasks.id, below.depth + 1 FROM below JOIN tasks ON tasks.parent_id = below.id
             WHERE tasks.owner_id = $1 AND below.depth < 20
         )
         SELECT id, depth FROM below ORDER BY depth, id",
        owner,
        id.0
    )
    .fetch_all(tx.connection())
    .await?;
    let levels = rows.last().and_then(|row| row.depth).unwrap_or(0);
    let ids: Option<Vec<_>> = rows.into_iter().map(|row| row.id).collect();
    let ids = ids.ok_or_else(|| Error::internal("an id is never null"))?;
    Ok(Below { ids, levels })
}

/// Puts tasks from one list into another, each with a revision of its own; none means the inbox. The owner must be locked.
pub async fn update_lists(
    tx: &mut OwnerTx,
    ids: &[Uuid],
    from: Option<ListId>,
    list_id: Option<ListId>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let first = tx.raise_by(i64::try_from(ids.len()).map_err(Error::internal)?)?;
    let owner = tx.owner();
    sqlx::query!(
        "UPDATE tasks SET list_id = $2, update_time = $3, revision = $4 + moved.place - 1
         FROM unnest($5::uuid[]) WITH ORDINALITY AS moved (id, place)
         WHERE tasks.owner_id = $1 AND tasks.id = moved.id",
        owner,
        list_id.map(|id| id.0),
        now,
        first.0,
        ids
    )
    .execute(tx.connection())
    .await?;
    let [from, to] = [from, list_id].map(|id| id.map_or_else(String::new, |id| id.0.to_string()));
    let change = FieldChange::new("list_id", &from, &to);
    task_events::record_many(tx, ids, first, |_| change.clone())
}

/// The rank that a task needs to stand there. The owner must be locked.
pub async fn find_rank(tx: &mut OwnerTx, to: &Position<Place>, moving: &Task) -> Result<Rank, Error> {
    order::find_rank::<Tasks>(tx, to, &Place::from(moving)).await
}

impl From<&Task> for Place {
    fn from(task: &Task) -> Self {
        Self {
            rank: task.rank.clone(),
            id: task.id.0,
        }
    }
}

/// The order of all tasks of a person, whatever list they are in and those in the trash too: beside one in this order is
/// beside it in its list.
struct Tasks;

impl Ordered for Tasks {
    async fn find_before(tx: &mut OwnerTx, place: &Place, limit: i64) -> Result<Vec<Place>, Error> {
        let owner = tx.owner();
        let rows = sqlx::query!(
            "SELECT rank, id FROM tasks WHERE owner_id = $1 AND (rank, id) < ($2, $3)
             ORDER BY rank DESC, id DESC LIMIT $4",
            owner,
            place.rank.as_str(),
            place.id,
            limit
        )
        .fetch_all(tx.connection())
        .await?;
        let places = rows.into_iter().map(|row| Place::stored(row.rank, row.id));
        Ok(places.collect())
    }

    async fn find_behind(tx: &mut OwnerTx, place: &Place, limit: i64) -> Result<Vec<Place>, Error> {
        let owner = tx.owner();
        let rows = sqlx::query!(
            "SELECT rank, id FROM tasks WHERE owner_id = $1 AND (rank, id) > ($2, $3) ORDER BY rank, id LIMIT $4",
            owner,
            place.rank.as_str(),
            place.id,
            limit
        )
        .fetch_all(tx.connection())
        .await?;
        let places = rows.into_iter().map(|row| Place::stored(row.rank, row.id));
        Ok(places.collect())
    }

    async fn update_ranks(tx: &mut OwnerTx, ids: &[Uuid], ranks: &[String]) -> Result<(), Error> {
        let first = tx.raise_by(i64::try_from(ids.len()).map_err(Error::internal)?)?;
        let owner = tx.owner();
        sqlx::query!(
            "UPDATE tasks SET rank = given.rank, revision = $2 + given.place - 1
             FROM unnest($3::uuid[], $4::text[]) WITH ORDINALITY AS given (id, rank, place)
             WHERE tasks.owner_id = $1 AND tasks.id = given.id",
            owner,
            first.0,
            ids,
            ranks
        )
        .execute(tx.connection())
        .await?;
        Ok(())
    }
}
