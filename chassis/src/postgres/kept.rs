//! Connections that stay at hand between two statements. The pool sends each one that comes back a sign of life and waits
//! for the answer, which for a lone statement is half of all that goes to and fro; and it takes them in turn, so that each
//! finds the memory of its process cold. Of these the latest is taken first, and nobody is asked anything: it answered a
//! moment ago.
//!
//! They are the pool's own and counted there. All go back when the pool has nothing left to give; each does when it had
//! nothing to do for a second or two, and after a minute, so that the pool keeps what it promises of ages and idle time.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgConnection, PgPool, Postgres};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::pool::TRUSTED_IDLE;

/// The pool looks at a connection's age when it comes back.
const LONGEST: Duration = Duration::from_secs(60);
/// At most a quarter of a pool stays at hand.
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
        if let Some(mut latest) = self.0.latest()
            && (latest.is_trusted() || latest.connection.ping().await.is_ok())
        {
            return Ok(KeptConnection::new(&self.0, latest.connection, latest.taken));
        }
        let connection = self.0.pool.acquire().await?;
        Ok(KeptConnection::new(&self.0, connection, Instant::now()))
    }
}

impl Idle {
    /// Whether it answered so lately that it is not asked for a sign of life.
    fn is_trusted(&self) -> bool {
        self.since.elapsed() < TRUSTED_IDLE
    }
}

impl Inner {
    fn latest(&self) -> Option<Idle> {
        self.lock().idle.pop()
    }

    fn keep(self: &Arc<Self>, connection: PoolConnection<Postgres>, taken: Instant) {
        if self.is_wanted() {
            // Somebody may wait for one of the pool, whom those at hand do not serve.
            let all = std::mem::take(&mut self.lock().idle);
            drop((connection, all));
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
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
            runtime.spawn(give_back(Arc::downgrade(self)));
        }
    }

    /// Whether the pool has nothing left to give, or is to end.
    fn is_wanted(&self) -> bool {
        let all_open = self.pool.size() >= self.pool.options().get_max_connections();
        self.pool.is_closed() || (all_open && self.pool.num_idle() == 0)
    }

    /// Those that nobody asked for lately, and whether there are others.
    fn take_unused(&self) -> (Vec<Idle>, bool) {
        let mut kept = self.lock();
        let unused = kept.idle.extract_if(.., |idle| !idle.is_trusted()).collect();
        kept.watched = !kept.idle.is_empty();
        (unused, kept.watched)
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
        let (unused, others) = inner.take_unused();
        drop(unused);
        if !others {
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
