//! All SQL of the table `feed_epoch`, which belongs to nobody: in which life of the database sync tokens are made. No
//! owner's table may be named here.

use uuid::Uuid;

use super::HousekeepingTx;
use crate::error::Error;

/// Begins this epoch, if the present one began in another database or there is none, or whatever there is. Says whether
/// it did. Of several who do it at once, one does.
pub async fn begin(tx: &mut HousekeepingTx, epoch: Uuid, whatever_there_is: bool) -> Result<bool, Error> {
    let begun = sqlx::query!(
        "INSERT INTO feed_epoch (epoch, system_identifier, database_oid)
         SELECT $1, cluster.system_identifier, pg_database.oid::bigint
         FROM pg_control_system() AS cluster CROSS JOIN pg_database
         WHERE pg_database.datname = current_database()
         ON CONFLICT ON CONSTRAINT feed_epoch_pkey DO UPDATE
         SET epoch = excluded.epoch, system_identifier = excluded.system_identifier,
             database_oid = excluded.database_oid
         WHERE $2 OR feed_epoch.system_identifier <> excluded.system_identifier
            OR feed_epoch.database_oid <> excluded.database_oid",
        epoch,
        whatever_there_is
    )
    .execute(tx.connection())
    .await?;
    Ok(begun.rows_affected() > 0)
}
