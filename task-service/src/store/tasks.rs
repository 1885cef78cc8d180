//! All SQL of the table `tasks`, but for the list, which is built (see `list`): here what reads one owner's, in `gathered`
//! what reads several owners', in `write` what changes it.

mod gathered;
mod write;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::OwnerTx;
use super::requests::Recorded;
use crate::domain::{
    Basis, DeletionId, Label, Labels, ListId, Notes, Priority, Rank, Recurrence, Revision, State, Task,
    TaskId, Title, When,
};
use crate::error::{Error, Missing};

pub(crate) use gathered::{Stretch, find_grounds, find_of_owners, list_of_owners};
pub use write::{NewRow, delete, delete_some, insert_many, update, update_deletion, update_orphans};
pub(crate) use write::{count_change, count_in, insert_of_owners, update_of_owners};

/// What SQL sees of a task.
#[derive(FromRow)]
pub(super) struct TaskRow {
    id: Uuid,
    revision: i64,
    list_id: Option<Uuid>,
    parent_id: Option<Uuid>,
    title: String,
    notes: String,
    state: i16,
    priority: Option<i16>,
    labels: Vec<String>,
    start_date: Option<NaiveDate>,
    start_time: Option<NaiveTime>,
    start_zone: Option<String>,
    due_date: Option<NaiveDate>,
    due_time: Option<NaiveTime>,
    due_zone: Option<String>,
    rrule: Option<String>,
    recurrence_basis: Option<i16>,
    occurrence_number: i32,
    rank: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    complete_time: Option<DateTime<Utc>>,
    delete_time: Option<DateTime<Utc>>,
    purge_time: Option<DateTime<Utc>>,
    deletion_id: Option<Uuid>,
}

impl TryFrom<TaskRow> for Task {
    type Error = Error;

    fn try_from(row: TaskRow) -> Result<Self, Error> {
        let inconsistent =
            |column: &str| Error::internal(format!("tasks.{column} of {} breaks its rule", row.id));
        Ok(Self {
            id: TaskId(row.id),
            revision: Revision(row.revision),
            list_id: row.list_id.map(ListId),
            parent_id: row.parent_id.map(TaskId),
            title: Title::parse(&row.title).map_err(|_| inconsistent("title"))?,
            state: State::from_number(row.state).ok_or_else(|| inconsistent("state"))?,
            priority: row
                .priority
                .map(|number| Priority::from_number(number).ok_or_else(|| inconsistent("priority")))
                .transpose()?,
            notes: Notes::parse(row.notes).map_err(|_| inconsistent("notes"))?,
            labels: labels(&row.labels).ok_or_else(|| inconsistent("labels"))?,
            recurrence: match row.rrule.zip(row.recurrence_basis) {
                None => None,
                Some((rrule, number)) => {
                    let basis = Basis::from_number(number).ok_or_else(|| inconsistent("recurrence_basis"))?;
                    Some(Recurrence::stored(rrule, basis))
                }
            },
            occurrence_number: row.occurrence_number,
            start: when(row.start_date, row.start_time, row.start_zone),
            due: when(row.due_date, row.due_time, row.due_zone),
            rank: Rank::stored(row.rank),
            create_time: row.create_time,
            update_time: row.update_time,
            complete_time: row.complete_time,
            delete_time: row.delete_time,
            purge_time: row.purge_time,
            deletion_id: row.deletion_id.map(DeletionId),
        })
    }
}

pub(super) fn when(date: Option<NaiveDate>, time: Option<NaiveTime>, zone: Option<String>) -> Option<When> {
    date.map(|date| When { date, time, zone })
}

fn labels(names: &[String]) -> Option<Labels> {
    let labels: Result<Vec<_>, _> = names.iter().map(|name| Label::parse(name)).collect();
    Labels::of(labels.ok()?).ok()
}

/// The task of that id, in the trash or not.
pub async fn find(tx: &mut OwnerTx, id: TaskId) -> Result<Option<Task>, Error> {
    let owner = tx.owner();
    sqlx::query_as!(
        TaskRow,
        "SELECT id, revision, list_id, parent_id, title, notes, state, priority, labels, start_date, start_time,
                start_zone, due_date, due_time, due_zone, rrule, recurrence_basis, occurrence_number, rank, create_time,
                update_time, complete_time, delete_time, purge_time, deletion_id
         FROM tasks WHERE owner_id = $1 AND id = $2",
        owner,
        id.0
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Task::try_from)
    .transpose()
}

/// Those of these ids that there are, in the trash or not. In a table whose rows nobody has counted for the planner yet,
/// every index that begins with the owner looks as good as the key, and the one it took for `id = ANY` read all that the owner
/// has. So each is asked for as the first of a range in order of id, which the key alone has; of rows whose id equals something
/// any index would do.
pub async fn find_many(tx: &mut OwnerTx, ids: &[Uuid]) -> Result<HashMap<TaskId, Task>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let owner = tx.owner();
    let rows = sqlx::query_as!(
        TaskRow,
        "SELECT found.id, found.revision, found.list_id, found.parent_id, found.title, found.notes, found.state,
                found.priority, found.labels, found.start_date, found.start_time, found.start_zone, found.due_date,
                found.due_time, found.due_zone, found.rrule, found.recurrence_basis, found.occurrence_number,
                found.rank, found.create_time, found.update_time, found.complete_time, found.delete_time,
                found.purge_time, found.deletion_id
         FROM unnest($2::uuid[]) AS named (id)
         CROSS JOIN LATERAL (
             SELECT id, revision, list_id, parent_id, title, notes, state, priority, labels, start_date, start_time,
                    start_zone, due_date, due_time, due_zone, rrule, recurrence_basis, occurrence_number, rank,
                    create_time, update_time, complete_time, delete_time, purge_time, deletion_id
             FROM tasks WHERE tasks.owner_id = $1 AND tasks.id >= named.id AND tasks.id <= named.id
             ORDER BY tasks.id LIMIT 1
         ) AS found",
        owner,
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    let tasks = rows.into_iter().map(Task::try_from);
    tasks.map(|task| task.map(|task| (task.id, task))).collect()
}

/// The task that a write answered with, as it is now.
pub async fn find_resource(tx: &mut OwnerTx, made: &Recorded) -> Result<Task, Error> {
    let missing = Error::NotFound(Missing::Task);
    match made.resources.first() {
        Some(id) => find(tx, TaskId(*id)).await?.ok_or(missing),
        None => Err(missing),
    }
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

/// How many tasks stand above this one, up to ten.
pub async fn find_depth(tx: &mut OwnerTx, id: TaskId) -> Result<i64, Error> {
    let owner = tx.owner();
    let depth = sqlx::query_scalar!(
        "WITH RECURSIVE above (id, depth) AS (
             SELECT parent_id, 1 FROM tasks WHERE owner_id = $1 AND id = $2 AND parent_id IS NOT NULL
             UNION ALL
             SELECT tasks.parent_id, above.depth + 1 FROM above JOIN tasks ON tasks.id = above.id
             WHERE tasks.owner_id = $1 AND tasks.parent_id IS NOT NULL AND above.depth < 10
         )
         SELECT count(*) FROM above",
        owner,
        id.0
    )
    .fetch_one(tx.connection())
    .await?;
    depth.ok_or_else(|| Error::internal("a count is never null"))
}

/// The task and all below it that stand in the trash because of this deletion, or outside of it; what is a part comes behind
/// what it is a part of.
pub async fn find_subtree(
    tx: &mut OwnerTx,
    id: TaskId,
    deletion: Option<DeletionId>,
) -> Result<Vec<Uuid>, Error> {
    let owner = tx.owner();
    let found = sqlx::query_scalar!(
        "WITH RECURSIVE subtree (id, depth) AS (
             SELECT id, 0 FROM tasks WHERE owner_id = $1 AND id = $2
             UNION ALL
             SELECT tasks.id, subtree.depth + 1 FROM subtree JOIN tasks ON tasks.parent_id = subtree.id
             WHERE tasks.owner_id = $1 AND tasks.deletion_id IS NOT DISTINCT FROM $3
         )
         SELECT id FROM subtree ORDER BY depth, id",
        owner,
        id.0,
        deletion.map(|id| id.0)
    )
    .fetch_all(tx.connection())
    .await?;
    let ids: Option<Vec<_>> = found.into_iter().collect();
    ids.ok_or_else(|| Error::internal("an id is never null"))
}

/// The tasks of a list, but for those in the trash.
pub async fn find_of_list(tx: &mut OwnerTx, id: ListId) -> Result<Vec<Uuid>, Error> {
    let owner = tx.owner();
    let found = sqlx::query_scalar!(
        "SELECT id FROM tasks WHERE owner_id = $1 AND list_id = $2 AND deletion_id IS NULL ORDER BY id",
        owner,
        id.0
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(found)
}

/// The tasks that stand in the trash because of this deletion.
pub async fn find_of_deletion(tx: &mut OwnerTx, id: DeletionId) -> Result<Vec<Uuid>, Error> {
    let owner = tx.owner();
    let found = sqlx::query_scalar!(
        "SELECT id FROM tasks WHERE owner_id = $1 AND deletion_id = $2 ORDER BY id",
        owner,
        id.0
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(found)
}

/// Up to so many tasks of the trash that it drops until then, of which nothing else is a part. When they are gone, others
/// are.
pub async fn find_trash(tx: &mut OwnerTx, purge_time: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>, Error> {
    let owner = tx.owner();
    // The deletion leads to the index of the owner's trash; times alone would lead through everybody's.
    let found = sqlx::query_scalar!(
        "SELECT id FROM tasks
         WHERE owner_id = $1 AND deletion_id IS NOT NULL AND purge_time <= $2
           AND NOT EXISTS (SELECT 1 FROM tasks part WHERE part.owner_id = $1 AND part.parent_id = tasks.id)
         LIMIT $3",
        owner,
        purge_time,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(found)
}
