//! What changes the table `tasks`. Whoever changes a task keeps right what hangs on it: what its owner has, its labels, its
//! history and what the feed says of what went. The owner must be locked.

mod columns;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use crate::domain::{DeletionId, FieldChange, Revision, TRASH_LIFE, Task};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::removals::{self, Removed};
use crate::store::transaction::OfOwners;
use crate::store::{OwnerTx, Share, task_events, task_labels, uuids};
use columns::{Columns, LABEL_SEPARATOR};

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

/// Adds tasks, of which a later one may be part of one before it. The owner must be locked.
pub async fn insert_many(tx: &mut OwnerTx, rows: &[NewRow]) -> Result<(), Error> {
    let whose = tx.share().owner();
    let rows: Vec<_> = rows.iter().map(|row| (whose, row)).collect();
    insert_of_owners(tx, &rows).await?;
    rows.iter().try_for_each(|(_, row)| count_in(tx.share(), row))
}

/// Keeps right what hangs on a task that is added.
pub(crate) fn count_in(share: &mut Share, row: &NewRow) -> Result<(), Error> {
    let size = size_bytes(&row.task)?;
    let usage = share.usage()?;
    usage.tasks += 1;
    usage.stored_bytes += i64::from(size);
    task_events::record(share, None, &row.task)
}

/// Adds tasks of several owners with their labels, and keeps nothing else right (see [`count_in`]).
pub(crate) async fn insert_of_owners(
    tx: &mut impl OfOwners,
    rows: &[(OwnerId, &NewRow)],
) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let owners = uuids(rows.iter().map(|(owner, _)| *owner));
    let tasks: Vec<_> = rows.iter().map(|(_, row)| &row.task).collect();
    let columns = Columns::of(&tasks)?;
    sqlx::query!(
        "INSERT INTO tasks
            (owner_id, id, revision, title, title_order, notes, state, priority, start_date, start_time, start_zone,
             due_date, due_time, due_zone, due_order, rank, create_hash, create_time, update_time, list_id, parent_id,
             labels, rrule, recurrence_basis, occurrence_number, size_bytes, complete_time)
         SELECT new.owner_id, new.id, new.revision, new.title, new.title_order, new.notes, new.state, new.priority,
                new.start_date, new.start_time, new.start_zone, new.due_date, new.due_time, new.due_zone, new.due_order,
                new.rank, new.create_hash, new.create_time, new.update_time, new.list_id, new.parent_id,
                string_to_array(new.labels, $2), new.rrule, new.recurrence_basis, new.occurrence_number, new.size_bytes,
                new.complete_time
         FROM unnest($1::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::smallint[],
                     $9::smallint[], $10::date[], $11::time[], $12::text[], $13::date[], $14::time[], $15::text[],
                     $16::text[], $17::text[], $18::bytea[], $19::timestamptz[], $20::timestamptz[], $21::uuid[],
                     $22::uuid[], $23::text[], $24::text[], $25::smallint[], $26::integer[], $27::integer[],
                     $28::timestamptz[])
              AS new (owner_id, id, revision, title, title_order, notes, state, priority, start_date, start_time,
                      start_zone, due_date, due_time, due_zone, due_order, rank, create_hash, create_time, update_time,
                      list_id, parent_id, labels, rrule, recurrence_basis, occurrence_number, size_bytes,
                      complete_time)",
        &owners,
        LABEL_SEPARATOR,
        &columns.ids,
        &columns.revisions,
        &columns.titles as &[&str],
        &columns.title_orders,
        &columns.notes as &[&str],
        &columns.states,
        &columns.priorities as &[Option<i16>],
        &columns.start_dates as &[Option<NaiveDate>],
        &columns.start_times as &[Option<NaiveTime>],
        &columns.start_zones as &[Option<&str>],
        &columns.due_dates as &[Option<NaiveDate>],
        &columns.due_times as &[Option<NaiveTime>],
        &columns.due_zones as &[Option<&str>],
        &columns.due_orders as &[Option<String>],
        &columns.ranks as &[&str],
        &rows.iter().map(|(_, row)| row.create_hash.as_deref()).collect::<Vec<_>>() as &[Option<&[u8]>],
        &tasks.iter().map(|task| task.create_time).collect::<Vec<_>>(),
        &columns.update_times,
        &columns.list_ids as &[Option<Uuid>],
        &columns.parent_ids as &[Option<Uuid>],
        &columns.labels,
        &columns.rrules as &[Option<&str>],
        &columns.recurrence_bases as &[Option<i16>],
        &columns.occurrence_numbers,
        &columns.sizes,
        &columns.complete_times as &[Option<DateTime<Utc>>]
    )
    .execute(tx.connection())
    .await?;
    let labels = rows
        .iter()
        .map(|(owner, row)| (*owner, row.task.id, &row.task.labels));
    task_labels::insert_many(tx, labels).await
}

/// Stores a changed task in place of what it was when it was read. The owner must be locked.
pub async fn update(tx: &mut OwnerTx, before: &Task, task: &Task) -> Result<(), Error> {
    let whose = tx.share().owner();
    update_of_owners(tx, &[(whose, before.revision, task)]).await?;
    count_change(tx.share(), before, task)?;
    if task.labels != before.labels {
        task_labels::replace(tx, task.id, &task.labels).await?;
    }
    Ok(())
}

/// Keeps right what hangs on a task that changes, but for its labels.
pub(crate) fn count_change(share: &mut Share, before: &Task, task: &Task) -> Result<(), Error> {
    share.usage()?.stored_bytes += i64::from(size_bytes(task)?) - i64::from(size_bytes(before)?);
    task_events::record(share, Some(before), task)
}

/// Stores changed tasks of several owners, each in place of that revision, and keeps nothing else right (see
/// [`count_change`]).
pub(crate) async fn update_of_owners(
    tx: &mut impl OfOwners,
    rows: &[(OwnerId, Revision, &Task)],
) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let owners = uuids(rows.iter().map(|(owner, ..)| *owner));
    let tasks: Vec<_> = rows.iter().map(|(.., task)| *task).collect();
    let columns = Columns::of(&tasks)?;
    let changed = sqlx::query!(
        "UPDATE tasks
         SET revision = new.revision, title = new.title, title_order = new.title_order, notes = new.notes,
             state = new.state, priority = new.priority, start_date = new.start_date, start_time = new.start_time,
             start_zone = new.start_zone, due_date = new.due_date, due_time = new.due_time, due_zone = new.due_zone,
             due_order = new.due_order, rank = new.rank, update_time = new.update_time,
             complete_time = new.complete_time, delete_time = new.delete_time, purge_time = new.purge_time,
             list_id = new.list_id, parent_id = new.parent_id, labels = string_to_array(new.labels, $2),
             rrule = new.rrule, recurrence_basis = new.recurrence_basis, occurrence_number = new.occurrence_number,
             deletion_id = new.deletion_id, size_bytes = new.size_bytes
         FROM unnest($1::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[],
                     $9::smallint[], $10::smallint[], $11::date[], $12::time[], $13::text[], $14::date[], $15::time[],
                     $16::text[], $17::text[], $18::text[], $19::timestamptz[], $20::timestamptz[],
                     $21::timestamptz[], $22::timestamptz[], $23::uuid[], $24::uuid[], $25::text[], $26::text[],
                     $27::smallint[], $28::integer[], $29::uuid[], $30::integer[])
              AS new (owner_id, id, before, revision, title, title_order, notes, state, priority, start_date,
                      start_time, start_zone, due_date, due_time, due_zone, due_order, rank, update_time,
                      complete_time, delete_time, purge_time, list_id, parent_id, labels, rrule, recurrence_basis,
                      occurrence_number, deletion_id, size_bytes)
         WHERE tasks.owner_id = new.owner_id AND tasks.id = new.id AND tasks.revision = new.before",
        &owners,
        LABEL_SEPARATOR,
        &columns.ids,
        &rows.iter().map(|(_, before, _)| before.0).collect::<Vec<_>>(),
        &columns.revisions,
        &columns.titles as &[&str],
        &columns.title_orders,
        &columns.notes as &[&str],
        &columns.states,
        &columns.priorities as &[Option<i16>],
        &columns.start_dates as &[Option<NaiveDate>],
        &columns.start_times as &[Option<NaiveTime>],
        &columns.start_zones as &[Option<&str>],
        &columns.due_dates as &[Option<NaiveDate>],
        &columns.due_times as &[Option<NaiveTime>],
        &columns.due_zones as &[Option<&str>],
        &columns.due_orders as &[Option<String>],
        &columns.ranks as &[&str],
        &columns.update_times,
        &columns.complete_times as &[Option<DateTime<Utc>>],
        &tasks.iter().map(|task| task.delete_time).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &tasks.iter().map(|task| task.purge_time).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &columns.list_ids as &[Option<Uuid>],
        &columns.parent_ids as &[Option<Uuid>],
        &columns.labels,
        &columns.rrules as &[Option<&str>],
        &columns.recurrence_bases as &[Option<i16>],
        &columns.occurrence_numbers,
        &tasks.iter().map(|task| task.deletion_id.map(|id| id.0)).collect::<Vec<_>>() as &[Option<Uuid>],
        &columns.sizes
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    if changed != rows.len() as u64 {
        // The owners' locks should have kept everybody else out.
        return Err(Error::Stale);
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
