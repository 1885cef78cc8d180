//! Refreshes of many sessions that become one statement and one commit (`chassis::gathering`). What may never be put here: what
//! a refresh is.

use std::time::Duration;

use chassis::gathering::{Gathering, Outcome, Work, writers};
use chassis::postgres::KeptConnections;
use tokio::time::timeout;

use crate::domain::TokenHash;
use crate::error::Error;
use crate::store::refresh_tokens::{self, Alive, Presented};

/// How long a batch may take. The members' own deadlines can be shorter; they are kept by whoever asked.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tokens that are presented by many at the same moment.
pub(crate) type Refreshes = Gathering<Rotating>;

/// Rotates those that are used for the first time. The others, and all of a batch that failed, are handed back; what became of
/// theirs can be asked again and again.
pub(crate) struct Rotating(KeptConnections);

/// Gathers them over these connections.
pub(crate) fn refreshes(kept: KeptConnections) -> Refreshes {
    Gathering::new(Rotating(kept), writers())
}

impl Work for Rotating {
    type Key = TokenHash;
    type Asked = Presented;
    type Answer = Result<Box<Alive>, Error>;
    const ONE_OF_EACH: bool = true;

    async fn run(&self, batch: Vec<(TokenHash, Presented)>) -> Vec<Outcome<Presented, Self::Answer>> {
        let presented: Vec<_> = batch.into_iter().map(|(_, presented)| presented).collect();
        let rotated = match timeout(PATIENCE, self.rotate(&presented)).await {
            Ok(Ok(rotated)) => rotated,
            // Nothing was sent. To wait as long again for a connection of their own would bring them no better answer.
            Ok(Err(Error::Unavailable(sqlx::Error::PoolTimedOut))) => {
                let away = || Error::Unavailable(sqlx::Error::PoolTimedOut);
                return presented.iter().map(|_| Outcome::Done(Err(away()))).collect();
            }
            Ok(Err(error)) => {
                tracing::warn!(error = ?error, "a batch of refreshes failed, and each of them goes alone");
                Vec::new()
            }
            Err(_) => {
                tracing::warn!("a batch of refreshes took too long, and each of them goes alone");
                Vec::new()
            }
        };
        let rotated = rotated.into_iter().chain(std::iter::repeat_with(|| None));
        let outcomes = presented.into_iter().zip(rotated);
        outcomes
            .map(|(presented, alive)| {
                alive.map_or(Outcome::Alone(presented), |alive| Outcome::Done(Ok(alive)))
            })
            .collect()
    }

    fn lost() -> Self::Answer {
        Err(Error::internal("a batch ended without an answer"))
    }
}

impl Rotating {
    async fn rotate(&self, presented: &[Presented]) -> Result<Vec<Option<Box<Alive>>>, Error> {
        let mut connection = self.0.acquire().await?;
        let rotated = refresh_tokens::rotate(&mut *connection, presented).await?;
        connection.keep();
        Ok(rotated)
    }
}
