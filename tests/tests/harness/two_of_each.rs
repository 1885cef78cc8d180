//! Two replicas of each service on databases of their own, as processes that can be started anew one after the other, and
//! a client that has the addresses of both.
//!
//! Each ends with the test, even one that is killed: `--with-parent` watches a pipe that only the test holds open.

use std::error::Error as _;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::migrate::Migrator;
use tandem_postgres::test::{self, TestDatabase};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use super::binary::tandem;
use super::environment::{repository, variable};
use super::ports::six_addresses;

const LONGEST_START: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);
/// What task-service proves itself with at auth-service.
const TASKS_SECRET: &str = "c2VjcmV0IG9mIHRhc2stc2VydmljZSwgZm9yIG5vIGRlcGxveW1lbnQ";

/// The keys that each service is given.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) auth: String,
    pub(crate) tasks: String,
}

/// Both services, twice.
pub(crate) struct TwoOfEach {
    auth: [Replica; 2],
    tasks: [Replica; 2],
    auth_database: TestDatabase,
    tasks_database: TestDatabase,
}

impl TwoOfEach {
    pub(crate) async fn start(keys: &Keys) -> Self {
        let [a, b, c, d, ..] = six_addresses();
        let mut replicas = Self {
            auth: [a, b].map(|address| Replica::at(address, "auth-service", "tandem.auth.v1.AuthService")),
            tasks: [c, d].map(|address| Replica::at(address, "task-service", "tandem.tasks.v1.TaskService")),
            auth_database: database("auth-service").await,
            tasks_database: database("task-service").await,
        };
        replicas.restart_with(keys).await;
        replicas
    }

    /// Gives all four other keys, one after the other; each is asked to end and drains.
    pub(crate) async fn restart_with(&mut self, keys: &Keys) {
        let auth_url = self.auth_database.url();
        for replica in &mut self.auth {
            let credentials = format!("task-service:{TASKS_SECRET}:revocations.read");
            let settings = [
                ("TANDEM_AUTH_ADDR", replica.address.to_string()),
                ("TANDEM_AUTH_DATABASE_URL", auth_url.clone()),
                ("TANDEM_TOKEN_KEYS", keys.auth.clone()),
                ("TANDEM_SERVICE_CREDENTIALS", credentials),
            ];
            replica.restart(&settings).await;
        }
        for (place, replica) in self.tasks.iter_mut().enumerate() {
            let settings = [
                ("TANDEM_TASKS_ADDR", replica.address.to_string()),
                ("TANDEM_TASKS_DATABASE_URL", self.tasks_database.url()),
                ("TANDEM_TOKEN_KEYS", keys.tasks.clone()),
                ("TANDEM_AUTH_URL", format!("http://{}", self.auth[place].address)),
                (
                    "TANDEM_SERVICE_CREDENTIALS",
                    format!("task-service:{TASKS_SECRET}"),
                ),
            ];
            replica.restart(&settings).await;
        }
    }

    pub(crate) fn auth(&self) -> Both {
        Both::of(&self.auth)
    }

    pub(crate) fn tasks(&self) -> Both {
        Both::of(&self.tasks)
    }
}

async fn database(service: &str) -> TestDatabase {
    let migrations = Migrator::new(repository().join(service).join("migrations")).await;
    // Databases for tests are lent for as long as the process lives.
    let migrations: &'static Migrator = Box::leak(Box::new(migrations.expect("the migrations can be read")));
    test::database(service, migrations).await
}

struct Replica {
    address: SocketAddr,
    part: &'static str,
    service: &'static str,
    child: Option<Child>,
}

impl Replica {
    fn at(address: SocketAddr, part: &'static str, service: &'static str) -> Self {
        Self {
            address,
            part,
            service,
            child: None,
        }
    }

    async fn restart(&mut self, settings: &[(&str, String)]) {
        if let Some(mut child) = self.child.take() {
            kill_process(Pid::from_child(&child), Signal::TERM).expect("our own child can be signalled");
            // Waiting closes standard input, which would end it before it has drained.
            let leash = child.stdin.take();
            let ended = tokio::task::spawn_blocking(move || child.wait()).await;
            let ended = ended.expect("waiting does not panic").expect("our own child");
            drop(leash);
            assert!(ended.success(), "{} ended with {ended}", self.part);
        }
        let mut command = Command::new(tandem());
        command.args([self.part, "--with-parent"]).env_clear();
        command.env("RUST_LOG", "error");
        for name in ["PATH", "HOME", "RUST_LOG"] {
            command.envs(variable(name).map(|value| (name, value)));
        }
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let child = command.spawn().expect("it was built");
        self.child = Some(child);
        let begun = Instant::now();
        let url = format!("http://{}", self.address);
        while chassis::probe::check(&url, self.service).await.is_err() {
            assert!(begun.elapsed() < LONGEST_START, "{} is not ready", self.part);
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

/// A client's way to a service: the other replica when one does not take the call, as a load balancer would have it.
#[derive(Clone)]
pub(crate) struct Both {
    channels: [Channel; 2],
    first: usize,
}

impl Both {
    fn of(replicas: &[Replica; 2]) -> Self {
        let channel = |replica: &Replica| {
            let endpoint = Endpoint::from_shared(format!("http://{}", replica.address));
            let endpoint = endpoint.expect("an address makes a URL");
            endpoint.timeout(Duration::from_secs(30)).connect_lazy()
        };
        Self {
            channels: replicas.each_ref().map(channel),
            first: 0,
        }
    }

    /// Each of the two alone.
    pub(crate) fn each(&self) -> [Channel; 2] {
        self.channels.clone()
    }

    /// Calls one, and the other when that one does not take it; the next call begins with the other.
    pub(crate) async fn call<T>(
        &mut self,
        call: impl AsyncFn(Channel) -> Result<T, Status>,
    ) -> Result<T, Status> {
        const TRIES: usize = 4;
        self.first += 1;
        let mut refused = Status::internal("not tried");
        for attempt in 0..TRIES {
            match call(self.channels[(self.first + attempt) % 2].clone()).await {
                Err(status) if was_not_taken(&status) => refused = status,
                answer => return answer,
            }
            tokio::time::sleep(PAUSE * u32::from(attempt > 0)).await;
        }
        Err(refused)
    }
}

/// UNAVAILABLE, and what tonic says of a call that was still in its own queue when the connection closed: CANCELLED, from
/// its transport and not from the server. hyper hands such a request back unsent.
fn was_not_taken(status: &Status) -> bool {
    let is_ours = status
        .source()
        .is_some_and(|source| source.is::<tonic::transport::Error>());
    match status.code() {
        Code::Unavailable => true,
        Code::Cancelled => is_ours,
        _ => false,
    }
}
