//! All SQL of the table `requests`: which writes were made already.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::OwnerTx;
use crate::domain::{CompletionId, RequestId};
use crate::error::Error;

/// A write that carried a request id.
#[derive(Debug)]
pub struct Recorded {
    /// Which method it was.
    pub method: String,
    /// SHA-256 of the request.
    pub request_hash: Vec<u8>,
    /// What it answered with, in that order.
    pub resources: Vec<Uuid>,
    /// The completion it answered with.
    pub completion_id: Option<CompletionId>,
    /// When it was made.
    pub create_time: DateTime<Utc>,
}

/// The write of that request id, if there was one.
pub async fn find(tx: &mut OwnerTx, request_id: RequestId) -> Result<Option<Recorded>, Error> {
    let owner = tx.owner();
    let row = sqlx::query!(
        "SELECT method, request_hash, resource_ids, task_id, completion_id, create_time
         FROM requests WHERE owner_id = $1 AND request_id = $2",
        owner,
        request_id.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Recorded {
        method: row.method,
        request_hash: row.request_hash,
        resources: row.task_id.map_or(row.resource_ids, |id| vec![id]),
        completion_id: row.completion_id.map(CompletionId),
        create_time: row.create_time,
    }))
}

/// Remembers a write.
pub async fn insert(tx: &mut OwnerTx, request_id: RequestId, recorded: &Recorded) -> Result<(), Error> {
    let owner = tx.owner();
    let completion: Option<Uuid> = recorded.completion_id.map(|id| id.0);
    sqlx::query!(
        "INSERT INTO requests (owner_id, request_id, method, request_hash, resource_ids, completion_id, create_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        owner,
        request_id.0,
        recorded.method,
        recorded.request_hash,
        &recorded.resources,
        completion,
        recorded.create_time
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Deletes up to so many of the owner's records, and says how many.
pub async fn delete_some(tx: &mut OwnerTx, limit: i64) -> Result<i64, Error> {
    let owner = tx.owner();
    let deleted = sqlx::query!(
        "DELETE FROM requests
         WHERE owner_id = $1 AND request_id IN (SELECT request_id FROM requests WHERE owner_id = $1 LIMIT $2)",
        owner,
        limit
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    i64::try_from(deleted).map_err(Error::internal)
}
