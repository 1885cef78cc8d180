//! A private cluster that keeps data: made on first use, one owner at a time, stopped with its owner.

use std::fmt;
use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::process::{Child, ChildStdin};

use crate::home::Home;
use crate::keeper::{self, Hold};
use crate::{Binaries, Error, Lock, leftover, url};

/// How long a killed predecessor may take to let go of the data.
const PREDECESSOR: Duration = Duration::from_secs(10);
/// Replaying the log after a crash may take long; a server that is alive but silent this long is stuck.
const START: Duration = Duration::from_secs(180);
/// A fast shutdown, checkpoint included.
const STOP: Duration = Duration::from_secs(20);

/// What to start.
pub struct Options {
    /// The cluster's own directory; made when it is not there.
    pub dir: PathBuf,
    /// Where the server's programs are; searched for when not given.
    pub bin_dir: Option<PathBuf>,
    /// Where data goes when the server's user cannot reach `dir`; only used as root.
    pub state_dir: PathBuf,
    /// Where to listen beside the socket. Nobody gets in there before `pg_hba.conf`, which refuses all, lets them.
    pub listen: Option<SocketAddr>,
    /// Server settings (`name`, `value`) on top of ours.
    pub settings: Vec<(String, String)>,
    /// What whoever tries the same directory meanwhile is told about us.
    pub note: String,
    /// Told of every step that takes time.
    pub progress: Box<dyn Fn(Progress) + Send + Sync>,
}

impl Options {
    /// A cluster in `dir`, with everything else as it should be.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            bin_dir: None,
            state_dir: PathBuf::from("/var/lib/tandem"),
            listen: None,
            settings: Vec::new(),
            note: format!("process {} runs a server there", std::process::id()),
            progress: Box::new(|_| {}),
        }
    }
}

/// A step on the way to a running server; its text is made for people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The programs were found.
    Found(Binaries),
    /// The server's user cannot reach the directory asked for, so the data goes elsewhere.
    Moved {
        /// What was asked for.
        from: PathBuf,
        /// Where the data is.
        to: PathBuf,
    },
    /// A server of a killed predecessor is being ended.
    StoppingLeftover {
        /// Its process.
        pid: u32,
    },
    /// A new cluster is being made.
    Creating(PathBuf),
    /// The server is coming up.
    Starting,
}

impl fmt::Display for Progress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(binaries) => write!(out, "using {binaries}"),
            Self::Moved { from, to } => write!(
                out,
                "the user that runs Postgres cannot reach {}, so its data is in {}",
                from.display(),
                to.display()
            ),
            Self::StoppingLeftover { pid } => {
                write!(out, "ending a Postgres (process {pid}) that was left over")
            }
            Self::Creating(dir) => write!(out, "first start: making a database cluster in {}", dir.display()),
            Self::Starting => out.write_str("starting Postgres"),
        }
    }
}

/// A running server. Dropping it stops the server in the background; [`Cluster::stop`] waits for that.
#[derive(Debug)]
pub struct Cluster {
    home: Home,
    port: u16,
    child: Child,
    hold: Option<ChildStdin>,
    _lock: Lock,
}

impl Cluster {
    /// Starts the cluster in the directory asked for, making it first when there is none.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let dir = std::path::absolute(&options.dir).map_err(Error::files("finding", &options.dir))?;
        fs::create_dir_all(&dir).map_err(Error::files("making", &dir))?;
        let lock_file = dir.join("lock");
        let lock = Lock::take(&lock_file, &options.note).map_err(Error::files("locking", &lock_file))?;
        let lock = lock.map_err(|held| Error::Running {
            dir: dir.clone(),
            held,
        })?;

        let home = Home::open(&dir, &options.state_dir, &options.progress)?;
        let binaries = Binaries::find(
            options.bin_dir.as_deref(),
            home.data_version().as_deref(),
            &home.dir,
        )?;
        (options.progress)(Progress::Found(binaries.clone()));
        leftover::stop(&home, &options.progress).await?;
        if !home.data().exists() {
            (options.progress)(Progress::Creating(home.data()));
            create(&home, &binaries, &[]).await?;
        }
        (options.progress)(Progress::Starting);
        keep_one_old_log(&home.log());
        let mut child = launch(&home, &binaries, &Hold::Pipe, options.listen, &options.settings).await?;
        let hold = child.stdin.take();
        Ok(Self {
            home,
            port: port_of(options.listen),
            child,
            hold,
            _lock: lock,
        })
    }

    /// The address of a database of the cluster in `dir` that another process runs without a port; none when nobody
    /// listens there.
    pub fn url_of_running(dir: &Path, database: &str) -> Option<String> {
        let dir = std::path::absolute(dir).ok()?;
        Home::listening(&dir).map(|run| url::socket(&run, url::PORT, database))
    }

    /// The address of a database of this cluster.
    pub fn url(&self, database: &str) -> String {
        url::socket(&self.home.run(), self.port, database)
    }

    /// Where the data is; not always where it was asked for.
    pub fn data_dir(&self) -> PathBuf {
        self.home.data()
    }

    /// The server's log.
    pub fn log_file(&self) -> PathBuf {
        self.home.log()
    }

    /// Makes a database unless there is one of that name.
    pub async fn create_database(&self, name: &str) -> Result<(), Error> {
        let mut admin = PgConnection::connect(&self.url("postgres")).await?;
        let known: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
            .bind(name)
            .fetch_optional(&mut admin)
            .await?;
        if known.is_none() {
            admin
                .execute(AssertSqlSafe(format!("CREATE DATABASE {}", quoted(name))))
                .await?;
        }
        admin.close().await?;
        Ok(())
    }

    /// Returns when the server has ended by itself.
    pub async fn exited(&mut self) {
        // An error here means that the child cannot be waited for any more: it is gone.
        let _ = self.child.wait().await;
    }

    /// Stops the server and waits until it is gone. Everything committed is on disk before.
    pub async fn stop(mut self) -> Result<(), Error> {
        drop(self.hold.take());
        // Whatever is still there after that, with or without a keeper, is ended as a leftover.
        let _ = tokio::time::timeout(STOP, self.child.wait()).await;
        leftover::stop(&self.home, &|_| {}).await?;
        self.home.remove_run();
        Ok(())
    }
}

/// Makes the cluster's files under another name first, so that half of them are never taken for the whole.
pub(crate) async fn create(home: &Home, binaries: &Binaries, args: &[&str]) -> Result<(), Error> {
    for entry in fs::read_dir(&home.dir).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("data.new") {
            // An orphan of a killed start may still be writing there; it does no harm.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let fresh = home.dir.join(format!("data.new.{}", std::process::id()));
    let mut initdb = home.account.command(binaries.program("initdb"));
    initdb.args([
        "--auth-local=trust",
        "--auth-host=reject",
        "--encoding=UTF8",
        "--no-locale",
    ]);
    initdb
        .args(["--no-instructions", "--username", url::ROLE, "--pgdata"])
        .arg(&fresh)
        .args(args);
    run(initdb).await?;
    fs::rename(&fresh, home.data()).map_err(Error::files("naming", &fresh))?;
    let synced = fs::File::open(&home.dir).and_then(|dir| dir.sync_all());
    synced.map_err(Error::files("syncing", &home.dir))
}

/// Starts the server and waits until it answers. A predecessor that was killed may need a moment to be gone.
pub(crate) async fn launch(
    home: &Home,
    binaries: &Binaries,
    hold: &Hold,
    listen: Option<SocketAddr>,
    settings: &[(String, String)],
) -> Result<Child, Error> {
    let port = port_of(listen);
    let run = home.clear_run(port)?;
    let mut args = vec!["-D".to_owned(), home.data().display().to_string()];
    let ours = [
        (
            "listen_addresses",
            listen.map_or_else(String::new, |addr| addr.ip().to_string()),
        ),
        ("port", port.to_string()),
        // A list of quoted names: a path may hold a comma.
        ("unix_socket_directories", quoted(&run.display().to_string())),
        ("unix_socket_permissions", "0700".to_owned()),
        // Taken as it is filled. A million tasks and their indexes have a gigabyte.
        ("shared_buffers", "256MB".to_owned()),
        // After a checkpoint the first change of each page is logged as a whole page, and a task stands in a dozen of them:
        // at 1 GB, what Postgres has by itself, a busy server hardly comes out of that. What is more takes longer to replay.
        ("max_wal_size", "2GB".to_owned()),
        // Every statement is short. Compiling one whose cost is guessed too high takes longer than all of it.
        ("jit", "off".to_owned()),
        ("log_line_prefix", "%m [%p] %d ".to_owned()),
    ];
    let theirs = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()));
    for (name, value) in ours.into_iter().chain(theirs) {
        args.extend(["-c".to_owned(), format!("{name}={value}")]);
    }

    let begun = Instant::now();
    loop {
        let said_before = fs::metadata(home.log()).map_or(0, |log| log.len());
        let mut child = keeper::spawn(home, hold, &binaries.program("postgres"), &args)?;
        let failure = match wait_until_ready(&mut child, &url::socket(&run, port, "postgres")).await {
            Ok(()) => return Ok(child),
            Err(failure) => failure,
        };
        let reason = said_since(&home.log(), said_before);
        let held = ["lock file", "pre-existing shared memory block"]
            .iter()
            .any(|why| reason.contains(why));
        if !held || begun.elapsed() > PREDECESSOR {
            let reason = if reason.is_empty() { failure } else { reason };
            return Err(Error::NotStarted {
                reason,
                log: home.log(),
            });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The socket has the name of the port, also where nothing listens on one.
fn port_of(listen: Option<SocketAddr>) -> u16 {
    listen.map_or(url::PORT, |addr| addr.port())
}

async fn wait_until_ready(child: &mut Child, url: &str) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!("it ended with {status}"));
        }
        let answer = tokio::time::timeout(Duration::from_secs(5), PgConnection::connect(url)).await;
        if let Ok(Ok(connection)) = answer {
            let _ = connection.close().await;
            return Ok(());
        }
        if begun.elapsed() > START {
            return Err(format!("no answer in {} s", START.as_secs()));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Runs a program that ends by itself, and keeps what it said for the error.
pub(crate) async fn run(mut command: Command) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let output = tokio::process::Command::from(command).output().await;
    let output = output.map_err(|refused| Error::Program {
        program: program.clone(),
        output: refused.to_string(),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Program {
        program,
        output: format!("{} ({said})", output.status),
    })
}

/// An identifier as SQL text.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn keep_one_old_log(log: &Path) {
    if fs::metadata(log).is_ok_and(|log| log.len() > 1_000_000) {
        // Without it the log only grows longer.
        let _ = fs::rename(log, log.with_extension("log.old"));
    }
}

fn said_since(log: &Path, position: u64) -> String {
    let mut text = Vec::new();
    if let Ok(mut log) = fs::File::open(log)
        && log.seek(SeekFrom::Start(position)).is_ok()
    {
        // What can be read is shown; the rest is in the file.
        let _ = log.take(8 * 1024).read_to_end(&mut text);
    }
    String::from_utf8_lossy(&text).trim().to_owned()
}
