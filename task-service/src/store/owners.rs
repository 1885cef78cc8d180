//! All SQL of the table `owners`: the counter that orders an owner's writes.

use super::OwnerTx;
use crate::domain::Revision;
use crate::error::Error;

/// Locks the owner's counter until the transaction ends, and makes it on the first write. Whatever is read after it
/// cannot change before the commit: the writes of one owner go one after the other.
pub async fn lock(tx: &mut OwnerTx) -> Result<(), Error> {
    let owner = tx.owner();
    sqlx::query!(
        "INSERT INTO owners (owner_id, revision) VALUES ($1, 0)
         ON CONFLICT ON CONSTRAINT owners_pkey DO UPDATE SET revision = owners.revision WHERE owners.owner_id = $1",
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
