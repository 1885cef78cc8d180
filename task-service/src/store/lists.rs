//! All SQL of the table `lists`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::OwnerTx;
use super::order::{self, Ordered, Place};
use super::removals::{self, Removed};
use super::requests::Recorded;
use crate::domain::{DeletionId, List, ListId, ListTitle, Position, Rank, Revision};
use crate::error::{Error, Missing};

/// What SQL sees of a list.
struct ListRow {
    id: Uuid,
    revision: i64,
    title: String,
    rank: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    delete_time: Option<DateTime<Utc>>,
    purge_time: Option<DateTime<Utc>>,
    deletion_id: Option<Uuid>,
}

impl TryFrom<ListRow> for List {
    type Error = Error;

    fn try_from(row: ListRow) -> Result<Self, Error> {
        Ok(Self {
            id: ListId(row.id),
            revision: Revision(row.revision),
            title: ListTitle::parse(&row.title)
                .map_err(|_| Error::internal(format!("lists.title of {} breaks its rule", row.id)))?,
            rank: Rank::stored(row.rank),
            create_time: row.create_time,
            update_time: row.update_time,
            delete_time: row.delete_time,
            purge_time: row.purge_time,
            deletion_id: row.deletion_id.map(DeletionId),
        })
    }
}

/// What a list counts for, as the column has it.
fn size_bytes(list: &List) -> Result<i32, Error> {
    i32::try_from(list.size_bytes()).map_err(Error::internal)
}

/// The list of that id, in the trash or not.
pub async fn find(tx: &mut OwnerTx, id: ListId) -> Result<Option<List>, Error> {
    let owner = tx.owner();
    sqlx::query_as!(
        ListRow,
        "SELECT id, revision, title, rank, create_time, update_time, delete_time, purge_time, deletion_id
         FROM lists WHERE owner_id = $1 AND id = $2",
        owner,
        id.0
    )
    .fetch_optional(tx.connection())
    .await?
    .map(List::try_from)
    .transpose()
}

/// Those of these ids that there are, in the trash or not.
pub async fn find_many(tx: &mut OwnerTx, ids: &[Uuid]) -> Result<HashMap<ListId, List>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let owner = tx.owner();
    let rows = sqlx::query_as!(
        ListRow,
        "SELECT id, revision, title, rank, create_time, update_time, delete_time, purge_time, deletion_id
         FROM lists WHERE owner_id = $1 AND id = ANY ($2)",
        owner,
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    let lists = rows.into_iter().map(List::try_from);
    lists.map(|list| list.map(|list| (list.id, list))).collect()
}

/// Up to so many lists of the trash that it drops until then, which no task is in any more.
pub async fn find_trash(tx: &mut OwnerTx, purge_time: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>, Error> {
    let owner = tx.owner();
    let found = sqlx::query_scalar!(
        "SELECT id FROM lists
         WHERE owner_id = $1 AND deletion_id IS NOT NULL AND purge_time <= $2
           AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.owner_id = $1 AND tasks.list_id = lists.id)
         LIMIT $3",
        owner,
        purge_time,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(found)
}

/// Deletes these lists for good, and records that. No task may be in one, and the owner's row must be locked.
pub async fn delete(tx: &mut OwnerTx, ids: &[Uuid], now: DateTime<Utc>) -> Result<(), Error> {
    let owner = tx.owner();
    let sizes = sqlx::query_scalar!(
        "DELETE FROM lists WHERE owner_id = $1 AND id = ANY ($2) RETURNING size_bytes",
        owner,
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    let usage = tx.usage()?;
    usage.lists -= i64::try_from(sizes.len()).map_err(Error::internal)?;
    usage.stored_bytes -= sizes.into_iter().map(i64::from).sum::<i64>();
    removals::insert(tx, Removed::List, ids, now).await
}

/// The list that a write answered with, as it is now.
pub async fn find_resource(tx: &mut OwnerTx, made: &Recorded) -> Result<List, Error> {
    let missing = Error::NotFound(Missing::List);
    match made.resources.first() {
        Some(id) => find(tx, ListId(*id)).await?.ok_or(missing),
        None => Err(missing),
    }
}

/// The hash of the request that made the list with a client-chosen id.
pub async fn find_create_hash(tx: &mut OwnerTx, id: ListId) -> Result<Option<Vec<u8>>, Error> {
    let owner = tx.owner();
    let hash = sqlx::query_scalar!(
        "SELECT create_hash FROM lists WHERE owner_id = $1 AND id = $2",
        owner,
        id.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(hash.flatten())
}

/// The last rank of all.
pub async fn find_last_rank(tx: &mut OwnerTx) -> Result<Option<Rank>, Error> {
    let owner = tx.owner();
    let rank = sqlx::query_scalar!(
        "SELECT rank FROM lists WHERE owner_id = $1 ORDER BY rank DESC, id DESC LIMIT 1",
        owner
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(rank.map(Rank::stored))
}

/// A page of lists in their order, behind a place.
pub async fn list(
    tx: &mut OwnerTx,
    after: Option<&Place>,
    show_deleted: bool,
    limit: i64,
) -> Result<Vec<List>, Error> {
    let owner = tx.owner();
    let (rank, id) = after.map_or(("", Uuid::nil()), |place| (place.rank.as_str(), place.id));
    sqlx::query_as!(
        ListRow,
        "SELECT id, revision, title, rank, create_time, update_time, delete_time, purge_time, deletion_id
         FROM lists WHERE owner_id = $1 AND (rank, id) > ($2, $3) AND ($4 OR delete_time IS NULL)
         ORDER BY rank, id LIMIT $5",
        owner,
        rank,
        id,
        show_deleted,
        limit
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(List::try_from)
    .collect()
}

/// Adds a list. The owner must be locked.
pub async fn insert(tx: &mut OwnerTx, list: &List, create_hash: Option<&[u8]>) -> Result<(), Error> {
    let (owner, size) = (tx.owner(), size_bytes(list)?);
    sqlx::query!(
        "INSERT INTO lists (owner_id, id, revision, title, rank, size_bytes, create_hash, create_time, update_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        owner,
        list.id.0,
        list.revision.0,
        list.title.as_str(),
        list.rank.as_str(),
        size,
        create_hash,
        list.create_time,
        list.update_time
    )
    .execute(tx.connection())
    .await?;
    let usage = tx.usage()?;
    usage.lists += 1;
    usage.stored_bytes += i64::from(size);
    Ok(())
}

/// Stores a changed list in place of what it was when it was read. The owner must be locked.
pub async fn update(tx: &mut OwnerTx, before: &List, list: &List) -> Result<(), Error> {
    let (owner, size) = (tx.owner(), size_bytes(list)?);
    let changed = sqlx::query!(
        "UPDATE lists
         SET revision = $4, title = $5, rank = $6, size_bytes = $7, update_time = $8, delete_time = $9, purge_time = $10,
             deletion_id = $11
         WHERE owner_id = $1 AND id = $2 AND revision = $3",
        owner,
        list.id.0,
        before.revision.0,
        list.revision.0,
        list.title.as_str(),
        list.rank.as_str(),
        size,
        list.update_time,
        list.delete_time,
        list.purge_time,
        list.deletion_id.map(|id| id.0)
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    if changed != 1 {
        // The owner's lock should have kept everybody else out.
        return Err(Error::Stale);
    }
    tx.usage()?.stored_bytes += i64::from(size) - i64::from(size_bytes(before)?);
    Ok(())
}

/// The rank that a list needs to stand there. The owner must be locked.
pub async fn find_rank(tx: &mut OwnerTx, to: &Position<Place>, moving: &List) -> Result<Rank, Error> {
    order::find_rank::<Lists>(tx, to, &Place::from(moving)).await
}

impl From<&List> for Place {
    fn from(list: &List) -> Self {
        Self {
            rank: list.rank.clone(),
            id: list.id.0,
        }
    }
}

/// The order of a person's lists, those in the trash too.
struct Lists;

impl Ordered for Lists {
    async fn find_before(tx: &mut OwnerTx, place: &Place, limit: i64) -> Result<Vec<Place>, Error> {
        let owner = tx.owner();
        let rows = sqlx::query!(
            "SELECT rank, id FROM lists WHERE owner_id = $1 AND (rank, id) < ($2, $3)
             ORDER BY rank DESC, id DESC LIMIT $4",
            owner,
            place.rank.as_str(),
            place.id,
            limit
        )
        .fetch_all(tx.connection())
        .await?;
        let places = rows.into_iter().map(|row| Place::stored(row.rank, row.id));
        Ok(places.collect())
    }

    async fn find_behind(tx: &mut OwnerTx, place: &Place, limit: i64) -> Result<Vec<Place>, Error> {
        let owner = tx.owner();
        let rows = sqlx::query!(
            "SELECT rank, id FROM lists WHERE owner_id = $1 AND (rank, id) > ($2, $3) ORDER BY rank, id LIMIT $4",
            owner,
            place.rank.as_str(),
            place.id,
            limit
        )
        .fetch_all(tx.connection())
        .await?;
        let places = rows.into_iter().map(|row| Place::stored(row.rank, row.id));
        Ok(places.collect())
    }

    async fn update_ranks(tx: &mut OwnerTx, ids: &[Uuid], ranks: &[String]) -> Result<(), Error> {
        let first = tx.raise_by(i64::try_from(ids.len()).map_err(Error::internal)?)?;
        let owner = tx.owner();
        sqlx::query!(
            "UPDATE lists SET rank = given.rank, revision = $2 + given.place - 1
             FROM unnest($3::uuid[], $4::text[]) WITH ORDINALITY AS given (id, rank, place)
             WHERE lists.owner_id = $1 AND lists.id = given.id",
            owner,
            first.0,
            ids,
            ranks
        )
        .execute(tx.connection())
        .await?;
        Ok(())
    }
}

/// The lists outside the trash, in no order. There are no more than the person's limit allows.
pub async fn list_living(tx: &mut OwnerTx) -> Result<Vec<List>, Error> {
    let owner = tx.owner();
    sqlx::query_as!(
        ListRow,
        "SELECT id, revision, title, rank, create_time, update_time, delete_time, purge_time, deletion_id
         FROM lists WHERE owner_id = $1 AND delete_time IS NULL",
        owner
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(List::try_from)
    .collect()
}

/// Deletes up to so many of the owner's lists, and says how many. No task may be in them any more.
pub async fn delete_some(tx: &mut OwnerTx, limit: i64) -> Result<i64, Error> {
    let owner = tx.owner();
    let deleted = sqlx::query!(
        "DELETE FROM lists
         WHERE owner_id = $1 AND id IN (SELECT id FROM lists WHERE owner_id = $1 LIMIT $2)",
        owner,
        limit
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    i64::try_from(deleted).map_err(Error::internal)
}
