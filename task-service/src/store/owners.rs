//! All SQL of the table `owners`: the counter that orders an owner's writes, and the tombstone that ends them.

use chrono::{DateTime, Utc};

use super::ledger::Ledger;
use super::{OwnerTx, completions, lists, removals, requests, task_events, tasks};
use crate::domain::{Limits, Revision, Usage};
use crate::error::Error;

/// Locks the owner's counter until the transaction ends, and makes it on the first write. Whatever is read after it
/// cannot change before the commit: the writes of one owner go one after the other. Fails with [`Error::OwnerPurged`]
/// behind a tombstone, which a write may have waited for here.
pub async fn lock(tx: &mut OwnerTx, limits: Limits) -> Result<(), Error> {
    let owner = tx.owner();
    let row = sqlx::query!(
        "INSERT INTO owners (owner_id, revision) VALUES ($1, 0)
         ON CONFLICT ON CONSTRAINT owners_pkey DO UPDATE SET revision = owners.revision WHERE owners.owner_id = $1
         RETURNING revision, tasks, lists, stored_bytes, purge_time",
        owner
    )
    .fetch_one(tx.connection())
    .await?;
    if row.purge_time.is_some() {
        return Err(Error::OwnerPurged);
    }
    let usage = Usage {
        tasks: row.tasks,
        lists: row.lists,
        stored_bytes: row.stored_bytes,
    };
    tx.ledger = Some(Ledger::new(Revision(row.revision), usage, limits));
    Ok(())
}

/// What the owner has, as of the last commit; nothing if they never wrote. Fails with [`Error::OwnerPurged`] behind a
/// tombstone.
pub async fn find_usage(tx: &mut OwnerTx) -> Result<Usage, Error> {
    let owner = tx.owner();
    let row = sqlx::query!(
        "SELECT tasks, lists, stored_bytes, purge_time FROM owners WHERE owner_id = $1",
        owner
    )
    .fetch_optional(tx.connection())
    .await?;
    match row {
        None => Ok(Usage::default()),
        Some(row) if row.purge_time.is_some() => Err(Error::OwnerPurged),
        Some(row) => Ok(Usage {
            tasks: row.tasks,
            lists: row.lists,
            stored_bytes: row.stored_bytes,
        }),
    }
}

/// Stores what a write did to the owner's row, which it holds the lock of.
pub(super) async fn update(tx: &mut OwnerTx, ledger: &Ledger) -> Result<(), Error> {
    let (owner, usage) = (tx.owner(), ledger.usage_now());
    sqlx::query!(
        "UPDATE owners SET revision = $2, tasks = $3, lists = $4, stored_bytes = $5 WHERE owner_id = $1",
        owner,
        ledger.revision().0,
        usage.tasks,
        usage.lists,
        usage.stored_bytes
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Raises the floor of the owner's feed. The row must be locked.
pub(super) async fn update_floor(tx: &mut OwnerTx, floor: Revision) -> Result<(), Error> {
    let owner = tx.owner();
    sqlx::query!(
        "UPDATE owners SET floor_revision = greatest(floor_revision, $2) WHERE owner_id = $1",
        owner,
        floor.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Turns the owner's row into a tombstone that stands until then, or makes one; waits for a write in flight. An older
/// tombstone keeps its time.
pub async fn bury(tx: &mut OwnerTx, purge_time: DateTime<Utc>) -> Result<(), Error> {
    let owner = tx.owner();
    sqlx::query!(
        "INSERT INTO owners (owner_id, revision, purge_time) VALUES ($1, 0, $2)
         ON CONFLICT ON CONSTRAINT owners_pkey DO UPDATE
         SET revision = 0, floor_revision = 0, tasks = 0, lists = 0, stored_bytes = 0,
             purge_time = coalesce(owners.purge_time, excluded.purge_time) WHERE owners.owner_id = $1",
        owner,
        purge_time
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Locks the owner's row until the transaction ends, so that two who delete do not wait for each other's rows, and none
/// takes what the other has not committed for gone. Says whether there is an owner whose rows count, and no tombstone.
pub async fn lock_to_delete(tx: &mut OwnerTx) -> Result<bool, Error> {
    let owner = tx.owner();
    let row = sqlx::query!(
        "SELECT revision, tasks, lists, stored_bytes, purge_time FROM owners WHERE owner_id = $1 FOR UPDATE",
        owner
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row.filter(|row| row.purge_time.is_none()) else {
        return Ok(false);
    };
    let usage = Usage {
        tasks: row.tasks,
        lists: row.lists,
        stored_bytes: row.stored_bytes,
    };
    // Who deletes only makes less of everything.
    tx.ledger = Some(Ledger::new(Revision(row.revision), usage, Limits::default()));
    Ok(true)
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
    // Completions and events first: deleting a task takes all of its own along, however many.
    let mut rows = completions::delete_some(tx, limit).await?;
    if rows < limit {
        rows += task_events::delete_some(tx, limit - rows).await?;
    }
    if rows < limit {
        rows += tasks::delete_some(tx, limit - rows).await?;
    }
    if rows < limit {
        rows += lists::delete_some(tx, limit - rows).await?;
    }
    if rows < limit {
        rows += removals::delete_some(tx, limit - rows).await?;
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
