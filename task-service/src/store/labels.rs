//! One label on all tasks that have it: what tasks show and what they are found by, changed together and in few statements,
//! however many they are.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{OwnerTx, task_events, task_labels};
use crate::domain::{FieldChange, Label, Revision};
use crate::error::Error;

/// Renames a label on every task, and says whether any had it. A task that has both keeps the one that comes first in its
/// place. The owner must be locked.
pub async fn rename(tx: &mut OwnerTx, from: &Label, to: &Label, now: DateTime<Utc>) -> Result<bool, Error> {
    let (tasks, both) = task_labels::find_tasks(tx, from, Some(to)).await?;
    if from == to || tasks.is_empty() {
        return Ok(!tasks.is_empty());
    }
    let (first, rows) = raise(tx, &tasks)?;
    let (old_bytes, new_bytes) = (length(from)?, length(to)?);
    let owner = tx.owner();
    sqlx::query!(
        "UPDATE tasks
         SET labels = CASE
                 WHEN $3 <> ALL (labels) THEN array_replace(labels, $2, $3)
                 WHEN array_position(labels, $3) < array_position(labels, $2) THEN array_remove(labels, $2)
                 ELSE array_replace(array_remove(labels, $3), $2, $3)
             END,
             size_bytes = size_bytes - $4 + CASE WHEN $3 = ANY (labels) THEN 0 ELSE $5 END,
             update_time = $6, revision = $7 + renamed.place - 1
         FROM unnest($8::uuid[]) WITH ORDINALITY AS renamed (id, place)
         WHERE tasks.owner_id = $1 AND tasks.id = renamed.id",
        owner,
        from.as_str(),
        to.as_str(),
        old_bytes,
        new_bytes,
        now,
        first,
        &tasks
    )
    .execute(tx.connection())
    .await?;
    tx.usage()?.stored_bytes += (rows - both) * i64::from(new_bytes) - rows * i64::from(old_bytes);
    let change = FieldChange::new("labels", from.as_str(), to.as_str());
    task_events::record_many(tx, &tasks, Revision(first), |_| change.clone())?;
    task_labels::rename(tx, &tasks, from, to).await?;
    Ok(true)
}

/// Takes a label off every task. The owner must be locked.
pub async fn delete(tx: &mut OwnerTx, label: &Label, now: DateTime<Utc>) -> Result<(), Error> {
    let (tasks, _) = task_labels::find_tasks(tx, label, None).await?;
    if tasks.is_empty() {
        return Ok(());
    }
    let (first, rows) = raise(tx, &tasks)?;
    let old_bytes = length(label)?;
    let owner = tx.owner();
    sqlx::query!(
        "UPDATE tasks
         SET labels = array_remove(labels, $2), size_bytes = size_bytes - $3, update_time = $4,
             revision = $5 + freed.place - 1
         FROM unnest($6::uuid[]) WITH ORDINALITY AS freed (id, place)
         WHERE tasks.owner_id = $1 AND tasks.id = freed.id",
        owner,
        label.as_str(),
        old_bytes,
        now,
        first,
        &tasks
    )
    .execute(tx.connection())
    .await?;
    tx.usage()?.stored_bytes -= rows * i64::from(old_bytes);
    let change = FieldChange::new("labels", label.as_str(), "");
    task_events::record_many(tx, &tasks, Revision(first), |_| change.clone())?;
    task_labels::delete(tx, label).await
}

/// The first of as many revisions as there are tasks, and how many that are.
fn raise(tx: &mut OwnerTx, tasks: &[Uuid]) -> Result<(i64, i64), Error> {
    let rows = i64::try_from(tasks.len()).map_err(Error::internal)?;
    Ok((tx.raise_by(rows)?.0, rows))
}

/// What a label counts for in a task's size.
fn length(label: &Label) -> Result<i32, Error> {
    i32::try_from(label.as_str().len()).map_err(Error::internal)
}
