//! What is kept for a time only and then deleted: in the background, in small steps, so that no statement holds many
//! rows. Two replicas may do it at once. What may never be put here: deletions that somebody waits for.

use std::sync::Arc;
use std::time::Duration;

use chassis::deadline::Deadline;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::app::App;
use crate::deletions::Why;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::{HousekeepingTx, OwnerTx, housekeeping, owners, removals, trash};

/// How often it is looked at.
const PERIOD: Duration = Duration::from_secs(60);
/// How long a step may take, waits for a person's own writes included.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a write can be repeated under its request id.
const REQUESTS: TimeDelta = TimeDelta::hours(24);
/// How long it is known what was removed for good.
const REMOVALS: TimeDelta = TimeDelta::days(90);

/// Sweeps for as long as the service runs, and not at once: a start has enough to do.
pub(crate) async fn run(app: Arc<App>) {
    let mut ticks = interval_at(Instant::now() + PERIOD, PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = sweep(&app).await {
            tracing::warn!(error = ?error, "old rows could not be deleted; the next try is in a minute");
        }
    }
}

/// Deletes everything whose time is over, and says how many rows went.
///
/// # Errors
///
/// When the database cannot be reached. What was deleted until then stays deleted.
pub async fn sweep(app: &App) -> Result<u64, Error> {
    let mut deleted = 0;
    loop {
        let rows = step(app).await?;
        if rows == 0 {
            return Ok(deleted);
        }
        deleted += rows;
    }
}

/// One step of each kind.
async fn step(app: &App) -> Result<u64, Error> {
    let (now, limit) = (app.clock.now(), app.deletions.rows_per_step());
    let mut tx = HousekeepingTx::begin(&app.pool, Deadline::after(PATIENCE)).await?;
    let requests = housekeeping::delete_requests_before(&mut tx, now - REQUESTS, limit).await?;
    let events = housekeeping::delete_task_events_before(&mut tx, now - app.history, limit).await?;
    let mut trash = housekeeping::find_owners_of_trash(&mut tx, now, limit).await?;
    let lists = housekeeping::find_owners_of_trashed_lists(&mut tx, now, limit).await?;
    let removals = housekeeping::find_owners_of_removals(&mut tx, now - REMOVALS, limit).await?;
    let tombstones = housekeeping::find_tombstones(&mut tx, now, limit).await?;
    tx.commit().await?;
    app.deletions.count(Why::Request, requests);
    app.deletions.count(Why::History, events);
    let mut rows = requests + events;
    trash.extend(lists);
    for owner in trash {
        rows += or_nothing(delete_trash(app, owner, now).await)?;
    }
    for owner in removals {
        rows += or_nothing(forget_removals(app, owner, now).await)?;
    }
    for owner in tombstones {
        rows += or_nothing(delete_tombstone(app, owner, now).await)?;
    }
    Ok(rows)
}

/// What goes wrong with one owner's rows must not keep everybody else's for ever; a database that is away is away for all.
fn or_nothing(deleted: Result<u64, Error>) -> Result<u64, Error> {
    match deleted {
        Ok(_) | Err(Error::Unavailable(_)) => deleted,
        Err(error) => {
            tracing::warn!(error = ?error, "an owner's old rows could not be deleted; the next try is in a minute");
            Ok(0)
        }
    }
}

async fn delete_trash(app: &App, owner: OwnerId, now: DateTime<Utc>) -> Result<u64, Error> {
    let mut tx = OwnerTx::begin_deleting(&app.pool, owner, Deadline::after(PATIENCE)).await?;
    if !owners::lock_to_delete(&mut tx).await? {
        return Ok(0);
    }
    let rows = trash::delete_some(&mut tx, now, app.deletions.rows_per_step(), now).await?;
    tx.commit().await?;
    app.deletions.count(Why::Trash, rows);
    Ok(rows)
}

async fn forget_removals(app: &App, owner: OwnerId, now: DateTime<Utc>) -> Result<u64, Error> {
    let mut tx = OwnerTx::begin_deleting(&app.pool, owner, Deadline::after(PATIENCE)).await?;
    if !owners::lock_to_delete(&mut tx).await? {
        return Ok(0);
    }
    let rows = removals::delete_before(&mut tx, now - REMOVALS, app.deletions.rows_per_step()).await?;
    tx.commit().await?;
    app.deletions.count(Why::Removal, rows);
    Ok(rows)
}

/// Drops a tombstone, after whatever a purge that was never finished has left behind it.
async fn delete_tombstone(app: &App, owner: OwnerId, now: DateTime<Utc>) -> Result<u64, Error> {
    let mut tx = OwnerTx::begin_deleting(&app.pool, owner, Deadline::after(PATIENCE)).await?;
    if !owners::is_due_for_update(&mut tx, now).await? {
        return Ok(0);
    }
    let limit = app.deletions.rows_per_step();
    let left = owners::delete_belongings(&mut tx, limit).await?;
    if left < limit {
        owners::delete_tombstone(&mut tx).await?;
    }
    tx.commit().await?;
    app.deletions.count(Why::Account, left.unsigned_abs());
    Ok(left.unsigned_abs() + u64::from(left < limit))
}
