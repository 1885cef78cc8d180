//! Keeps `tandem.database` true to the facts, over a connection of its own: a pool that is merely busy is not a database
//! that is away.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, PgPool};
use tokio::time::{sleep, timeout};

use crate::Health;

const INTERVAL: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(2);

/// Watches Postgres for as long as it is polled; give it to [`Server::background`](crate::Server::background).
pub async fn watch(pool: PgPool, health: Health) {
    let mut connection = None;
    let mut reachable = None;
    loop {
        connection = ask(connection, &pool).await;
        let now = connection.is_some();
        if reachable != Some(now) {
            if now {
                tracing::info!("Postgres answers");
            } else {
                tracing::warn!("Postgres does not answer");
            }
            health.database(now).await;
            reachable = Some(now);
        }
        sleep(INTERVAL).await;
    }
}

/// The connection, if it has answered.
async fn ask(connection: Option<PgConnection>, pool: &PgPool) -> Option<PgConnection> {
    let answer = timeout(TIMEOUT, async {
        let mut connection = match connection {
            Some(connection) => connection,
            None => PgConnection::connect_with(&pool.connect_options()).await?,
        };
        connection.ping().await?;
        Ok::<_, sqlx::Error>(connection)
    });
    answer.await.ok()?.ok()
}
