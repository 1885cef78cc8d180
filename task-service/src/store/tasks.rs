//! All SQL of the table `tasks`, but for the list, which is built (see `list`).

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::OwnerTx;
use crate::domain::{Notes, Priority, Rank, Revision, State, Task, TaskId, Title, When};
use crate::error::Error;

/// What SQL sees of a task.
#[derive(FromRow)]
pub(super) struct TaskRow {
    id: Uuid,
    revision: i64,
    title: String,
    notes: String,
    state: i16,
    priority: Option<i16>,
    start_date: Option<NaiveDate>,
    start_time: Option<NaiveTime>,
    start_zone: Option<String>,
    due_date: Option<NaiveDate>,
    due_time: Option<NaiveTime>,
    due_zone: Option<String>,
    rank: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    complete_time: Option<DateTime<Utc>>,
    delete_time: Option<DateTime<Utc>>,
    purge_time: Option<DateTime<Utc>>,
}

impl TryFrom<TaskRow> for Task {
    type Error = Error;

    fn try_from(row: TaskRow) -> Result<Self, Error> {
        let inconsistent =
            |column: &str| Error::internal(format!("tasks.{column} of {} breaks its rule", row.id));
        Ok(Self {
            id: TaskId(row.id),
            revision: Revision(row.revision),
            title: Title::parse(&row.title).map_err(|_| inconsistent("title"))?,
            state: State::from_number(row.state).ok_or_else(|| inconsistent("state"))?,
            priority: row
                .priority
                .map(|number| Priority::from_number(number).ok_or_else(|| inconsistent("priority")))
                .transpose()?,
            notes: Notes::parse(row.notes).map_err(|_| inconsistent("notes"))?,
            start: when(row.start_date, row.start_time, row.start_zone),
            due: when(row.due_date, row.due_time, row.due_zone),
            rank: Rank::stored(row.rank),
            create_time: row.create_time,
            update_time: row.update_time,
            complete_time: row.complete_time,
            delete_time: row.delete_time,
            purge_time: row.purge_time,
        })
    }
}

pub(super) fn when(date: Option<NaiveDate>, time: Option<NaiveTime>, zone: Option<String>) -> Option<When> {
    date.map(|date| When { date, time, zone })
}

/// The task of that id, in the trash or not.
pub async fn find(tx: &mut OwnerTx, id: TaskId) -> Result<Option<Task>, Error> {
    let owner = tx.owner();
    sqlx::query_as!(
        TaskRow,
        "SELECT id, revision, title, notes, state, priority, start_date, start_time, start_zone, due_date, due_time,
                due_zone, rank, create_time, update_time, complete_time, delete_time, purge_time
         FROM tasks WHERE owner_id = $1 AND id = $2",
        owner,
        id.0
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Task::try_from)
    .transpose()
}

/// The hash of the request that made the task with a client-chosen id.
pub async fn find_create_hash(tx: &mut OwnerTx, id: TaskId) -> Result<Option<Vec<u8>>, Error> {
    let owner = tx.owner();
    let hash = sqlx::query_scalar!(
        "SELECT create_hash FROM tasks WHERE owner_id = $1 AND id = $2",
        owner,
        id.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(hash.flatten())
}

/// The last place in the owner's order.
pub async fn find_last_rank(tx: &mut OwnerTx) -> Result<Option<Rank>, Error> {
    let owner = tx.owner();
    let rank = sqlx::query_scalar!(
        "SELECT rank FROM tasks WHERE owner_id = $1 ORDER BY rank DESC, id DESC LIMIT 1",
        owner
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(rank.map(Rank::stored))
}

/// Adds a task.
pub async fn insert(tx: &mut OwnerTx, task: &Task, create_hash: Option<&[u8]>) -> Result<(), Error> {
    let owner = tx.owner();
    let (start, due) = (task.start.as_ref(), task.due.as_ref());
    sqlx::query!(
        "INSERT INTO tasks
            (owner_id, id, revision, title, title_order, notes, state, priority, start_date, start_time, start_zone,
             due_date, due_time, due_zone, due_order, rank, create_hash, create_time, update_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        owner,
        task.id.0,
        task.revision.0,
        task.title.as_str(),
        task.title.order_key(),
        task.notes.as_str(),
        task.state.number(),
        task.priority.map(Priority::number),
        start.map(|start| start.date),
        start.and_then(|start| start.time),
        start.and_then(|start| start.zone.as_deref()),
        due.map(|due| due.date),
        due.and_then(|due| due.time),
        due.and_then(|due| due.zone.as_deref()),
        due.map(When::order_key),
        task.rank.as_str(),
        create_hash,
        task.create_time,
        task.update_time
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Stores a changed task in place of the revision it was read at.
pub async fn update(tx: &mut OwnerTx, task: &Task, read_at: Revision) -> Result<(), Error> {
    let owner = tx.owner();
    let (start, due) = (task.start.as_ref(), task.due.as_ref());
    let changed = sqlx::query!(
        "UPDATE tasks
         SET revision = $4, title = $5, title_order = $6, notes = $7, state = $8, priority = $9, start_date = $10,
             start_time = $11, start_zone = $12, due_date = $13, due_time = $14, due_zone = $15, due_order = $16,
             rank = $17, update_time = $18, complete_time = $19, delete_time = $20, purge_time = $21
         WHERE owner_id = $1 AND id = $2 AND revision = $3",
        owner,
        task.id.0,
        read_at.0,
        task.revision.0,
        task.title.as_str(),
        task.title.order_key(),
        task.notes.as_str(),
        task.state.number(),
        task.priority.map(Priority::number),
        start.map(|start| start.date),
        start.and_then(|start| start.time),
        start.and_then(|start| start.zone.as_deref()),
        due.map(|due| due.date),
        due.and_then(|due| due.time),
        due.and_then(|due| due.zone.as_deref()),
        due.map(When::order_key),
        task.rank.as_str(),
        task.update_time,
        task.complete_time,
        task.delete_time,
        task.purge_time
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    match changed {
        1 => Ok(()),
        // The owner's lock should have kept everybody else out.
        _ => Err(Error::Stale),
    }
}

/// Deletes up to so many of the owner's tasks, and says how many.
pub async fn delete_some(tx: &mut OwnerTx, limit: i64) -> Result<i64, Error> {
    let owner = tx.owner();
    let deleted = sqlx::query!(
        "DELETE FROM tasks
         WHERE owner_id = $1 AND id IN (SELECT id FROM tasks WHERE owner_id = $1 LIMIT $2)",
        owner,
        limit
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    i64::try_from(deleted).map_err(Error::internal)
}

/// Deletes up to so many of the owner's tasks whose time in the trash is over, with their completions. The owner's row
/// must be locked: an undelete holds it.
pub async fn delete_trash(tx: &mut OwnerTx, now: DateTime<Utc>, limit: i64) -> Result<u64, Error> {
    let owner = tx.owner();
    let deleted = sqlx::query!(
        "DELETE FROM tasks
         WHERE owner_id = $1 AND purge_time <= $2
           AND id IN (SELECT id FROM tasks WHERE owner_id = $1 AND purge_time <= $2 LIMIT $3)",
        owner,
        now,
        limit
    )
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected())
}
