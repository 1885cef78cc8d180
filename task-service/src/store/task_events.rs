//! All SQL of the table `task_events`. What happened in a transaction is gathered and stored with its commit, in one
//! statement; its key is the revision that the change gave the task.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::share::Share;
use super::transaction::OfOwners;
use super::{OwnerTx, count, uuids};
use crate::domain::{FieldChange, Happened, Revision, Task, TaskEvent, TaskId};
use crate::error::Error;
use crate::owner::OwnerId;

/// Remembers that a task was made or changed, to be stored with the commit.
pub(super) fn record(share: &mut Share, before: Option<&Task>, after: &Task) -> Result<(), Error> {
    match Happened::between(before, after) {
        None => Ok(()),
        Some(happened) => share.record([happened]),
    }
}

/// Remembers the same change of many tasks, whose revisions begin with `first` in this order; for statements that change
/// tasks without reading them.
pub(super) fn record_many(
    tx: &mut OwnerTx,
    ids: &[Uuid],
    first: Revision,
    change: impl Fn(usize) -> FieldChange,
) -> Result<(), Error> {
    let happened = ids.iter().zip(first.0..).enumerate();
    tx.record(happened.map(|(place, (id, revision))| Happened {
        revision: Revision(revision),
        task_id: TaskId(*id),
        changes: vec![change(place)],
    }))
}

/// Stores what happened to the tasks of these owners. The tasks must be there.
pub(super) async fn insert_many(tx: &mut impl OfOwners, shares: &[Share]) -> Result<(), Error> {
    let mut rows = Rows::default();
    for share in shares {
        rows.add(share)?;
    }
    if rows.owners.is_empty() {
        return Ok(());
    }
    let owners = uuids(rows.owners);
    sqlx::query!(
        "INSERT INTO task_events
            (owner_id, revision, task_id, event_time, actor, method, fields, old_values, new_values, cuts)
         SELECT event.owner_id, event.revision, event.task_id, event.event_time, event.actor, event.method,
                ($9::text[])[event.first:event.last], ($10::text[])[event.first:event.last],
                ($11::text[])[event.first:event.last], ($12::boolean[])[event.first:event.last]
         FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::integer[],
                     $8::integer[])
              AS event (owner_id, revision, task_id, event_time, actor, method, first, last)",
        &owners,
        &rows.revisions,
        &rows.ids,
        &rows.times,
        &rows.actors,
        &rows.methods,
        &rows.firsts,
        &rows.lasts,
        &rows.fields as &[&str],
        &rows.old_values as &[&str],
        &rows.new_values as &[&str],
        &rows.cuts
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Events as columns. The changes of all of them stand one behind the other, and each event says which are its own.
#[derive(Default)]
struct Rows<'a> {
    owners: Vec<OwnerId>,
    revisions: Vec<i64>,
    ids: Vec<Uuid>,
    times: Vec<DateTime<Utc>>,
    actors: Vec<String>,
    methods: Vec<String>,
    firsts: Vec<i32>,
    lasts: Vec<i32>,
    fields: Vec<&'a str>,
    old_values: Vec<&'a str>,
    new_values: Vec<&'a str>,
    cuts: Vec<bool>,
}

impl<'a> Rows<'a> {
    fn add(&mut self, share: &'a Share) -> Result<(), Error> {
        let Some((happened, method, now)) = share.events() else {
            return Ok(());
        };
        for event in happened {
            self.owners.push(share.owner());
            self.revisions.push(event.revision.0);
            self.ids.push(event.task_id.0);
            self.times.push(now);
            self.actors.push(share.owner().actor().to_string());
            self.methods.push(method.to_owned());
            self.firsts.push(count(self.fields.len() + 1)?);
            for change in &event.changes {
                self.fields.push(&change.field);
                self.old_values.push(&change.old_value);
                self.new_values.push(&change.new_value);
                self.cuts.push(change.cut);
            }
            self.lasts.push(count(self.fields.len())?);
        }
        Ok(())
    }
}

/// Up to so many events of a task before that revision, the newest first.
pub async fn list(
    tx: &mut OwnerTx,
    task_id: TaskId,
    before: Revision,
    limit: i64,
) -> Result<Vec<TaskEvent>, Error> {
    let owner = tx.owner();
    let rows = sqlx::query!(
        "SELECT revision, task_id, event_time, actor, method, fields, old_values, new_values, cuts
         FROM task_events WHERE owner_id = $1 AND task_id = $2 AND revision < $3
         ORDER BY revision DESC LIMIT $4",
        owner,
        task_id.0,
        before.0,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    let events = rows.into_iter().map(|row| {
        let values = row.old_values.into_iter().zip(row.new_values).zip(row.cuts);
        let changes = row.fields.into_iter().zip(values);
        let changes = changes.map(|(field, ((old_value, new_value), cut))| FieldChange {
            field,
            old_value,
            new_value,
            cut,
        });
        TaskEvent {
            happened: Happened {
                revision: Revision(row.revision),
                task_id: TaskId(row.task_id),
                changes: changes.collect(),
            },
            event_time: row.event_time,
            actor: row.actor,
            method: row.method,
        }
    });
    Ok(events.collect())
}

/// Deletes up to so many of the owner's events, and says how many.
pub async fn delete_some(tx: &mut OwnerTx, limit: i64) -> Result<i64, Error> {
    let owner = tx.owner();
    let deleted = sqlx::query!(
        "DELETE FROM task_events
         WHERE owner_id = $1 AND revision IN (SELECT revision FROM task_events WHERE owner_id = $1 LIMIT $2)",
        owner,
        limit
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    i64::try_from(deleted).map_err(Error::internal)
}
