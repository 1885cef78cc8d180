//! Two replicas of auth-service on one database and a task-service that hears of revocations from the first, each a
//! process that can be killed and started again. No story can do so with `tandem up`, which ends with any of its parts.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use proto::auth::v1::auth_service_client::AuthServiceClient;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use sqlx::migrate::Migrator;
use tandem_postgres::test::TestDatabase;
use tempfile::TempDir;
use tonic::transport::Channel;

use super::binary::tandem;
use super::environment::{repository, variable};
use super::ports::six_addresses;
use super::system::channel;

/// The key of no deployment.
const KEYS: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const CREDENTIAL: &str = "tasks:dGFza3MgZm9yIHRoZSB0ZXN0cyBvbmx5LCBhbmQgbm9uZQ";
const LONGEST_START: Duration = Duration::from_secs(60);
const AUTH: &str = "tandem.auth.v1.AuthService";

/// They end with this value; a process ends with whoever holds its standard input, even when this one is killed.
pub(crate) struct Replicas {
    auth: [Process; 2],
    tasks: Process,
    _databases: [TestDatabase; 2],
    _folder: TempDir,
}

struct Process {
    command: Command,
    address: SocketAddr,
    service: &'static str,
    child: Option<Child>,
}

impl Replicas {
    pub(crate) async fn start() -> Self {
        let databases = [database("auth-service").await, database("task-service").await];
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let [one, two, tasks, ..] = six_addresses();
        let log = || File::create(folder.path().join("log")).expect("a log can be written");
        let auth = [one, two].map(|address| {
            let mut process = Process::new("auth-service", AUTH, address, log());
            process
                .command
                .env("TANDEM_AUTH_ADDR", address.to_string())
                .env("TANDEM_AUTH_DATABASE_URL", databases[0].url())
                .env(
                    "TANDEM_SERVICE_CREDENTIALS",
                    format!("{CREDENTIAL}:revocations.read"),
                );
            process
        });
        let mut tasks = Process::new("task-service", "tandem.tasks.v1.TaskService", tasks, log());
        tasks
            .command
            .env("TANDEM_TASKS_ADDR", tasks.address.to_string())
            .env("TANDEM_TASKS_DATABASE_URL", databases[1].url())
            .env("TANDEM_AUTH_URL", format!("http://{one}"))
            .env("TANDEM_SERVICE_CREDENTIALS", CREDENTIAL);
        let mut replicas = Self {
            auth,
            tasks,
            _databases: databases,
            _folder: folder,
        };
        for process in replicas.auth.iter_mut().chain([&mut replicas.tasks]) {
            process.start();
        }
        for process in replicas.auth.iter().chain([&replicas.tasks]) {
            process.until_ready().await;
        }
        replicas
    }

    /// A connection of one's own to each auth-service.
    pub(crate) fn auth_channels(&self) -> [Channel; 2] {
        [channel(self.auth[0].address), channel(self.auth[1].address)]
    }

    pub(crate) fn auth_services(&self) -> [AuthServiceClient<Channel>; 2] {
        self.auth_channels().map(AuthServiceClient::new)
    }

    pub(crate) fn task_service(&self) -> TaskServiceClient<Channel> {
        TaskServiceClient::new(channel(self.tasks.address))
    }

    /// Ends the auth-service that task-service hears of revocations from, as a crash would.
    pub(crate) fn kill_first(&mut self) {
        self.auth[0].kill();
    }

    /// Starts it again, without waiting for it.
    pub(crate) fn start_first(&mut self) {
        self.auth[0].start();
    }

    /// Waits until it takes calls.
    pub(crate) async fn until_first_is_ready(&self) {
        self.auth[0].until_ready().await;
    }
}

impl Process {
    fn new(part: &str, service: &'static str, address: SocketAddr, log: File) -> Self {
        let mut command = Command::new(tandem());
        command.args([part, "--with-parent"]).env_clear();
        for name in ["PATH", "HOME", "RUST_LOG"] {
            command.envs(variable(name).map(|value| (name, value)));
        }
        command
            .env("TANDEM_TOKEN_KEYS", KEYS)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log);
        Self {
            command,
            address,
            service,
            child: None,
        }
    }

    fn start(&mut self) {
        self.child = Some(self.command.spawn().expect("a process can be started"));
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("our own child can be killed");
            child.wait().expect("our own child can be waited for");
        }
    }

    async fn until_ready(&self) {
        let begun = Instant::now();
        let url = format!("http://{}", self.address);
        while chassis::probe::check(&url, self.service).await.is_err() {
            assert!(begun.elapsed() < LONGEST_START, "{} is not ready", self.service);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn database(service: &str) -> TestDatabase {
    let migrations = Migrator::new(repository().join(service).join("migrations")).await;
    // Databases for tests are lent for as long as the process lives.
    let migrations: &'static Migrator = Box::leak(Box::new(migrations.expect("the migrations can be read")));
    tandem_postgres::test::database(service, migrations).await
}
