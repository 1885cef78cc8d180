//! What changes the table `tasks`. Whoever changes a task keeps right what hangs on it: what its owner has, its labels, its
//! history and what the feed says of what went. The owner must be locked.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use crate::domain::{DeletionId, FieldChange, Priority, Recurrence, Revision, TRASH_LIFE, Task, When};
use crate::error::Error;
use crate::store::removals::{self, Removed};
use crate::store::{OwnerTx, task_events, task_labels};

/// What a task counts for, as the column has it.
fn size_bytes(task: &Task) -> Result<i32, Error> {
    i32::try_from(task.size_bytes()).map_err(Error::internal)
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
