//! Notifications (LISTEN), over a connection of its own: a pool would lend it to somebody else. Whoever listens must be
//! able to do without, since what is sent while a connection is lost is lost too.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::time::timeout;

use super::apart;

/// After a silence of this long the connection is asked whether it still lives: a machine that vanished says nothing.
const SILENCE: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(5);

/// Hears one channel.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// Listens from now on, to the database of a pool.
    ///
    /// # Errors
    ///
    /// When Postgres is away.
    pub async fn listen(pool: &PgPool, channel: &str) -> Result<Self, sqlx::Error> {
        let mut listener = PgListener::connect_with(&apart(pool)).await?;
        listener.listen(channel).await?;
        Ok(Self(listener))
    }

    /// Says a word that this connection hears as well, if words are heard at all.
    ///
    /// # Errors
    ///
    /// When the connection was lost.
    pub async fn say(&mut self, channel: &str, word: &str) -> Result<(), sqlx::Error> {
        let said = sqlx::query("SELECT pg_notify($1, $2)").bind(channel).bind(word);
        said.execute(&mut self.0).await.map(drop)
    }

    /// The next word. It may be given up and asked for again.
    ///
    /// # Errors
    ///
    /// When the connection was lost, and with it perhaps some words: listen anew.
    pub async fn next(&mut self) -> Result<String, sqlx::Error> {
        loop {
            match timeout(SILENCE, self.0.try_recv()).await {
                Ok(Ok(Some(word))) => return Ok(word.payload().to_owned()),
                Ok(Ok(None)) => return Err(sqlx::Error::WorkerCrashed),
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    let asked = timeout(PATIENCE, sqlx::query("SELECT 1").execute(&mut self.0)).await;
                    asked.map_err(|_| sqlx::Error::PoolTimedOut)??;
                }
            }
        }
    }
}
