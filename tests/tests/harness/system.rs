//! `tandem up` as a process, in a data directory of its own.
//!
//! Most stories share one system, which ends with the last of them. None outlives the test, even one that is killed:
//! a shell reads from a pipe that only the test holds open, and stops `tandem` when it closes.

use std::fs::{File, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use proto::auth::v1::account_service_client::AccountServiceClient;
use proto::auth::v1::auth_service_client::AuthServiceClient;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tandem_postgres::Cluster;
use tempfile::TempDir;
use tokio::sync::Mutex;
use tonic::transport::{Channel, Endpoint};

use super::binary::tandem;
use super::environment::variable;
use super::grpc_web;
use super::ports::six_addresses;
use super::processes::{Part, descendants};

/// npm may have to install and build the web app first.
const LONGEST_START: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(10);
/// Becomes its arguments, and leaves a child behind that stops them when standard input closes.
const LEASHED: &str = r#"exec 3<&0
{ cat <&3 >/dev/null; kill -TERM $$ 2>/dev/null; } 3<&3 &
exec 3<&-
exec "$@" </dev/null"#;

/// What the service `reports` proves itself with. It may act for people, to read.
pub(crate) const REPORTS_SECRET: &str = "c2VjcmV0IG9mIHJlcG9ydHMsIGZvciBubyBkZXBsb3ltZW50";

/// What the service `cleaner` proves itself with. It may have all that task-service holds of a person deleted.
pub(crate) const CLEANER_SECRET: &str = "c2VjcmV0IG9mIGNsZWFuZXIsIGZvciBubyBkZXBsb3ltZW50";

/// A running system.
pub(crate) struct System {
    pub(crate) auth: SocketAddr,
    pub(crate) tasks: SocketAddr,
    pub(crate) web: SocketAddr,
    pub(crate) auth_metrics: SocketAddr,
    pub(crate) tasks_metrics: SocketAddr,
    /// Where pages of another origin, which may call the services, can be served.
    pub(crate) elsewhere: SocketAddr,
    folder: TempDir,
    builds_web_app: bool,
    child: Option<Child>,
}

impl System {
    /// The system that stories share: they sign up people of their own and look at nobody else.
    pub(crate) async fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<System>> = Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(system) = shared.upgrade() {
            return system;
        }
        let system = Arc::new(Self::start().await);
        *shared = Arc::downgrade(&system);
        system
    }

    /// A system of one's own, with a page in place of the web app.
    pub(crate) async fn start() -> Self {
        Self::in_a_new_folder(false).await
    }

    /// A system of one's own that builds and serves the web app.
    pub(crate) async fn start_with_web_app() -> Self {
        Self::in_a_new_folder(true).await
    }

    async fn in_a_new_folder(builds_web_app: bool) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("tandem-whole-")
            // Postgres may run as somebody else, who must get through to its own, private folder in here.
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temporary folder can be made");
        let [auth, tasks, web, auth_metrics, tasks_metrics, elsewhere] = six_addresses();
        let mut system = Self {
            auth,
            tasks,
            web,
            auth_metrics,
            tasks_metrics,
            elsewhere,
            folder,
            builds_web_app,
            child: None,
        };
        system.start_again().await;
        system
    }

    /// Starts on the same directory and addresses, and tells how long it took until everything answered.
    pub(crate) async fn start_again(&mut self) -> Duration {
        let program = tandem();
        let begun = Instant::now();
        self.child = Some(self.command(program).spawn().expect("a shell can be started"));
        while !self.is_ready().await {
            let ended = self.child.as_mut().expect("just started").try_wait();
            let ended = ended.expect("our own child can be asked");
            assert!(ended.is_none(), "tandem ended with {ended:?}\n{}", self.log());
            assert!(
                begun.elapsed() < LONGEST_START,
                "tandem is not ready\n{}",
                self.log()
            );
            tokio::time::sleep(PAUSE).await;
        }
        begun.elapsed()
    }

    fn command(&self, program: &Path) -> Command {
        let log = File::options().create(true).append(true).open(self.log_file());
        let log = log.expect("the log can be written");
        let mut command = Command::new("sh");
        command
            .args(["-c", LEASHED, "sh"])
            .arg(program)
            .arg("up")
            .env_clear();
        for name in ["PATH", "HOME", "TANDEM_POSTGRES_BIN", "RUST_LOG"] {
            command.envs(variable(name).map(|value| (name, value)));
        }
        command
            .env("TANDEM_DATA_DIR", self.data_dir())
            .env("TANDEM_AUTH_ADDR", self.auth.to_string())
            .env("TANDEM_TASKS_ADDR", self.tasks.to_string())
            .env("TANDEM_WEB_ADDR", self.web.to_string())
            .env("TANDEM_METRICS_ADDR", self.auth_metrics.to_string())
            .env("TANDEM_ALLOWED_ORIGINS", format!("http://{}", self.elsewhere))
            .env(
                "TANDEM_SERVICE_CREDENTIALS",
                format!("reports:{REPORTS_SECRET}:tasks.read,cleaner:{CLEANER_SECRET}:owners.purge"),
            )
            // At the end of a test the other ends of its connections stand still.
            .env("TANDEM_DRAIN_TIMEOUT_MS", "300");
        if !self.builds_web_app {
            let root = self.folder.path().join("web");
            std::fs::create_dir_all(&root).expect("a folder can be made");
            std::fs::write(root.join("index.html"), "<title>A page</title>").expect("a page can be written");
            command.env("TANDEM_WEB_ROOT", root);
        }
        command
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .process_group(0);
        command
    }

    async fn is_ready(&self) -> bool {
        let services = [
            (self.auth, "tandem.auth.v1.AuthService"),
            (self.tasks, "tandem.tasks.v1.TaskService"),
        ];
        for (address, service) in services {
            if chassis::probe::check(&format!("http://{address}"), service)
                .await
                .is_err()
            {
                return false;
            }
        }
        grpc_web::get(self.web, "/healthz")
            .await
            .is_ok_and(|page| page.status().is_success())
    }

    /// Where it keeps its data.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// How to reach one of its databases from beside it.
    pub(crate) fn database_url(&self, database: &str) -> String {
        let postgres = self.data_dir().join("postgres");
        Cluster::url_of_running(&postgres, database).expect("its Postgres runs")
    }

    /// The value of `TANDEM_TOKEN_KEYS` that it made for itself.
    pub(crate) fn token_keys(&self) -> String {
        let file = self.data_dir().join("secrets/token_keys");
        let keys = std::fs::read_to_string(file).expect("the first start makes keys");
        keys.trim_end().to_owned()
    }

    /// The origin that people open.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.web)
    }

    /// A connection of one's own to auth-service.
    pub(crate) fn auth_channel(&self) -> Channel {
        channel(self.auth)
    }

    /// A connection of one's own to task-service.
    pub(crate) fn tasks_channel(&self) -> Channel {
        channel(self.tasks)
    }

    pub(crate) fn auth_service(&self) -> AuthServiceClient<Channel> {
        AuthServiceClient::new(self.auth_channel())
    }

    pub(crate) fn account_service(&self) -> AccountServiceClient<Channel> {
        AccountServiceClient::new(self.auth_channel())
    }

    pub(crate) fn task_service(&self) -> TaskServiceClient<Channel> {
        TaskServiceClient::new(self.tasks_channel())
    }

    /// Sends what Ctrl-C sends, and waits for the end.
    pub(crate) async fn interrupt(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        // Waiting closes standard input, and the leash would add a second signal.
        let leash = child.stdin.take();
        kill_process(pid(&child), Signal::INT).expect("our own child can be signalled");
        // Not on this thread, on which our own ends of connections have to be closed.
        let ended = tokio::task::spawn_blocking(move || child.wait()).await;
        drop(leash);
        let ended = ended.expect("waiting does not panic");
        ended.expect("our own child can be waited for")
    }

    /// Ends the processes of one part at once, and waits until the rest has ended for it.
    pub(crate) async fn crash(&mut self, part: Part) {
        let mut child = self.child.take().expect("it runs");
        let leash = child.stdin.take();
        let processes = descendants(child.id());
        let killed = processes.into_iter().filter(|process| part.is(*process));
        let killed = killed.filter(|process| kill_process(*process, Signal::KILL).is_ok());
        assert!(killed.count() > 0, "{part:?} does not run");
        let ended = tokio::task::spawn_blocking(move || child.wait()).await;
        drop(leash);
        let ended = ended.expect("waiting does not panic");
        ended.expect("our own child can be waited for");
    }

    /// Ends every process of it at once, as a crash of the machine's user session would.
    pub(crate) fn kill_all(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let descendants = descendants(child.id());
        kill_process_group(pid(&child), Signal::KILL).expect("our own group can be killed");
        for process in descendants {
            // Some are of the group and gone already.
            let _ = kill_process(process, Signal::KILL);
        }
        child.wait().expect("our own child can be waited for");
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// All that it has said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }
}

impl Drop for System {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

pub(super) fn channel(address: SocketAddr) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address makes a URL");
    // A call that hangs is an error of a test and not a hang of the run.
    endpoint.timeout(Duration::from_secs(30)).connect_lazy()
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}
