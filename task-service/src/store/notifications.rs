//! All SQL of what replicas tell each other. It names no table. Postgres lets those who notify commit one after the other,
//! so this may never be a part of somebody's write.

use super::HousekeepingTx;
use crate::error::Error;

/// Tells whoever listens to the channel, once the transaction commits.
pub async fn send(tx: &mut HousekeepingTx, channel: &str, words: &[String]) -> Result<(), Error> {
    sqlx::query!(
        "SELECT pg_notify($1, told.word) FROM unnest($2::text[]) AS told (word)",
        channel,
        words
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
