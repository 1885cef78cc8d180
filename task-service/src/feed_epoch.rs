//! The life of the database that sync tokens are made in. In a database that was restored from a dump elsewhere a new one
//! begins by itself; where a backup was laid in the place of the old files nobody can see it, and an operator says so.

use std::time::Duration;

use chassis::deadline::Deadline;
use chassis::{Clock, Entropy};
use uuid::Uuid;

use crate::error::Error;
use crate::store::{HousekeepingTx, Pool, feed_epoch};

/// A statement on one row.
const PATIENCE: Duration = Duration::from_secs(15);

/// At the start of a replica.
pub(crate) async fn keep(pool: &Pool, clock: &Clock, entropy: &Entropy) -> Result<(), Error> {
    let epoch = entropy.uuid_v7(clock);
    if begin(pool, epoch, false).await? {
        tracing::info!(feed.epoch = %epoch, "the change feed begins anew in this database");
    }
    Ok(())
}

/// When an operator says that a backup was restored: from now on every sync token of before is SYNC_TOKEN_EXPIRED.
///
/// # Errors
///
/// When the database cannot be reached, or has no tables of this release.
pub async fn renew(pool: &Pool, clock: &Clock, entropy: &Entropy) -> Result<Uuid, Error> {
    let epoch = entropy.uuid_v7(clock);
    begin(pool, epoch, true).await?;
    Ok(epoch)
}

async fn begin(pool: &Pool, epoch: Uuid, whatever_there_is: bool) -> Result<bool, Error> {
    let mut tx = HousekeepingTx::begin(pool, Deadline::after(PATIENCE)).await?;
    let begun = feed_epoch::begin(&mut tx, epoch, whatever_there_is).await?;
    tx.commit().await?;
    Ok(begun)
}
