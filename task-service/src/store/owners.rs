//! All SQL of the table `owners`: the counter that orders an owner's writes, and the tombstone that ends them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::ledger::Ledger;
use super::share::Share;
use super::transaction::{Connected as _, OfOwners, OwnersTx};
use super::{OwnerTx, completions, lists, place, removals, requests, task_events, tasks, uuids};
use crate::domain::{Limits, Revision, Usage};
use crate::error::Error;
use crate::owner::OwnerId;

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
    tx.share()
        .lock(Ledger::new(Revision(row.revision), usage, limits));
    Ok(())
}

/// Locks the counters of those owners who have one that nobody else holds, until the transaction ends. It waits for nobody,
/// so it can neither hold others up nor be one of two that wait for each other.
pub(crate) async fn lock_free(
    tx: &mut OwnersTx,
    people: &[OwnerId],
    limits: Limits,
) -> Result<HashMap<Uuid, Share>, Error> {
    let owners = uuids(people.iter().copied());
    let rows = sqlx::query!(
        "SELECT asked.place, owners.revision, owners.tasks, owners.lists, owners.stored_bytes
         FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (owner_id, place)
         JOIN owners ON owners.owner_id = asked.owner_id
         WHERE owners.purge_time IS NULL
         FOR UPDATE OF owners SKIP LOCKED",
        &owners
    )
    .fetch_all(tx.connection())
    .await?;
    let mut locked = HashMap::with_capacity(rows.len());
    for row in rows {
        let usage = Usage {
            tasks: row.tasks,
            lists: row.lists,
            stored_bytes: row.stored_bytes,
        };
        let whose = people[place(row.place)?];
        let mut share = Share::new(whose);
        share.lock(Ledger::new(Revision(row.revision), usage, limits));
        locked.insert(whose.uuid(), share);
    }
    Ok(locked)
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

/// Stores what writes did to their owners' rows, which they hold the locks of.
pub(super) async fn update(tx: &mut impl OfOwners, shares: &[Share]) -> Result<(), Error> {
    let changed: Vec<_> = shares
        .iter()
        .filter_map(|share| Some((share.owner(), share.changed_ledger()?)))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let owners = uuids(changed.iter().map(|(owner, _)| *owner));
    let column = |value: fn(&Ledger) -> i64| {
        changed
            .iter()
            .map(|(_, ledger)| value(ledger))
            .collect::<Vec<_>>()
    };
    sqlx::query!(
        "UPDATE owners
         SET revision = new.revision, tasks = new.tasks, lists = new.lists, stored_bytes = new.stored_bytes
         FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
              AS new (owner_id, revision, tasks, lists, stored_bytes)
         WHERE owners.owner_id = new.owner_id",
        &owners,
        &column(|ledger| ledger.revision().0),
        &column(|ledger| ledger.usage_now().tasks),
        &column(|ledger| ledger.usage_now().lists),
        &column(|ledger| ledger.usage_now().stored_bytes)
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
    tx.share()
        .lock(Ledger::new(Revision(row.revision), usage, Limits::default()));
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
