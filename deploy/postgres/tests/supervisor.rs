//! The cluster that keeps data: what is acknowledged survives everything, and nothing survives its owner.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tandem_postgres::{Cluster, Error, Options};

/// A folder that the server's user can reach even when the tests run as root.
fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::Builder::new()
        .prefix("tandem-")
        .tempdir_in("/tmp")
        .unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn options(folder: &Path) -> Options {
    Options::new(folder.join("postgres"))
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

async fn count(url: &str) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM rows")
        .fetch_one(&mut connect(url).await)
        .await
        .unwrap()
}

/// A supervisor in a process of its own, to be killed.
struct Supervisor {
    process: Child,
    url: String,
}

impl Supervisor {
    fn start(folder: &Path) -> Self {
        use std::os::unix::process::CommandExt as _;
        let mut process = Command::new(env!("CARGO_BIN_EXE_tandem-postgres"))
            .arg(folder.join("postgres"))
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        Self {
            process,
            url: url.trim().to_owned(),
        }
    }

    fn kill_group(mut self) {
        kill_process_group(pid(self.process.id()), Signal::KILL).unwrap();
        self.process.wait().unwrap();
    }
}

fn pid(raw: u32) -> Pid {
    Pid::from_raw(raw.cast_signed()).unwrap()
}

fn postmaster(folder: &Path) -> Pid {
    let file = std::fs::read_to_string(folder.join("postgres/data/postmaster.pid")).unwrap();
    Pid::from_raw(file.lines().next().unwrap().trim().parse().unwrap()).unwrap()
}

fn gone(process: Pid) -> bool {
    let raw = process.as_raw_nonzero();
    // A zombie has ended; its parent here is not ours to remind.
    let stat = std::fs::read_to_string(format!("/proc/{raw}/stat")).unwrap_or_default();
    test_kill_process(process).is_err() || stat.contains(") Z ")
}

async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < Duration::from_secs(15), "still not so: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_restart_keeps_data_and_takes_less_than_two_seconds() {
    let folder = folder();
    let cluster = Cluster::start(options(folder.path())).await.unwrap();
    cluster.create_database("tandem-auth").await.unwrap();
    cluster.create_database("tandem-auth").await.unwrap();
    let url = cluster.url("tandem-auth");
    connect(&url)
        .await
        .execute("CREATE TABLE rows (n int); INSERT INTO rows VALUES (1)")
        .await
        .unwrap();
    let server = postmaster(folder.path());
    cluster.stop().await.unwrap();
    assert!(gone(server), "stop returns when the server is gone");

    let begun = Instant::now();
    let cluster = Cluster::start(options(folder.path())).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(count(&cluster.url("tandem-auth")).await, 1);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_start_on_the_same_directory_says_who_runs_there() {
    let folder = folder();
    let mut first = options(folder.path());
    first.note = "the first one".to_owned();
    let cluster = Cluster::start(first).await.unwrap();
    let refused = Cluster::start(options(folder.path())).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Running { held, .. } if held.note == "the first one"),
        "{refused}"
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn data_is_synced_to_disk_and_no_tcp_port_is_open() {
    let folder = folder();
    let cluster = Cluster::start(options(folder.path())).await.unwrap();
    let mut admin = connect(&cluster.url("postgres")).await;
    for (setting, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("listen_addresses", ""),
    ] {
        let found: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut admin)
            .await
            .unwrap();
        assert_eq!(found, value, "{setting}");
    }
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_ends_with_a_killed_owner_and_nothing_acknowledged_is_lost() {
    let folder = folder();
    let mut acknowledged = 0;
    for round in 0..3 {
        let supervisor = Supervisor::start(folder.path());
        let mut writer = connect(&supervisor.url).await;
        writer
            .execute("CREATE TABLE IF NOT EXISTS rows (n int)")
            .await
            .unwrap();
        for _ in 0..=(round * 20) {
            writer.execute("INSERT INTO rows VALUES (1)").await.unwrap();
            acknowledged += 1;
        }
        let server = postmaster(folder.path());
        supervisor.kill_group();
        until("the server is gone", || gone(server)).await;
    }
    let cluster = Cluster::start(options(folder.path())).await.unwrap();
    assert_eq!(count(&cluster.url("postgres")).await, acknowledged);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn owner_and_server_killed_at_once_lose_nothing_acknowledged() {
    let folder = folder();
    let supervisor = Supervisor::start(folder.path());
    let url = supervisor.url.clone();
    connect(&url)
        .await
        .execute("CREATE TABLE rows (n int); INSERT INTO rows VALUES (1)")
        .await
        .unwrap();
    kill_process(postmaster(folder.path()), Signal::KILL).unwrap();
    supervisor.kill_group();

    let cluster = Cluster::start(options(folder.path())).await.unwrap();
    assert_eq!(count(&cluster.url("postgres")).await, 1);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_left_over_by_a_killed_owner_and_keeper_is_ended_by_the_next_start() {
    let folder = folder();
    let supervisor = Supervisor::start(folder.path());
    connect(&supervisor.url)
        .await
        .execute("CREATE TABLE rows (n int); INSERT INTO rows VALUES (1)")
        .await
        .unwrap();
    let server = postmaster(folder.path());
    let keeper = parent(server);
    // Stopped first, so that the keeper cannot act between the two kills.
    kill_process(keeper, Signal::STOP).unwrap();
    supervisor.kill_group();
    kill_process_group(keeper, Signal::CONT).ok();
    kill_process(keeper, Signal::KILL).unwrap();

    let cluster = Cluster::start(options(folder.path())).await.unwrap();
    assert!(gone(server));
    assert_ne!(postmaster(folder.path()), server);
    assert_eq!(count(&cluster.url("postgres")).await, 1);
    cluster.stop().await.unwrap();
}

fn parent(process: Pid) -> Pid {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap();
    let after_name = stat.rsplit(") ").next().unwrap();
    Pid::from_raw(after_name.split(' ').nth(1).unwrap().parse().unwrap()).unwrap()
}

#[tokio::test]
async fn files_of_a_dead_server_and_of_a_half_made_cluster_do_not_stop_a_start() {
    let folder = folder();
    Cluster::start(options(folder.path()))
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    let dir = folder.path().join("postgres");
    // Our own process id: alive, and no server. Postgres alone would refuse to start.
    let stranger = format!("{}\n{}\n", std::process::id(), dir.join("data").display());
    std::fs::write(dir.join("data/postmaster.pid"), &stranger).unwrap();
    std::fs::create_dir_all(dir.join("run")).unwrap();
    std::fs::write(dir.join("run/.s.PGSQL.5432.lock"), &stranger).unwrap();
    std::fs::create_dir(dir.join("data.new.1")).unwrap();
    Cluster::start(options(folder.path()))
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();

    std::fs::remove_dir_all(dir.join("data")).unwrap();
    Cluster::start(options(folder.path()))
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    assert!(!dir.join("data.new.1").exists());
}

#[tokio::test]
async fn a_long_path_with_odd_characters_works() {
    let folder = folder();
    let deep = folder
        .path()
        .join("an odd, \"long\" path 100%".to_owned() + &"x".repeat(120));
    let cluster = Cluster::start(options(&deep)).await.unwrap();
    connect(&cluster.url("postgres")).await;
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_cannot_start_is_reported_with_its_own_words() {
    let folder = folder();
    let mut wrong = options(folder.path());
    wrong.settings = vec![("max_connections".to_owned(), "many".to_owned())];
    let error = Cluster::start(wrong).await.unwrap_err().to_string();
    assert!(
        error.contains("max_connections") && error.contains("postgres.log"),
        "{error}"
    );
}

#[tokio::test]
async fn as_root_data_that_the_server_cannot_reach_goes_to_the_state_folder() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    use std::os::unix::fs::PermissionsExt as _;
    let (home, state) = (folder(), folder());
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let start = || async {
        let mut options = options(home.path());
        options.state_dir = state.path().to_owned();
        Cluster::start(options).await.unwrap()
    };
    let cluster = start().await;
    let data: PathBuf = cluster.data_dir();
    assert!(data.starts_with(state.path()));
    connect(&cluster.url("postgres"))
        .await
        .execute("CREATE TABLE rows (n int)")
        .await
        .unwrap();
    cluster.stop().await.unwrap();
    let pointer = std::fs::read_to_string(home.path().join("postgres/moved-to")).unwrap();
    assert_eq!(Path::new(pointer.trim()), data.parent().unwrap());

    let again = start().await;
    assert_eq!(count(&again.url("postgres")).await, 0);
    again.stop().await.unwrap();
}
