//! Dropping what is in the trash for good, tasks and lists alike: from the leaves up, in bounded steps.

use chrono::{DateTime, Utc};

use super::{OwnerTx, lists, tasks};
use crate::error::Error;

/// Drops up to so many of the tasks and lists that the trash keeps until then, and says how many. None means that nothing
/// of it is left. The owner's row must be locked.
pub async fn delete_some(
    tx: &mut OwnerTx,
    purge_time: DateTime<Utc>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<u64, Error> {
    let mut left = limit;
    // What a step makes a leaf can go with it.
    while left > 0 {
        let found = tasks::find_trash(tx, purge_time, left).await?;
        if found.is_empty() {
            break;
        }
        tasks::delete(tx, &found, now).await?;
        left -= i64::try_from(found.len()).map_err(Error::internal)?;
    }
    if left > 0 {
        let found = lists::find_trash(tx, purge_time, left).await?;
        lists::delete(tx, &found, now).await?;
        left -= i64::try_from(found.len()).map_err(Error::internal)?;
    }
    Ok((limit - left).unsigned_abs())
}
