//! All SQL of the table `removals`: what is gone for good, for those who keep a copy.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{OwnerTx, owners};
use crate::domain::Revision;
use crate::error::Error;

/// What was removed. The numbers are those of the contract and of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum Removed {
    /// A task with its completions.
    Task = 1,
    /// A list.
    List = 2,
}

/// Records that these are gone, each with a revision of its own. The owner must be locked.
pub async fn insert(tx: &mut OwnerTx, kind: Removed, ids: &[Uuid], now: DateTime<Utc>) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let owner = tx.owner();
    let first = tx.raise_by(i64::try_from(ids.len()).map_err(Error::internal)?)?;
    sqlx::query!(
        "INSERT INTO removals (owner_id, revision, kind, id, remove_time)
         SELECT $1, $2 + removed.place - 1, $3, removed.id, $4
         FROM unnest($5::uuid[]) WITH ORDINALITY AS removed (id, place)",
        owner,
        first.0,
        kind as i16,
        now,
        ids
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Forgets up to so many of the owner's records from before then, and says how many: who synced last before the newest of
/// them cannot go on. The owner's row must be locked.
pub async fn delete_before(tx: &mut OwnerTx, end: DateTime<Utc>, limit: i64) -> Result<u64, Error> {
    let owner = tx.owner();
    let forgotten = sqlx::query_scalar!(
        "DELETE FROM removals
         WHERE owner_id = $1 AND revision IN (SELECT revision FROM removals WHERE owner_id = $1 AND remove_time < $2
                                              ORDER BY revision LIMIT $3)
         RETURNING revision",
        owner,
        end,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    if let Some(newest) = forgotten.iter().max() {
        owners::update_floor(tx, Revision(*newest)).await?;
    }
    Ok(forgotten.len() as u64)
}

/// Deletes up to so many of the owner's records, and says how many.
pub async fn delete_some(tx: &mut OwnerTx, limit: i64) -> Result<i64, Error> {
    let owner = tx.owner();
    let deleted = sqlx::query!(
        "DELETE FROM removals
         WHERE owner_id = $1 AND revision IN (SELECT revision FROM removals WHERE owner_id = $1 LIMIT $2)",
        owner,
        limit
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    i64::try_from(deleted).map_err(Error::internal)
}
