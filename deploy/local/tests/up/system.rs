//! A `tandem` of a test's own: free ports, its own data directory, and nothing left when the test ends.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// What may take long on a machine that is busy with other tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const AUTH: &str = "tandem.auth.v1.AuthService";
const TASKS: &str = "tandem.tasks.v1.TaskService";

/// Where and how to start it.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) auth: SocketAddr,
    pub(crate) tasks: SocketAddr,
    pub(crate) web: SocketAddr,
}

impl Place {
    /// Free ports, and a web app that need not be built.
    pub(crate) fn new() -> Self {
        // Under /tmp and open, so that root's Postgres user reaches it too.
        let folder = tempfile::Builder::new()
            .prefix("tandem-up-")
            .tempdir_in("/tmp")
            .unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let app = folder.path().join("app");
        std::fs::create_dir_all(app.join("assets")).unwrap();
        std::fs::write(app.join("index.html"), "<!doctype html><title>the app</title>").unwrap();
        // What is compressed is told apart by what it says: nobody unpacks it here.
        std::fs::write(app.join("index.html.br"), "the app as Brotli").unwrap();
        std::fs::write(app.join("index.html.gz"), "the app as gzip").unwrap();
        std::fs::write(app.join("assets/app.js"), "export {}").unwrap();
        let [auth, tasks, web] = [free_addr(), free_addr(), free_addr()];
        let mut place = Self {
            folder,
            variables: BTreeMap::new(),
            auth,
            tasks,
            web,
        };
        place.set("TANDEM_DATA_DIR", place.data().display());
        place.set("TANDEM_AUTH_ADDR", auth);
        place.set("TANDEM_TASKS_ADDR", tasks);
        place.set("TANDEM_WEB_ADDR", web);
        place.set("TANDEM_WEB_ROOT", app.display());
        place
    }

    pub(crate) fn set(&mut self, name: &str, value: impl ToString) {
        self.variables.insert(name.to_owned(), value.to_string());
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts and does not wait; a process group of its own, as a shell would give it.
    pub(crate) fn start(&self) -> System<'_> {
        let log = std::fs::File::create(self.log_file()).unwrap();
        let mut command = self.command(&["up"]);
        command
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0);
        System {
            place: self,
            child: command.spawn().unwrap(),
        }
    }

    /// Starts, and waits until both services say that they are ready and the screen is there.
    pub(crate) async fn up(&self) -> System<'_> {
        let mut system = self.start();
        system.wait_for_the_screen().await;
        for (addr, service) in [
            (self.auth, AUTH),
            (self.tasks, TASKS),
            (self.auth, ""),
            (self.tasks, ""),
        ] {
            chassis::probe::check(&format!("http://{addr}"), service)
                .await
                .unwrap();
        }
        system
    }

    /// Runs a start that is expected to be refused.
    pub(crate) fn refused(&self) -> String {
        let output: Output = self.command(&[]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{said}");
        said
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        #[allow(clippy::disallowed_methods, reason = "to take them away, not to read them")]
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TANDEM_"))
        {
            command.env_remove(name);
        }
        command.envs(&self.variables);
        command
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

/// A running `tandem up`, ended with the test.
pub(crate) struct System<'a> {
    place: &'a Place,
    child: Child,
}

impl System<'_> {
    pub(crate) async fn wait_for_the_screen(&mut self) {
        until(
            &format!("the screen of {}", self.place.log_file().display()),
            || {
                if let Some(status) = self.child.try_wait().unwrap() {
                    panic!("it ended with {status}:\n{}", self.place.log());
                }
                self.place.log().contains("Tandem is running.")
            },
        )
        .await;
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut ended = None;
        until("it has ended", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        })
        .await;
        ended.unwrap()
    }

    /// Everything that it started, and what those started, itself first.
    pub(crate) fn processes(&self) -> Vec<Pid> {
        let mut family = vec![self.pid()];
        let all = processes_and_parents();
        let mut next = 0;
        while let Some(&parent) = family.get(next) {
            family.extend(
                all.iter()
                    .filter(|(_, its)| *its == parent)
                    .map(|(child, _)| *child),
            );
            next += 1;
        }
        family
    }

    /// The process that was told to be this part.
    pub(crate) fn part(&self, name: &str) -> Pid {
        let is = |pid: &&Pid| {
            let line = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).unwrap_or_default();
            line.split(|byte| *byte == 0).nth(1) == Some(name.as_bytes())
        };
        *self.processes().iter().find(is).unwrap()
    }
}

impl Drop for System<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.place.log());
        }
        // Its parts and its Postgres end with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn processes_and_parents() -> Vec<(Pid, Pid)> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let pairs = numbers.filter_map(|number| {
        let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
        let parent = stat.rsplit(") ").next()?.split(' ').nth(1)?.parse().ok()?;
        Some((Pid::from_raw(number)?, Pid::from_raw(parent)?))
    });
    pairs.collect()
}

/// Whether the process is no more; one that nobody has waited for yet is no more either.
pub(crate) fn gone(process: Pid) -> bool {
    let stat =
        std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
    test_kill_process(process).is_err() || stat.contains(") Z ")
}

pub(crate) async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < PATIENCE, "still not so: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An address that nothing uses, below the range from which the system takes ports by itself.
pub(crate) fn free_addr() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let seed = u16::try_from(std::process::id() % 1000).unwrap() * 10;
    loop {
        let port = 20000 + (seed + NEXT.fetch_add(1, Ordering::Relaxed)) % 12000;
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(addr).is_ok() {
            return addr;
        }
    }
}

/// One request over a connection of its own; the whole answer as text.
pub(crate) fn http(addr: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut connection = TcpStream::connect(addr).unwrap();
    let mut request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        request += &format!("host: {addr}\r\n");
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    connection
        .write_all(format!("{request}content-length: 0\r\n\r\n").as_bytes())
        .unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A program of that name in a folder, doing what the script says.
pub(crate) fn program(folder: &Path, name: &str, script: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
