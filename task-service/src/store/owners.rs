//! All SQL of the table `owners`: the counter that orders an owner's writes, and the tombstone that ends them.

use chrono::{DateTime, Utc};

use super::{OwnerTx, completions, requests, tasks};
use crate::domain::Revision;
use crate::error::Error;

/// Locks the owner's counter until the transaction ends, and makes it on the first write. Whatever is read after it
/// cannot change before the commit: the writes of one owner go one after the other. Fails with [`Error::OwnerPurged`]
/// behind a tombstone, which a write may have waited for here.
pub async fn lock(tx: &mut OwnerTx) -> Result<(), Error> {
    let owner = tx.owner();
    let purge_time = sqlx::query_scalar!(
        "INSERT INTO owners (owner_id, revision) VALUES ($1, 0)
         ON CONFLICT ON CONSTRAINT owners_pkey DO UPDATE SET revision = owners.revision WHERE owners.owner_id = $1
         RETURNING purge_time",
        owner
    )
    .fetch_one(tx.connection())
    .await?;
    match purge_time {
        Some(_) => Err(Error::OwnerPurged),
        None => Ok(()),
    }
}

/// Turns the owner's row into a tombstone that stands until then, or makes one; waits for a write in flight. An older
/// tombstone keeps its time.
pub async fn bury(tx: &mut OwnerTx, purge_time: DateTime<Utc>) -> Result<(), Error> {
    let owner = tx.owner();
    sqlx::query!(
        "INSERT INTO owners (owner_id, revision, purge_time) VALUES ($1, 0, $2)
         ON CONFLICT ON CONSTRAINT owners_pkey DO UPDATE
         SET revision = 0, purge_time = coalesce(owners.purge_time, excluded.purge_time) WHERE owners.owner_id = $1",
        owner,
        purge_time
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Locks the owner's row until the transaction ends, so that two who delete do not wait for each other's rows, and none
/// takes what the other has not committed for gone.
pub async fn lock_to_delete(tx: &mut OwnerTx) -> Result<(), Error> {
    let owner = tx.owner();
    sqlx::query!(
        "SELECT revision FROM owners WHERE owner_id = $1 FOR UPDATE",
        owner
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(())
}

/// Whether the owner is a tombstone whose time is over; locks it.
pub async fn is_due_for_update(tx: &mut OwnerTx, now: DateTime<Utc>) -> Result<bool, Error> {
    let owner = tx.owner();
    let found = sqlx::query!(
        "SELECT revision FROM owners WHERE owner_id = $1 AND purge_time <= $2 FOR UPDATE",
        owner,
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.is_some())
}

/// Deletes up to so many rows of what the owner has, and says how many. Fewer than asked for means that nothing is left.
/// The owner's row must be locked.
pub async fn delete_belongings(tx: &mut OwnerTx, limit: i64) -> Result<i64, Error> {
    // Completions first: deleting a task takes all of its own along, however many.
    let mut rows = completions::delete_some(tx, limit).await?;
    if rows < limit {
        rows += tasks::delete_some(tx, limit - rows).await?;
    }
    if rows < limit {
        rows += requests::delete_some(tx, limit - rows).await?;
    }
    Ok(rows)
}

/// Drops the tombstone. Nothing else of the owner may be left: it would go too, in one step.
pub async fn delete_tombstone(tx: &mut OwnerTx) -> Result<(), Error> {
    let owner = tx.owner();
    sqlx::query!(
        "DELETE FROM owners WHERE owner_id = $1 AND purge_time IS NOT NULL",
        owner
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The next revision, for one row that changes.
pub async fn raise(tx: &mut OwnerTx) -> Result<Revision, Error> {
    let owner = tx.owner();
    let revision = sqlx::query_scalar!(
        "UPDATE owners SET revision = revision + 1 WHERE owner_id = $1 RETURNING revision",
        owner
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Revision(revision))
}
