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
    insert(tx, task_id, labels).await
}

/// Adds these. What is there already stays.
pub async fn insert(tx: &mut OwnerTx, task_id: TaskId, labels: &Labels) -> Result<(), Error> {
    if labels.is_empty() {
        return Ok(());
    }
    let (owner, names) = (tx.owner(), labels.names());
    sqlx::query!(
        "INSERT INTO task_labels (owner_id, label, task_id)
         SELECT $1, given.label, $2 FROM unnest($3::text[]) AS given (label)
         ON CONFLICT ON CONSTRAINT task_labels_pkey DO NOTHING",
        owner,
        task_id.0,
        &names
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
