//! Connections that stay at hand between two statements. The pool sends each one that comes back a sign of life and waits
//! for the answer, which for a lone statement is half of all that goes to and fro; and it takes them in turn, so that each
//! finds the memory of its process cold. Of these the latest is taken first, and nobody is asked anything: it answered a
//! moment ago.
//!
//! They are the pool's own and counted there. Each goes back when it had nothing to do for a second, and after a minute,
//! so that the pool keeps what it promises of ages, lives and idle time.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};
use tokio::time::{Instant, sleep};

use super::pool::TRUSTED_IDLE;

/// The pool looks at a connection's age when it comes back.
const LONGEST: Duration = Duration::from_secs(60);
/// What is left of a pool for everybody else: at most a quarter of it stays away.
const SHARE: u32 = 4;

/// The connections that stay at hand. Clones share them.
#[derive(Debug, Clone)]
pub struct KeptConnections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: PgPool,
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The latest is the last.
    idle: Vec<Idle>,
    /// Whether somebody looks after those that nobody asks for.
    watched: bool,
}

#[derive(Debug)]
struct Idle {
    connection: PoolConnection<Postgres>,
    taken: Instant,
    since: Instant,
}

impl KeptConnections {
    /// Keeps a quarter of the pool at the most, which is none of three.
    pub fn of(pool: &PgPool) -> Self {
        let most = pool.options().get_max_connections() / SHARE;
        Self(Arc::new(Inner {
            pool: pool.clone(),
            most: usize::try_from(most).unwrap_or(usize::MAX),
            kept: Mutex::default(),
        }))
    }

    /// The one that worked last, or one of the pool.
    ///
    /// # Errors
    ///
    /// Those of the pool, when none is at hand.
    pub async fn acquire(&self) -> Result<KeptConnection, sqlx::Error> {
        if let Some(Idle {
            connection, taken, ..
        }) = self.0.latest()
        {
            return Ok(KeptConnection::new(&self.0, connection, taken));
        }
        let connection = self.0.pool.acquire().await?;
        Ok(KeptConnection::new(&self.0, connection, Instant::now()))
    }
}

impl Inner {
    fn latest(&self) -> Option<Idle> {
        let latest = self.lock().idle.pop();
        // Else it goes back to the pool, which finds out whether it still lives.
        latest.filter(|idle| idle.since.elapsed() < TRUSTED_IDLE)
    }

    fn keep(self: &Arc<Self>, connection: PoolConnection<Postgres>, taken: Instant) {
        let mut kept = self.lock();
        if kept.idle.len() >= self.most || taken.elapsed() > LONGEST {
            return;
        }
        kept.idle.push(Idle {
            connection,
            taken,
            since: Instant::now(),
        });
        if !std::mem::replace(&mut kept.watched, true) {
            tokio::spawn(give_back(Arc::downgrade(self)));
        }
    }

    /// What had nothing to do for so long that it is asked for anything only after a sign of life.
    fn take_unused(&self) -> Vec<Idle> {
        let mut kept = self.lock();
        let unused = kept
            .idle
            .extract_if(.., |idle| idle.since.elapsed() >= TRUSTED_IDLE);
        let unused = unused.collect();
        kept.watched = !kept.idle.is_empty();
        unused
    }

    /// Nothing that can panic runs under this lock, so poison means nothing.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// On the way back to the pool a connection needs the runtime, which may be gone by now.
impl Drop for Inner {
    fn drop(&mut self) {
        let kept = self.kept.get_mut().unwrap_or_else(PoisonError::into_inner);
        for idle in kept.idle.drain(..) {
            drop(idle.connection.detach());
        }
    }
}

/// Until none is left.
async fn give_back(inner: Weak<Inner>) {
    loop {
        sleep(TRUSTED_IDLE).await;
        let Some(inner) = inner.upgrade() else { return };
        drop(inner.take_unused());
        if !inner.lock().watched {
            return;
        }
    }
}

/// A connection for a statement or a few. Dropped, it goes back to the pool: what was given up in the middle of an answer,
/// or failed, is looked at there.
#[derive(Debug)]
#[must_use = "a connection is for statements"]
pub struct KeptConnection {
    keeper: Arc<Inner>,
    connection: PoolConnection<Postgres>,
    taken: Instant,
}

impl KeptConnection {
    fn new(keeper: &Arc<Inner>, connection: PoolConnection<Postgres>, taken: Instant) -> Self {
        Self {
            keeper: keeper.clone(),
            connection,
            taken,
        }
    }

    /// Every answer was read to its end, and no transaction is open: the next one may have it as it is.
    pub fn keep(self) {
        self.keeper.keep(self.connection, self.taken);
    }
}

impl Deref for KeptConnection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for KeptConnection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
