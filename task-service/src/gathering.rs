//! The calls of many people that become one statement and one commit (`chassis::gathering`). What may never be put here: what
//! is asked for.

mod changes;
mod creates;
mod pages;
mod reads;
mod writing;

use std::thread::available_parallelism;
use std::time::Duration;

use chassis::gathering::{Gathering, writers};
use chassis::{Clock, Entropy};
use tokio::time::timeout;

use crate::domain::Limits;
use crate::error::Error;
use crate::store::Pool;

pub(crate) use changes::Change;
pub(crate) use creates::Creation;
pub(crate) use writing::Repeat;

/// How long a batch of reads may take, and each statement of a batch of writes. The members' own deadlines can be shorter;
/// they are kept by whoever asked.
const PATIENCE: Duration = Duration::from_secs(5);

/// The calls that are gathered.
pub(crate) struct Gatherings {
    /// Tasks that are read.
    pub(crate) reads: Gathering<reads::Reads>,
    /// Tasks that are listed.
    pub(crate) pages: Gathering<pages::Pages>,
    /// Tasks that are made.
    pub(crate) creates: Gathering<creates::Creates>,
    /// Tasks that are changed.
    pub(crate) changes: Gathering<changes::Changes>,
}

impl Gatherings {
    /// Over this pool, with these limits on what people may have.
    pub(crate) fn new(pool: &Pool, clock: &Clock, entropy: &Entropy, limits: Limits) -> Self {
        let writing = writing::Writing {
            pool: pool.clone(),
            clock: clock.clone(),
            limits,
        };
        // More of them would find less to take together.
        let cores = available_parallelism().map_or(1, usize::from);
        let readers = cores.div_ceil(2);
        let creates = creates::Creates {
            writing: writing.clone(),
            entropy: entropy.clone(),
        };
        Self {
            reads: Gathering::new(reads::Reads(pool.clone()), readers),
            pages: Gathering::new(pages::Pages(pool.clone()), cores),
            creates: Gathering::new(creates, writers()),
            changes: Gathering::new(changes::Changes(writing), writers()),
        }
    }
}

/// What is read for a batch. None where each is to hear for itself: one of the owners may be a tombstone, or Postgres is away.
async fn together<T>(reading: impl Future<Output = Result<T, Error>>) -> Option<T> {
    match timeout(PATIENCE, reading).await {
        Ok(Ok(found)) => return Some(found),
        Ok(Err(Error::OwnerPurged)) => {}
        Ok(Err(error)) => {
            tracing::warn!(error = ?error, "a batch of reads failed, and each of them goes alone")
        }
        Err(_) => tracing::warn!("a batch of reads took too long, and each of them goes alone"),
    }
    None
}

/// The answer to who was in a batch that ended without one.
fn lost() -> Error {
    Error::internal("a batch ended without an answer")
}
