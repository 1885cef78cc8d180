//! The real binary as a process of its own, for what can only be seen from outside: its memory, and what its threads do to
//! each other.

use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use proto::auth::v1::account_service_client::AccountServiceClient;
use proto::auth::v1::auth_service_client::AuthServiceClient;
use tandem_postgres::test::{self, TestDatabase};
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};

use super::KEYS;

const LONGEST_START: Duration = Duration::from_secs(30);

/// auth-service in a process, on a database of its own; both end with this value.
pub(crate) struct OwnProcess {
    child: Child,
    addr: SocketAddr,
    _database: TestDatabase,
}

impl OwnProcess {
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Self {
        let database = test::database("auth-service", &auth_service::MIGRATOR).await;
        let addr = free_address().await;
        let child = Command::new(env!("CARGO_BIN_EXE_auth-service"))
            .env_clear()
            .env("TANDEM_AUTH_ADDR", addr.to_string())
            .env("TANDEM_AUTH_DATABASE_URL", database.url())
            .env("TANDEM_TOKEN_KEYS", KEYS)
            .env("RUST_LOG", "error")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        let process = Self {
            child,
            addr,
            _database: database,
        };
        let ready = async {
            let url = format!("http://{addr}");
            while chassis::probe::check(&url, "tandem.auth.v1.AuthService")
                .await
                .is_err()
            {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(LONGEST_START, ready)
            .await
            .expect("ready in time");
        process
    }

    /// A connection of one's own.
    pub(crate) fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.addr)).expect("an address");
        endpoint.connect_lazy()
    }

    pub(crate) fn auth(&self) -> AuthServiceClient<Channel> {
        AuthServiceClient::new(self.channel())
    }

    pub(crate) fn account(&self) -> AccountServiceClient<Channel> {
        AccountServiceClient::new(self.channel())
    }

    /// Memory in RAM, now and at the most since the start, in MiB (proc_pid_status(5)).
    pub(crate) fn memory_mib(&self) -> (f64, f64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
            kib.and_then(|kib| kib.trim().parse::<f64>().ok())
                .expect("a size")
                / 1024.0
        };
        (field("VmRSS:"), field("VmHWM:"))
    }
}

impl Drop for OwnProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process binds it in a moment. Nothing else of the machine is likely to take it before.
async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("bound")
}
