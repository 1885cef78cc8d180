//! What is over, whoever owns it. These are the only statements that are not bound to an owner: they read owners' ids and
//! nothing else, and delete nothing but records of writes and events of tasks. Their role could not read more. What may
//! never be put here: a statement that anybody's call runs.

use chrono::{DateTime, Utc};

use super::HousekeepingTx;
use crate::error::Error;
use crate::owner::OwnerId;

/// Owners of the tasks that have been due for longest to leave the trash, of up to so many tasks.
pub async fn find_owners_of_trash(
    tx: &mut HousekeepingTx,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<OwnerId>, Error> {
    let owners = sqlx::query_scalar!(
        "SELECT DISTINCT owner_id
         FROM (SELECT owner_id FROM tasks WHERE purge_time <= $1 ORDER BY purge_time LIMIT $2) due",
        now,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(owners.into_iter().map(OwnerId::of_row).collect())
}

/// Owners of the lists that have been due for longest to leave the trash, of up to so many lists. One with a task in it is
/// not due before that is gone.
pub async fn find_owners_of_trashed_lists(
    tx: &mut HousekeepingTx,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<OwnerId>, Error> {
    let owners = sqlx::query_scalar!(
        "SELECT DISTINCT owner_id
         FROM (SELECT owner_id FROM lists WHERE purge_time <= $1 ORDER BY purge_time LIMIT $2) due",
        now,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(owners.into_iter().map(OwnerId::of_row).collect())
}

/// Owners of the oldest records of what is gone that were made before then, of up to so many records.
pub async fn find_owners_of_removals(
    tx: &mut HousekeepingTx,
    end: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<OwnerId>, Error> {
    let owners = sqlx::query_scalar!(
        "SELECT DISTINCT owner_id
         FROM (SELECT owner_id FROM removals WHERE remove_time < $1 ORDER BY remove_time LIMIT $2) due",
        end,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(owners.into_iter().map(OwnerId::of_row).collect())
}

/// Up to so many tombstones whose time is over, the oldest first.
pub async fn find_tombstones(
    tx: &mut HousekeepingTx,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<OwnerId>, Error> {
    let owners = sqlx::query_scalar!(
        "SELECT owner_id FROM owners WHERE purge_time <= $1 ORDER BY purge_time LIMIT $2",
        now,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(owners.into_iter().map(OwnerId::of_row).collect())
}

/// Deletes up to so many records of writes that were made before then.
pub async fn delete_requests_before(
    tx: &mut HousekeepingTx,
    end: DateTime<Utc>,
    limit: i64,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "DELETE FROM requests
         WHERE (owner_id, request_id) IN (SELECT owner_id, request_id FROM requests WHERE create_time < $1
                                          ORDER BY create_time LIMIT $2)",
        end,
        limit
    )
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected())
}

/// Deletes up to so many events of tasks from before then.
pub async fn delete_task_events_before(
    tx: &mut HousekeepingTx,
    end: DateTime<Utc>,
    limit: i64,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "DELETE FROM task_events
         WHERE (owner_id, revision) IN (SELECT owner_id, revision FROM task_events WHERE event_time < $1
                                        ORDER BY event_time LIMIT $2)",
        end,
        limit
    )
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected())
}
