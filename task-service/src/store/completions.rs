//! All SQL of the table `task_completions`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::OwnerTx;
use super::tasks::when;
use crate::domain::{Completion, CompletionId, Revision, TaskId, When};
use crate::error::Error;

macro_rules! completion {
    ($row:expr) => {{
        let row = $row;
        Completion {
            id: CompletionId(row.id),
            task_id: TaskId(row.task_id),
            occurrence: when(row.due_date, row.due_time, row.due_zone),
            start: when(row.start_date, row.start_time, row.start_zone),
            occurrence_number: row.occurrence_number,
            complete_time: row.complete_time,
            undo_time: row.undo_time,
        }
    }};
}

/// Records a completion.
pub async fn insert(tx: &mut OwnerTx, completion: &Completion, revision: Revision) -> Result<(), Error> {
    let owner = tx.owner();
    let (start, due) = (completion.start.as_ref(), completion.occurrence.as_ref());
    sqlx::query!(
        "INSERT INTO task_completions
            (owner_id, id, task_id, revision, due_date, due_time, due_zone, complete_time, start_date, start_time,
             start_zone, occurrence_number)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        owner,
        completion.id.0,
        completion.task_id.0,
        revision.0,
        due.map(|due| due.date),
        due.and_then(|due| due.time),
        due.and_then(|due| due.zone.as_deref()),
        completion.complete_time,
        start.map(|start| start.date),
        start.and_then(|start| start.time),
        start.and_then(|start| start.zone.as_deref()),
        completion.occurrence_number
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Records a completion that happened elsewhere. One that is there already stays.
pub async fn insert_known(
    tx: &mut OwnerTx,
    completion: &Completion,
    revision: Revision,
) -> Result<(), Error> {
    let owner = tx.owner();
    let (start, due) = (completion.start.as_ref(), completion.occurrence.as_ref());
    sqlx::query!(
        "INSERT INTO task_completions
            (owner_id, id, task_id, revision, due_date, due_time, due_zone, complete_time, start_date, start_time,
             start_zone, occurrence_number, undo_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT ON CONSTRAINT task_completions_pkey DO NOTHING",
        owner,
        completion.id.0,
        completion.task_id.0,
        revision.0,
        due.map(|due| due.date),
        due.and_then(|due| due.time),
        due.and_then(|due| due.zone.as_deref()),
        completion.complete_time,
        start.map(|start| start.date),
        start.and_then(|start| start.time),
        start.and_then(|start| start.zone.as_deref()),
        completion.occurrence_number,
        completion.undo_time
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The completions of these tasks, the oldest first.
pub async fn list_of_tasks(tx: &mut OwnerTx, task_ids: &[Uuid]) -> Result<Vec<Completion>, Error> {
    let owner = tx.owner();
    let rows = sqlx::query!(
        "SELECT id, task_id, due_date, due_time, due_zone, start_date, start_time, start_zone, occurrence_number,
                complete_time, undo_time
         FROM task_completions
         WHERE owner_id = $1 AND task_id = ANY ($2)
         ORDER BY task_id, complete_time, id",
        owner,
        task_ids
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| completion!(row)).collect())
}

/// The completion of that id.
pub async fn find(tx: &mut OwnerTx, id: CompletionId) -> Result<Option<Completion>, Error> {
    let owner = tx.owner();
    let row = sqlx::query!(
        "SELECT id, task_id, due_date, due_time, due_zone, start_date, start_time, start_zone, occurrence_number,
                complete_time, undo_time
         FROM task_completions WHERE owner_id = $1 AND id = $2",
        owner,
        id.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| completion!(row)))
}

/// Those of these ids that there are, each with its revision.
pub async fn find_many(
    tx: &mut OwnerTx,
    ids: &[Uuid],
) -> Result<HashMap<CompletionId, (Revision, Completion)>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let owner = tx.owner();
    let rows = sqlx::query!(
        "SELECT id, task_id, revision, due_date, due_time, due_zone, start_date, start_time, start_zone,
                occurrence_number, complete_time, undo_time
         FROM task_completions WHERE owner_id = $1 AND id = ANY ($2)",
        owner,
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    let found = rows.into_iter().map(|row| {
        let revision = Revision(row.revision);
        (CompletionId(row.id), (revision, completion!(row)))
    });
    Ok(found.collect())
}

/// The newest completion of a task that was not taken back. Revisions tell, since replicas' clocks can differ.
pub async fn find_newest(tx: &mut OwnerTx, task_id: TaskId) -> Result<Option<Completion>, Error> {
    let owner = tx.owner();
    let row = sqlx::query!(
        "SELECT id, task_id, due_date, due_time, due_zone, start_date, start_time, start_zone, occurrence_number,
                complete_time, undo_time
         FROM task_completions
         WHERE owner_id = $1 AND task_id = $2 AND undo_time IS NULL
         ORDER BY revision DESC LIMIT 1",
        owner,
        task_id.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| completion!(row)))
}

/// The newest completion of a task with that due, of those that were not taken back.
pub async fn find_of_occurrence(
    tx: &mut OwnerTx,
    task_id: TaskId,
    occurrence: &When,
) -> Result<Option<Completion>, Error> {
    let owner = tx.owner();
    let row = sqlx::query!(
        "SELECT id, task_id, due_date, due_time, due_zone, start_date, start_time, start_zone, occurrence_number,
                complete_time, undo_time
         FROM task_completions
         WHERE owner_id = $1 AND task_id = $2 AND undo_time IS NULL AND due_date = $3
           AND due_time IS NOT DISTINCT FROM $4 AND due_zone IS NOT DISTINCT FROM $5
         ORDER BY revision DESC LIMIT 1",
        owner,
        task_id.0,
        occurrence.date,
        occurrence.time,
        occurrence.zone
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| completion!(row)))
}

/// Where a page of completions ended.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// When the last one was made.
    pub complete_time: DateTime<Utc>,
    /// Its id.
    pub id: CompletionId,
}

/// Up to so many completions of a task, newest first, those taken back too; `before` is the end of the page before.
pub async fn list(
    tx: &mut OwnerTx,
    task_id: TaskId,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<Completion>, Error> {
    // Before a time that no clock shows everything comes.
    let before = before.unwrap_or(Place {
        complete_time: DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default(),
        id: CompletionId(Uuid::max()),
    });
    let owner = tx.owner();
    let rows = sqlx::query!(
        "SELECT id, task_id, due_date, due_time, due_zone, start_date, start_time, start_zone, occurrence_number,
                complete_time, undo_time
         FROM task_completions
         WHERE owner_id = $1 AND task_id = $2 AND (complete_time, id) < ($3, $4)
         ORDER BY complete_time DESC, id DESC LIMIT $5",
        owner,
        task_id.0,
        before.complete_time,
        before.id.0,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| completion!(row)).collect())
}

/// Takes a completion back.
pub async fn update_undone(
    tx: &mut OwnerTx,
    id: CompletionId,
    revision: Revision,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let owner = tx.owner();
    sqlx::query!(
        "UPDATE task_completions SET undo_time = $3, revision = $4 WHERE owner_id = $1 AND id = $2",
        owner,
        id.0,
        now,
        revision.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Deletes up to so many of the owner's completions, and says how many.
pub async fn delete_some(tx: &mut OwnerTx, limit: i64) -> Result<i64, Error> {
    let owner = tx.owner();
    let deleted = sqlx::query!(
        "DELETE FROM task_completions
         WHERE owner_id = $1 AND id IN (SELECT id FROM task_completions WHERE owner_id = $1 LIMIT $2)",
        owner,
        limit
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    i64::try_from(deleted).map_err(Error::internal)
}
