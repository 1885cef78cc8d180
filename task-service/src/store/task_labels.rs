//! All SQL of the table `task_labels`, by which tasks are found; what a task shows stands in its own row.

use uuid::Uuid;

use super::transaction::OfOwners;
use super::{OwnerTx, uuids};
use crate::domain::{Label, Labels, TaskId};
use crate::error::Error;
use crate::owner::OwnerId;

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
    let whose = tx.share().owner();
    insert_many(tx, [(whose, task_id, labels)]).await
}

/// Adds those of each task, which is its owner's. What is there already stays.
pub(super) async fn insert_many<'a>(
    tx: &mut impl OfOwners,
    labels: impl IntoIterator<Item = (OwnerId, TaskId, &'a Labels)>,
) -> Result<(), Error> {
    let (mut owners, mut ids, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (owner, id, labels) in labels {
        let labels = labels.names();
        owners.extend(std::iter::repeat_n(owner, labels.len()));
        ids.extend(std::iter::repeat_n(id.0, labels.len()));
        names.extend(labels);
    }
    if names.is_empty() {
        return Ok(());
    }
    let owners = uuids(owners);
    sqlx::query!(
        "INSERT INTO task_labels (owner_id, label, task_id)
         SELECT given.owner_id, given.label, given.task_id
         FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS given (owner_id, label, task_id)
         ON CONFLICT ON CONSTRAINT task_labels_pkey DO NOTHING",
        &owners,
        &names,
        &ids
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A label, and how many tasks outside the trash have it.
#[derive(Debug)]
pub struct LabelCount {
    /// The label.
    pub label: Label,
    /// The tasks.
    pub tasks: i64,
}

/// A page of the labels in use, by the bytes of their names, behind one.
pub async fn list(tx: &mut OwnerTx, after: &str, limit: i64) -> Result<Vec<LabelCount>, Error> {
    let owner = tx.owner();
    let rows = sqlx::query!(
        "SELECT task_labels.label, count(*) FILTER (WHERE tasks.delete_time IS NULL) AS tasks
         FROM task_labels JOIN tasks ON tasks.owner_id = task_labels.owner_id AND tasks.id = task_labels.task_id
         WHERE task_labels.owner_id = $1 AND tasks.owner_id = $1 AND task_labels.label > $2
         GROUP BY task_labels.label ORDER BY task_labels.label LIMIT $3",
        owner,
        after,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let label = Label::parse(&row.label)
                .map_err(|_| Error::internal("a name in task_labels breaks its rule"))?;
            Ok(LabelCount {
                label,
                tasks: counted(row.tasks)?,
            })
        })
        .collect()
}

/// How many tasks outside the trash have a label; `None` when no task at all has it.
pub async fn find_count(tx: &mut OwnerTx, label: &Label) -> Result<Option<i64>, Error> {
    let owner = tx.owner();
    let counts = sqlx::query!(
        "SELECT count(*) AS tasks, count(*) FILTER (WHERE tasks.delete_time IS NULL) AS living
         FROM task_labels JOIN tasks ON tasks.owner_id = task_labels.owner_id AND tasks.id = task_labels.task_id
         WHERE task_labels.owner_id = $1 AND tasks.owner_id = $1 AND task_labels.label = $2",
        owner,
        label.as_str()
    )
    .fetch_one(tx.connection())
    .await?;
    let (tasks, living) = (counted(counts.tasks)?, counted(counts.living)?);
    Ok((tasks > 0).then_some(living))
}

/// The tasks that have a label, those in the trash too, and how many of them have another one as well.
pub async fn find_tasks(
    tx: &mut OwnerTx,
    label: &Label,
    other: Option<&Label>,
) -> Result<(Vec<Uuid>, i64), Error> {
    let owner = tx.owner();
    let ids = sqlx::query_scalar!(
        "SELECT task_id FROM task_labels WHERE owner_id = $1 AND label = $2 ORDER BY task_id",
        owner,
        label.as_str()
    )
    .fetch_all(tx.connection())
    .await?;
    let both = sqlx::query_scalar!(
        "SELECT count(*) FROM task_labels one
         JOIN task_labels other ON other.owner_id = one.owner_id AND other.task_id = one.task_id
         WHERE one.owner_id = $1 AND other.owner_id = $1 AND one.label = $2 AND other.label = $3",
        owner,
        label.as_str(),
        other.map(Label::as_str)
    )
    .fetch_one(tx.connection())
    .await?;
    Ok((ids, counted(both)?))
}

fn counted(count: Option<i64>) -> Result<i64, Error> {
    count.ok_or_else(|| Error::internal("a count is never null"))
}

/// Puts one label in the place of another on all of these tasks, which have it. The owner must be locked.
pub async fn rename(tx: &mut OwnerTx, tasks: &[Uuid], from: &Label, to: &Label) -> Result<(), Error> {
    let owner = tx.owner();
    sqlx::query!(
        "INSERT INTO task_labels (owner_id, label, task_id)
         SELECT $1, $2, renamed.id FROM unnest($3::uuid[]) AS renamed (id)
         ON CONFLICT ON CONSTRAINT task_labels_pkey DO NOTHING",
        owner,
        to.as_str(),
        tasks
    )
    .execute(tx.connection())
    .await?;
    delete(tx, from).await
}

/// Takes a label off every task. The owner must be locked.
pub async fn delete(tx: &mut OwnerTx, label: &Label) -> Result<(), Error> {
    let owner = tx.owner();
    sqlx::query!(
        "DELETE FROM task_labels WHERE owner_id = $1 AND label = $2",
        owner,
        label.as_str()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
