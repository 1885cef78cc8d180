//! All SQL of the table `task_events`. What happened in a transaction is gathered and stored with its commit, in one
//! statement; its key is the revision that the change gave the task.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::OwnerTx;
use crate::domain::{FieldChange, Happened, Revision, Task, TaskEvent, TaskId};
use crate::error::Error;
use crate::owner::Actor;

/// Remembers that a task was made or changed, to be stored with the commit.
pub(super) fn record(tx: &mut OwnerTx, before: Option<&Task>, after: &Task) -> Result<(), Error> {
    match Happened::between(before, after) {
        None => Ok(()),
        Some(happened) => tx.record([happened]),
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

/// Stores what happened. The tasks must be there.
pub(super) async fn insert_many(
    tx: &mut OwnerTx,
    events: &[Happened],
    actor: Actor,
    (method, now): (&str, DateTime<Utc>),
) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let owner = tx.owner();
    let revisions: Vec<_> = events.iter().map(|event| event.revision.0).collect();
    let ids: Vec<_> = events.iter().map(|event| event.task_id.0).collect();
    let changes = events
        .iter()
        .flat_map(|event| event.changes.iter().map(|change| (event.revision.0, change)));
    let (changed, changes): (Vec<i64>, Vec<&FieldChange>) = changes.unzip();
    let text = |part: fn(&FieldChange) -> &str| changes.iter().map(|change| part(change)).collect::<Vec<_>>();
    let cuts: Vec<_> = changes.iter().map(|change| change.cut).collect();
    sqlx::query!(
        "INSERT INTO task_events
            (owner_id, revision, task_id, event_time, actor, method, fields, old_values, new_values, cuts)
         SELECT $1, event.revision, event.task_id, $6, $2, $3, changed.fields, changed.old_values,
                changed.new_values, changed.cuts
         FROM unnest($4::bigint[], $5::uuid[]) AS event (revision, task_id)
         JOIN (SELECT change.revision, array_agg(change.field ORDER BY change.place) AS fields,
                      array_agg(change.old_value ORDER BY change.place) AS old_values,
                      array_agg(change.new_value ORDER BY change.place) AS new_values,
                      array_agg(change.cut ORDER BY change.place) AS cuts
               FROM unnest($7::bigint[], $8::text[], $9::text[], $10::text[], $11::boolean[]) WITH ORDINALITY
                    AS change (revision, field, old_value, new_value, cut, place)
               GROUP BY change.revision) changed ON changed.revision = event.revision",
        owner,
        actor.to_string(),
        method,
        &revisions,
        &ids,
        now,
        &changed,
        &text(|change| &change.field) as &[&str],
        &text(|change| &change.old_value) as &[&str],
        &text(|change| &change.new_value) as &[&str],
        &cuts
    )
    .execute(tx.connection())
    .await?;
    Ok(())
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
