//! Throw-away databases for tests, one per test, from one cluster that all test binaries of a run share.
//!
//! The first process that asks starts the cluster, later ones find it under /tmp and hold on to it too. It ends,
//! files and all, when the last of them is gone, even by kill -9: its keeper reads from a fifo that they hold open.
//! Nothing here is safe against a power cut, so nothing here may be used outside tests.

mod proxy;
mod traces;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, mpsc};

use rustix::fs::OFlags;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool};
use tokio::sync::OnceCell;

pub use proxy::ChaosProxy;
pub use traces::{Trace, traces_of};

use crate::account::Account;
use crate::cluster::{self, quoted};
use crate::home::{self, Home};
use crate::keeper::Hold;
use crate::{Binaries, Error, Lock, leftover, url};

/// Fast and forgetful. A test must not wait for a disk, nor meet autovacuum.
const SETTINGS: [(&str, &str); 8] = [
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("autovacuum", "off"),
    ("log_checkpoints", "off"),
    ("max_connections", "400"),
    ("shared_buffers", "128MB"),
];
/// The fifo that the processes of a run hold open, in the cluster's folder.
const OWNERS: &str = "owners";

/// A database of one test. It goes away with this value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    cluster: &'static Shared,
    pool: OnceLock<PgPool>,
}

impl TestDatabase {
    /// Its address, over the cluster's unix socket.
    pub fn url(&self) -> String {
        url::socket(&self.cluster.run, url::PORT, &self.name)
    }

    /// The one pool of this value, opened on first use; needs a runtime around it.
    pub fn pool(&self) -> PgPool {
        let open = || {
            let options = self.url().parse().expect("an address made here can be parsed");
            PgPoolOptions::new()
                .max_connections(10)
                .connect_lazy_with(options)
        };
        self.pool.get_or_init(open).clone()
    }

    /// A TCP proxy in front of this database, for faults.
    pub async fn proxy(&self) -> ChaosProxy {
        ChaosProxy::start(
            self.cluster.run.join(format!(".s.PGSQL.{}", url::PORT)),
            self.name.clone(),
        )
        .await
        .expect("loopback has a free port")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // Best effort: what stays goes with the cluster.
        let _ = janitor().send(self.name.clone());
    }
}

/// A fresh database with these migrations applied. They run once for all tests that use them, into a template of
/// the name given; every call clones it.
///
/// # Panics
///
/// When there is no Postgres on this machine or the migrations fail: no test can do anything about that.
pub async fn database(name: &str, migrator: &'static Migrator) -> TestDatabase {
    make(name, migrator)
        .await
        .unwrap_or_else(|error| panic!("no test database: {error}"))
}

async fn make(name: &str, migrator: &'static Migrator) -> Result<TestDatabase, Error> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let cluster = shared().await?;
    let mut admin = PgConnection::connect(&url::socket(&cluster.run, url::PORT, "postgres")).await?;
    let template = template(&mut admin, cluster, name, migrator).await?;
    let name = format!(
        "{name}_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    // Without fsync copying files is cheaper than writing every page through the log.
    let (database, template) = (quoted(&name), quoted(&template));
    let create = format!("CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy");
    admin.execute(AssertSqlSafe(create)).await?;
    admin.close().await?;
    Ok(TestDatabase {
        name,
        cluster,
        pool: OnceLock::new(),
    })
}

/// Makes the template unless it is there. One at a time for the whole cluster, since migrations may make roles,
/// which databases share. It gets its name last, so half of one is never cloned.
async fn template(
    admin: &mut PgConnection,
    cluster: &Shared,
    name: &str,
    migrator: &Migrator,
) -> Result<String, Error> {
    let checksums: Vec<u8> = migrator
        .iter()
        .flat_map(|migration| migration.checksum.iter().copied())
        .collect();
    let template = format!("{name}_{:016x}", home::fnv(&checksums));
    if exists(admin, &template).await? {
        return Ok(template);
    }
    admin.execute("SELECT pg_advisory_lock(1)").await?;
    if !exists(admin, &template).await? {
        let draft = format!("{name}_draft");
        admin
            .execute(AssertSqlSafe(format!(
                "DROP DATABASE IF EXISTS {} WITH (FORCE)",
                quoted(&draft)
            )))
            .await?;
        admin
            .execute(AssertSqlSafe(format!("CREATE DATABASE {}", quoted(&draft))))
            .await?;
        let mut migrating = PgConnection::connect(&url::socket(&cluster.run, url::PORT, &draft)).await?;
        migrator.run_direct(None, &mut migrating, false).await?;
        migrating.close().await?;
        let rename = format!(
            "ALTER DATABASE {} RENAME TO {}",
            quoted(&draft),
            quoted(&template)
        );
        admin.execute(AssertSqlSafe(rename)).await?;
    }
    admin.execute("SELECT pg_advisory_unlock(1)").await?;
    Ok(template)
}

async fn exists(admin: &mut PgConnection, database: &str) -> Result<bool, Error> {
    let found = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)");
    Ok(found.bind(database).fetch_one(admin).await?)
}

/// The cluster of this run, and our hold on it.
#[derive(Debug)]
struct Shared {
    run: PathBuf,
    _hold: File,
}

async fn shared() -> Result<&'static Shared, Error> {
    static SHARED: OnceCell<Shared> = OnceCell::const_new();
    // Not the system's temporary folder: it can be long, or closed to the server's user.
    let parent = setting("TANDEM_TEST_DIR").unwrap_or_else(|| PathBuf::from("/tmp"));
    SHARED.get_or_try_init(|| join_or_start(&parent)).await
}

#[allow(
    clippy::disallowed_methods,
    reason = "tests have no other settings than the two read here"
)]
fn setting(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

async fn join_or_start(parent: &Path) -> Result<Shared, Error> {
    let account = Account::choose(Path::new("/"))?;
    // Both users in the name: another one to run as must not find a folder that is not its own.
    let me = rustix::process::geteuid().as_raw();
    let base = parent.join(format!("tandem-test-{me}-{}", account.uid()));
    account.make_private_in_public(&base)?;
    let lock_file = base.join("lock");
    let lock = tokio::task::spawn_blocking({
        let lock_file = lock_file.clone();
        move || Lock::wait(&lock_file)
    });
    let _lock = lock
        .await
        .expect("taking a lock does not panic")
        .map_err(Error::files("locking", &lock_file))?;

    for entry in fs::read_dir(&base)
        .map_err(Error::files("reading", &base))?
        .flatten()
    {
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let home = Home {
            dir: entry.path(),
            account,
        };
        match hold(&home.dir.join(OWNERS)) {
            Ok(hold) => {
                return Ok(Shared {
                    run: home.run(),
                    _hold: hold,
                });
            }
            // Its keeper has begun to end it, and removes it.
            Err(none) if none.kind() == io::ErrorKind::NotFound && home.data().exists() => {}
            Err(_no_keeper) => {
                leftover::stop(&home, &|_| {}).await?;
                let _ = fs::remove_dir_all(&home.dir);
            }
        }
    }
    start(Home {
        dir: base.join(std::process::id().to_string()),
        account,
    })
    .await
}

async fn start(home: Home) -> Result<Shared, Error> {
    let binaries = Binaries::find(setting("TANDEM_POSTGRES_BIN").as_deref(), None, &home.dir)?;
    let _ = fs::remove_dir_all(&home.dir);
    home.account.make_private(&home.dir)?;
    let path = home.dir.join(OWNERS);
    let mut mkfifo = home.account.command("mkfifo");
    mkfifo.args(["-m", "600"]).arg(&path);
    cluster::run(mkfifo).await?;
    cluster::create(&home, &binaries, &["--no-sync"]).await?;

    let reader = OpenOptions::new()
        .read(true)
        .custom_flags(nonblocking())
        .open(&path);
    let reader = reader.map_err(Error::files("opening", &path))?;
    let hold = hold(&path).map_err(Error::files("opening", &path))?;
    // Opening must not wait for the other end; reading must.
    rustix::fs::fcntl_setfl(&reader, OFlags::empty())
        .map_err(|refused| Error::files("opening", &path)(refused.into()))?;
    let settings = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    cluster::launch(&home, &binaries, &Hold::Fifo { path, reader }, None, &settings).await?;
    Ok(Shared {
        run: home.run(),
        _hold: hold,
    })
}

/// Opens the writing end and says so; fails when nobody reads, that is when there is no keeper.
fn hold(fifo: &Path) -> io::Result<File> {
    let mut hold = OpenOptions::new()
        .write(true)
        .custom_flags(nonblocking())
        .open(fifo)?;
    hold.write_all(b"\n")?;
    Ok(hold)
}

fn nonblocking() -> i32 {
    OFlags::NONBLOCK.bits().cast_signed()
}

/// Drops databases behind the tests' backs, so that no test waits for it and a long run does not fill the disk.
fn janitor() -> &'static mpsc::Sender<String> {
    static JANITOR: OnceLock<mpsc::Sender<String>> = OnceLock::new();
    JANITOR.get_or_init(|| {
        let (sender, names) = mpsc::channel::<String>();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime can be built in a test");
            for name in names {
                let _ = runtime.block_on(drop_database(&name));
            }
        });
        sender
    })
}

async fn drop_database(name: &str) -> Result<(), Error> {
    let cluster = shared().await?;
    let mut admin = PgConnection::connect(&url::socket(&cluster.run, url::PORT, "postgres")).await?;
    admin
        .execute(AssertSqlSafe(format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            quoted(name)
        )))
        .await?;
    Ok(admin.close().await?)
}
