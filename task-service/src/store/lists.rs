//! All SQL of the table `lists`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::OwnerTx;
use super::removals::{self, Removed};
use crate::domain::{DeletionId, List, ListId, ListTitle, Rank, Revision};
use crate::error::Error;

/// What SQL sees of a list.
struct ListRow {
    id: Uuid,
    revision: i64,
    title: String,
    rank: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    delete_time: Option<DateTime<Utc>>,
    purge_time: Option<DateTime<Utc>>,
    deletion_id: Option<Uuid>,
}

impl TryFrom<ListRow> for List {
    type Error = Error;

    fn try_from(row: ListRow) -> Result<Self, Error> {
        Ok(Self {
            id: ListId(row.id),
            revision: Revision(row.revision),
            title: ListTitle::parse(&row.title)
                .map_err(|_| Error::internal(format!("lists.title of {} breaks its rule", row.id)))?,
            rank: Rank::stored(row.rank),
            create_time: row.create_time,
            update_time: row.update_time,
            delete_time: row.delete_time,
            purge_time: row.purge_time,
            deletion_id: row.deletion_id.map(DeletionId),
        })
    }
}

/// The list of that id, in the trash or not.
pub async fn find(tx: &mut OwnerTx, id: ListId) -> Result<Option<List>, Error> {
    let owner = tx.owner();
    sqlx::query_as!(
        ListRow,
        "SELECT id, revision, title, rank, create_time, update_time, delete_time, purge_time, deletion_id
         FROM lists WHERE owner_id = $1 AND id = $2",
        owner,
        id.0
    )
    .fetch_optional(tx.connection())
    .await?
    .map(List::try_from)
    .transpose()
}

/// Up to so many lists of the trash that it drops until then, which no task is in any more.
pub async fn find_trash(tx: &mut OwnerTx, purge_time: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>, Error> {
    let owner = tx.owner();
    let found = sqlx::query_scalar!(
        "SELECT id FROM lists
         WHERE owner_id = $1 AND deletion_id IS NOT NULL AND purge_time <= $2
           AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.owner_id = $1 AND tasks.list_id = lists.id)
         LIMIT $3",
        owner,
        purge_time,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(found)
}

/// Deletes these lists for good, and records that. No task may be in one, and the owner's row must be locked.
pub async fn delete(tx: &mut OwnerTx, ids: &[Uuid], now: DateTime<Utc>) -> Result<(), Error> {
    let owner = tx.owner();
    let sizes = sqlx::query_scalar!(
        "DELETE FROM lists WHERE owner_id = $1 AND id = ANY ($2) RETURNING size_bytes",
        owner,
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    let usage = tx.usage()?;
    usage.lists -= i64::try_from(sizes.len()).map_err(Error::internal)?;
    usage.stored_bytes -= sizes.into_iter().map(i64::from).sum::<i64>();
    removals::insert(tx, Removed::List, ids, now).await
}

/// Deletes up to so many of the owner's lists, and says how many. No task may be in them any more.
pub async fn delete_some(tx: &mut OwnerTx, limit: i64) -> Result<i64, Error> {
    let owner = tx.owner();
    let deleted = sqlx::query!(
        "DELETE FROM lists
         WHERE owner_id = $1 AND id IN (SELECT id FROM lists WHERE owner_id = $1 LIMIT $2)",
        owner,
        limit
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    i64::try_from(deleted).map_err(Error::internal)
}
