//! All SQL of the table `task_labels`, by which tasks are found; what a task shows stands in its own row.

use super::OwnerTx;
use crate::domain::{Labels, TaskId};
use crate::error::Error;

/// Puts these in the place of whatever labels the task had.
pub async fn replace(tx: &mut OwnerTx, task_id: TaskId, labels: &Labels) -> Result<(), Error> {
    let (owner, names) = (tx.owner(), labels.names());
    sqlx::query!(
        "DELETE FROM task_labels WHERE owner_id = $1 AND task_id = $2 AND label <> ALL ($3::text[])",
        owner,
        task_id.0,
        &names
    )
    .execute(tx.connection())
    .await?;
    insert_many(tx, [(task_id, labels)]).await
}

/// Adds those of each task. What is there already stays.
pub async fn insert_many<'a>(
    tx: &mut OwnerTx,
    labels: impl IntoIterator<Item = (TaskId, &'a Labels)>,
) -> Result<(), Error> {
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    for (id, labels) in labels {
        let labels = labels.names();
        ids.extend(std::iter::repeat_n(id.0, labels.len()));
        names.extend(labels);
    }
    if names.is_empty() {
        return Ok(());
    }
    let owner = tx.owner();
    sqlx::query!(
        "INSERT INTO task_labels (owner_id, label, task_id)
         SELECT $1, given.label, given.task_id FROM unnest($2::text[], $3::uuid[]) AS given (label, task_id)
         ON CONFLICT ON CONSTRAINT task_labels_pkey DO NOTHING",
        owner,
        &names,
        &ids
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
