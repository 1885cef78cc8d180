//! All SQL of the table `tasks`, but for the list, which is built (see `list`).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::removals::{self, Removed};
use super::requests::Recorded;
use super::{OwnerTx, task_events, task_labels};
use crate::domain::{
    Basis, DeletionId, FieldChange, Label, Labels, ListId, Notes, Priority, Rank, Recurrence, Revision,
    State, TRASH_LIFE, Task, TaskId, Title, When,
};
use crate::error::{Error, Missing};

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

/// What a task counts for, as the column has it.
fn size_bytes(task: &Task) -> Result<i32, Error> {
    i32::try_from(task.size_bytes()).map_err(Error::internal)
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

/// Those of these ids that there are, in the trash or not.
pub async fn find_many(tx: &mut OwnerTx, ids: &[Uuid]) -> Result<HashMap<TaskId, Task>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let owner = tx.owner();
    let rows = sqlx::query_as!(
        TaskRow,
        "SELECT id, revision, list_id, parent_id, title, notes, state, priority, labels, start_date, start_time,
                start_zone, due_date, due_time, due_zone, rrule, recurrence_basis, occurrence_number, rank, create_time,
                update_time, complete_time, delete_time, purge_time, deletion_id
         FROM tasks WHERE owner_id = $1 AND id = ANY ($2)",
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

/// A task to be added, with the hash of the request that chose its id.
#[derive(Debug, Clone)]
pub struct NewRow {
    /// The task.
    pub task: Task,
    /// None for ids of ours.
    pub create_hash: Option<Vec<u8>>,
}

/// Between the labels of a task on their way: no label has control characters.
const LABEL_SEPARATOR: &str = "\n";

/// Adds tasks, of which a later one may be part of one before it. The owner must be locked.
pub async fn insert_many(tx: &mut OwnerTx, rows: &[NewRow]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let owner = tx.owner();
    let sizes = rows.iter().map(|row| size_bytes(&row.task));
    let sizes: Vec<i32> = sizes.collect::<Result<_, _>>()?;
    macro_rules! column {
        ($task:ident => $value:expr) => {
            &rows
                .iter()
                .map(|NewRow { task: $task, .. }| $value)
                .collect::<Vec<_>>()
        };
    }
    sqlx::query!(
        "INSERT INTO tasks
            (owner_id, id, revision, title, title_order, notes, state, priority, start_date, start_time, start_zone,
             due_date, due_time, due_zone, due_order, rank, create_hash, create_time, update_time, list_id, parent_id,
             labels, rrule, recurrence_basis, occurrence_number, size_bytes, complete_time)
         SELECT $1, new.id, new.revision, new.title, new.title_order, new.notes, new.state, new.priority,
                new.start_date, new.start_time, new.start_zone, new.due_date, new.due_time, new.due_zone, new.due_order,
                new.rank, new.create_hash, new.create_time, new.update_time, new.list_id, new.parent_id,
                string_to_array(new.labels, $2), new.rrule, new.recurrence_basis, new.occurrence_number, new.size_bytes,
                new.complete_time
         FROM unnest($3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::smallint[], $9::smallint[],
                     $10::date[], $11::time[], $12::text[], $13::date[], $14::time[], $15::text[], $16::text[],
                     $17::text[], $18::bytea[], $19::timestamptz[], $20::timestamptz[], $21::uuid[], $22::uuid[],
                     $23::text[], $24::text[], $25::smallint[], $26::integer[], $27::integer[], $28::timestamptz[])
              AS new (id, revision, title, title_order, notes, state, priority, start_date, start_time, start_zone,
                      due_date, due_time, due_zone, due_order, rank, create_hash, create_time, update_time, list_id,
                      parent_id, labels, rrule, recurrence_basis, occurrence_number, size_bytes, complete_time)",
        owner,
        LABEL_SEPARATOR,
        column!(task => task.id.0),
        column!(task => task.revision.0),
        column!(task => task.title.as_str()) as &[&str],
        column!(task => task.title.order_key()),
        column!(task => task.notes.as_str()) as &[&str],
        column!(task => task.state.number()),
        column!(task => task.priority.map(Priority::number)) as &[Option<i16>],
        column!(task => task.start.as_ref().map(|start| start.date)) as &[Option<NaiveDate>],
        column!(task => task.start.as_ref().and_then(|start| start.time)) as &[Option<NaiveTime>],
        column!(task => task.start.as_ref().and_then(|start| start.zone.clone())) as &[Option<String>],
        column!(task => task.due.as_ref().map(|due| due.date)) as &[Option<NaiveDate>],
        column!(task => task.due.as_ref().and_then(|due| due.time)) as &[Option<NaiveTime>],
        column!(task => task.due.as_ref().and_then(|due| due.zone.clone())) as &[Option<String>],
        column!(task => task.due.as_ref().map(When::order_key)) as &[Option<String>],
        column!(task => task.rank.as_str()) as &[&str],
        &rows.iter().map(|row| row.create_hash.clone()).collect::<Vec<_>>() as &[Option<Vec<u8>>],
        column!(task => task.create_time),
        column!(task => task.update_time),
        column!(task => task.list_id.map(|id| id.0)) as &[Option<Uuid>],
        column!(task => task.parent_id.map(|id| id.0)) as &[Option<Uuid>],
        column!(task => task.labels.names().join(LABEL_SEPARATOR)),
        column!(task => task.recurrence.as_ref().map(|recurrence| recurrence.rrule().to_owned()))
            as &[Option<String>],
        column!(task => task.recurrence.as_ref().map(|recurrence| recurrence.basis().number()))
            as &[Option<i16>],
        column!(task => task.occurrence_number),
        &sizes,
        column!(task => task.complete_time) as &[Option<DateTime<Utc>>]
    )
    .execute(tx.connection())
    .await?;
    let usage = tx.usage()?;
    usage.tasks += i64::try_from(rows.len()).map_err(Error::internal)?;
    usage.stored_bytes += sizes.iter().copied().map(i64::from).sum::<i64>();
    for row in rows {
        task_events::record(tx, None, &row.task)?;
    }
    task_labels::insert_many(tx, rows.iter().map(|row| (row.task.id, &row.task.labels))).await
}

/// Stores a changed task in place of what it was when it was read. The owner must be locked.
pub async fn update(tx: &mut OwnerTx, before: &Task, task: &Task) -> Result<(), Error> {
    let (owner, size) = (tx.owner(), size_bytes(task)?);
    let (start, due) = (task.start.as_ref(), task.due.as_ref());
    let changed = sqlx::query!(
        "UPDATE tasks
         SET revision = $4, title = $5, title_order = $6, notes = $7, state = $8, priority = $9, start_date = $10,
             start_time = $11, start_zone = $12, due_date = $13, due_time = $14, due_zone = $15, due_order = $16,
             rank = $17, update_time = $18, complete_time = $19, delete_time = $20, purge_time = $21, list_id = $22,
             parent_id = $23, labels = $24, rrule = $25, recurrence_basis = $26, occurrence_number = $27,
             deletion_id = $28, size_bytes = $29
         WHERE owner_id = $1 AND id = $2 AND revision = $3",
        owner,
        task.id.0,
        before.revision.0,
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
        task.purge_time,
        task.list_id.map(|id| id.0),
        task.parent_id.map(|id| id.0),
        &task.labels.names(),
        task.recurrence.as_ref().map(Recurrence::rrule),
        task.recurrence.as_ref().map(|recurrence| recurrence.basis().number()),
        task.occurrence_number,
        task.deletion_id.map(|id| id.0),
        size
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    if changed != 1 {
        // The owner's lock should have kept everybody else out.
        return Err(Error::Stale);
    }
    tx.usage()?.stored_bytes += i64::from(size) - i64::from(size_bytes(before)?);
    task_events::record(tx, Some(before), task)?;
    if task.labels != before.labels {
        task_labels::replace(tx, task.id, &task.labels).await?;
    }
    Ok(())
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

/// Moves tasks to the trash together, or out of it, and gives each a revision of its own, in that order. Answers with the
/// first of them. The owner must be locked.
pub async fn update_deletion(
    tx: &mut OwnerTx,
    ids: &[Uuid],
    deletion: Option<DeletionId>,
    now: DateTime<Utc>,
) -> Result<Revision, Error> {
    let owner = tx.owner();
    let rows = i64::try_from(ids.len()).map_err(Error::internal)?;
    let first = tx.raise_by(rows)?;
    let changed = sqlx::query!(
        "UPDATE tasks
         SET revision = $2 + taken.place - 1, update_time = $3, delete_time = $4, purge_time = $5, deletion_id = $6
         FROM unnest($7::uuid[]) WITH ORDINALITY AS taken (id, place)
         WHERE tasks.owner_id = $1 AND tasks.id = taken.id",
        owner,
        first.0,
        now,
        deletion.map(|_| now),
        deletion.map(|_| now + TRASH_LIFE),
        deletion.map(|id| id.0),
        ids
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    if changed != rows.unsigned_abs() {
        return Err(Error::Stale);
    }
    let change = FieldChange::of_deletion(deletion.is_some());
    task_events::record_many(tx, ids, first, |_| change.clone())?;
    Ok(first)
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

/// Makes what is a part of these tasks, and is not among them, a part of none. The owner must be locked.
pub async fn update_orphans(tx: &mut OwnerTx, parents: &[Uuid], now: DateTime<Utc>) -> Result<(), Error> {
    let owner = tx.owner();
    let orphans = sqlx::query!(
        "SELECT id, parent_id FROM tasks WHERE owner_id = $1 AND parent_id = ANY ($2) AND id <> ALL ($2) ORDER BY id",
        owner,
        parents
    )
    .fetch_all(tx.connection())
    .await?;
    if orphans.is_empty() {
        return Ok(());
    }
    let first = tx.raise_by(i64::try_from(orphans.len()).map_err(Error::internal)?)?;
    let ids: Vec<_> = orphans.iter().map(|orphan| orphan.id).collect();
    sqlx::query!(
        "UPDATE tasks SET parent_id = NULL, revision = $2 + orphan.place - 1, update_time = $3
         FROM unnest($4::uuid[]) WITH ORDINALITY AS orphan (id, place)
         WHERE tasks.owner_id = $1 AND tasks.id = orphan.id",
        owner,
        first.0,
        now,
        &ids
    )
    .execute(tx.connection())
    .await?;
    task_events::record_many(tx, &ids, first, |place| {
        let parent = orphans[place].parent_id.map(|id| id.to_string());
        FieldChange::new("parent_id", &parent.unwrap_or_default(), "")
    })
}

/// Deletes these tasks for good with their completions, and records that. Nothing else may be a part of one, and the owner's
/// row must be locked: an undelete holds it.
pub async fn delete(tx: &mut OwnerTx, ids: &[Uuid], now: DateTime<Utc>) -> Result<(), Error> {
    let owner = tx.owner();
    let sizes = sqlx::query_scalar!(
        "DELETE FROM tasks WHERE owner_id = $1 AND id = ANY ($2) RETURNING size_bytes",
        owner,
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    let usage = tx.usage()?;
    usage.tasks -= i64::try_from(sizes.len()).map_err(Error::internal)?;
    usage.stored_bytes -= sizes.into_iter().map(i64::from).sum::<i64>();
    removals::insert(tx, Removed::Task, ids, now).await
}
