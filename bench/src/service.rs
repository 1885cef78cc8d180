//! One of the two services as a process of its own: the release binary beside this one.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::process::{Child, Command};
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

const LONGEST_START: Duration = Duration::from_secs(20);
/// No call of a row waits longer; a server that hangs is an error and not a hang of the load run.
const LONGEST_CALL: Duration = Duration::from_secs(10);
/// Where services listen: below the range from which the system takes ports for outgoing connections.
const PORTS: std::ops::Range<u16> = 21_000..31_000;

/// How a service is started.
#[derive(Clone)]
pub(crate) struct Service {
    program: PathBuf,
    settings: Vec<(&'static str, String)>,
    log: PathBuf,
    pub(crate) address: SocketAddr,
}

/// A service that answered.
pub(crate) struct Running {
    service: Service,
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its start to its first answer.
    pub(crate) ready: Duration,
}

impl Service {
    /// The program of that name beside this one; its log goes to `folder`.
    pub(crate) fn new(
        name: &str,
        address_setting: &'static str,
        mut settings: Vec<(&'static str, String)>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?.with_file_name(name);
        if !program.is_file() {
            bail!(
                "there is no {}; build it with: cargo build --release -p auth-service -p task-service",
                program.display()
            );
        }
        let address = free_address()?;
        settings.push((address_setting, address.to_string()));
        Ok(Self {
            program,
            settings,
            log: folder.join(format!("{name}.log")),
            address,
        })
    }

    /// Starts it and repeats `call` until it is answered.
    pub(crate) async fn start<T>(
        self,
        call: impl AsyncFn(Channel) -> Result<T, Status>,
    ) -> anyhow::Result<(Running, T)> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let endpoint = endpoint(self.address)?;
        let begun = Instant::now();
        let mut child = Command::new(&self.program)
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        loop {
            let failure = match endpoint.connect().await {
                Ok(channel) => match call(channel).await {
                    Ok(answer) => {
                        let running = Running {
                            ready: begun.elapsed(),
                            address: self.address,
                            service: self,
                            child,
                        };
                        return Ok((running, answer));
                    }
                    Err(status) => status.to_string(),
                },
                Err(refused) => refused.to_string(),
            };
            if let Some(status) = child.try_wait()? {
                bail!(self.complaint(&format!("ended with {status}")));
            }
            if begun.elapsed() > LONGEST_START {
                bail!(self.complaint(&failure));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn complaint(&self, what: &str) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        format!("{}: {what}\n{log}", self.program.display())
    }
}

impl Running {
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends it and starts it once more, on a database that it migrated before.
    pub(crate) async fn restart<T>(
        &mut self,
        call: impl AsyncFn(Channel) -> Result<T, Status>,
    ) -> anyhow::Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        *self = self.service.clone().start(call).await?.0;
        Ok(())
    }

    /// A connection of one's own.
    pub(crate) async fn connect(&self) -> anyhow::Result<Channel> {
        Ok(endpoint(self.address)?.connect().await?)
    }

    /// Ends it as a crash would: there is nothing in it that is not in Postgres.
    pub(crate) async fn kill(mut self) -> std::io::Result<ExitStatus> {
        self.child.start_kill()?;
        self.child.wait().await
    }
}

/// A connection to be made; one each, so that several are really several.
pub(crate) fn endpoint(address: SocketAddr) -> anyhow::Result<Endpoint> {
    Ok(Endpoint::from_shared(format!("http://{address}"))?.timeout(LONGEST_CALL))
}

/// A port that nobody listens on, and that was not given out before: services bind theirs later.
fn free_address() -> anyhow::Result<SocketAddr> {
    static GIVEN_OUT: AtomicU16 = AtomicU16::new(0);
    // Several runs at once begin at different places.
    let begin = PORTS.start + u16::try_from(std::process::id() % 5_000)?;
    std::iter::repeat_with(|| begin + GIVEN_OUT.fetch_add(1, Ordering::Relaxed))
        .take_while(|port| PORTS.contains(port))
        .map(|port| SocketAddr::from(([127, 0, 0, 1], port)))
        .find(|address| TcpListener::bind(address).is_ok())
        .context("no free port")
}
