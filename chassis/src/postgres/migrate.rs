//! Migrations at start, one replica at a time. An older replica that starts beside a newer schema must not fail: schemas
//! expand first and contract later.

use std::borrow::Cow;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, PgPool};
use tokio::time::{Instant, sleep, timeout};

use super::is_unavailable;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Brings the schema up to date, under the advisory lock of the database. The wait for that lock, and for any lock a
/// migration needs, is bounded: a migration that queues behind a long transaction would stop everybody behind itself.
///
/// # Errors
///
/// When Postgres is away, a lock is held for too long, or a migration is wrong.
pub async fn migrate(pool: &PgPool, migrator: &Migrator) -> Result<(), MigrateError> {
    let start = Instant::now();
    // A connection of its own: its settings and a lock left by a failure end with it.
    let mut connection = timeout(
        CONNECT_TIMEOUT,
        PgConnection::connect_with(&pool.connect_options()),
    )
    .await
    .map_err(|_| sqlx::Error::PoolTimedOut)??;
    sqlx::query("SET lock_timeout = '30s'")
        .execute(&mut connection)
        .await?;
    // Not `run`: with its `Acquire` the compiler cannot see that the future is Send.
    tolerant(migrator)
        .run_direct(None, &mut connection, false)
        .await?;
    connection.close().await?;
    tracing::info!(
        migrations.known = migrator.iter().count(),
        migrations.elapsed_ms = start.elapsed().as_millis() as u64,
        "the database schema is up to date"
    );
    Ok(())
}

/// As [`migrate`], and tries again for as long as Postgres is away or another replica holds the lock.
///
/// # Errors
///
/// When a migration is wrong; trying again would not help.
pub async fn migrate_patiently(pool: &PgPool, migrator: &Migrator) -> Result<(), MigrateError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match migrate(pool, migrator).await {
            Err(error) if may_pass(&error) => error,
            done => return done,
        };
        tracing::warn!(%error, retry.after_ms = pause.as_millis() as u64, "waiting for Postgres before migrating");
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn may_pass(error: &MigrateError) -> bool {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            is_unavailable(error) || super::is_deadline(error)
        }
        _ => false,
    }
}

fn tolerant(migrator: &Migrator) -> Migrator {
    Migrator {
        migrations: Cow::Owned(migrator.migrations.to_vec()),
        ignore_missing: true,
        locking: migrator.locking,
        no_tx: migrator.no_tx,
        table_name: migrator.table_name.clone(),
        create_schemas: migrator.create_schemas.clone(),
    }
}
