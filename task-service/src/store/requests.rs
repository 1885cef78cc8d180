//! All SQL of the table `requests`: which writes were made already.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::transaction::{Connected as _, OfOwners, OwnersTx};
use super::{OwnerTx, count, uuids};
use crate::domain::{CompletionId, RequestId};
use crate::error::Error;
use crate::owner::OwnerId;

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

/// Whose request ids were used before, of one of each owner.
pub(crate) async fn find_used(
    tx: &mut OwnersTx,
    asked: &[(OwnerId, RequestId)],
) -> Result<HashSet<Uuid>, Error> {
    if asked.is_empty() {
        return Ok(HashSet::new());
    }
    let owners = uuids(asked.iter().map(|(owner, _)| *owner));
    let ids: Vec<_> = asked.iter().map(|(_, id)| id.0).collect();
    let used = sqlx::query_scalar!(
        "SELECT requests.owner_id FROM unnest($1::uuid[], $2::uuid[]) AS asked (owner_id, request_id)
         JOIN requests ON requests.owner_id = asked.owner_id AND requests.request_id = asked.request_id",
        &owners,
        &ids
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(used.into_iter().collect())
}

/// Remembers a write.
pub async fn insert(tx: &mut OwnerTx, request_id: RequestId, recorded: &Recorded) -> Result<(), Error> {
    let whose = tx.share().owner();
    insert_many(tx, &[(whose, request_id, recorded)]).await
}

/// Remembers writes, each of its own owner.
pub(crate) async fn insert_many(
    tx: &mut impl OfOwners,
    rows: &[(OwnerId, RequestId, &Recorded)],
) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let owners = uuids(rows.iter().map(|(owner, ..)| *owner));
    let ids: Vec<_> = rows.iter().map(|(_, id, _)| id.0).collect();
    let recorded = || rows.iter().map(|(.., recorded)| *recorded);
    let (mut resources, mut firsts, mut lasts) = (Vec::new(), Vec::new(), Vec::new());
    for recorded in recorded() {
        firsts.push(count(resources.len() + 1)?);
        resources.extend(&recorded.resources);
        lasts.push(count(resources.len())?);
    }
    sqlx::query!(
        "INSERT INTO requests (owner_id, request_id, method, request_hash, resource_ids, completion_id, create_time)
         SELECT new.owner_id, new.request_id, new.method, new.request_hash, ($8::uuid[])[new.first:new.last],
                new.completion_id, new.create_time
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::uuid[], $6::timestamptz[], $7::integer[],
                     $9::integer[])
              AS new (owner_id, request_id, method, request_hash, completion_id, create_time, first, last)",
        &owners,
        &ids,
        &recorded().map(|recorded| recorded.method.as_str()).collect::<Vec<_>>() as &[&str],
        &recorded().map(|recorded| recorded.request_hash.as_slice()).collect::<Vec<_>>() as &[&[u8]],
        &recorded().map(|recorded| recorded.completion_id.map(|id| id.0)).collect::<Vec<_>>() as &[Option<Uuid>],
        &recorded().map(|recorded| recorded.create_time).collect::<Vec<_>>(),
        &firsts,
        &resources,
        &lasts
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
