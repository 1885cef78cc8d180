//! A service that does nothing: what is left is what the transport, the layers and the token cost.

use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chassis::config::{ServerConfig, Settings};
use chassis::{Clock, Health, Metrics, Server};
use proto::access_token::{Audience, Keyring, Verifier, authenticate};
use proto::tasks::v1::Task;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::calls;
use crate::load::Call;
use crate::town::Town;
use stubs::echo_service_client::EchoServiceClient;
use stubs::echo_service_server::{EchoService, EchoServiceServer};

#[allow(missing_docs, clippy::all, unreachable_pub, reason = "generated")]
mod stubs {
    tonic::include_proto!("tandem.bench.v1.EchoService");
}

/// What stands before the echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// tonic alone, with the HTTP/2 settings of the chassis; it writes each answer out by itself.
    Bare,
    /// The layers of the chassis, open to everybody.
    Layered,
    /// The same, and the interceptor that verifies tokens.
    Verified,
}

/// An echo server in a process of its own.
pub(crate) struct EchoProcess {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl EchoProcess {
    /// Starts this program once more, as a server; its log goes to `folder`.
    pub(crate) async fn start(kind: Kind, token_keys: &str, folder: &Path) -> anyhow::Result<Self> {
        let name = clap::ValueEnum::to_possible_value(&kind).context("every kind has a name")?;
        let log = folder.join(format!("{}-echo.log", name.get_name()));
        let mut child = Command::new(std::env::current_exe()?)
            .args(["echo", name.get_name()])
            .env_clear()
            .env("TANDEM_TOKEN_KEYS", token_keys)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .context("starting an echo server")?;
        let stdout = child.stdout.take().context("the echo server has an output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).await?;
        ensure!(
            !line.is_empty(),
            "the {} echo server did not start: {}",
            name.get_name(),
            std::fs::read_to_string(&log).unwrap_or_default()
        );
        Ok(Self {
            child,
            address: line.trim().parse()?,
        })
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }
}

/// Is the server: says where it listens, and ends when whoever started it is gone.
pub(crate) async fn serve(kind: Kind) -> anyhow::Result<()> {
    let mut settings = Settings::from_env();
    let token_keys = settings.required_secret("TANDEM_TOKEN_KEYS");
    let verifier = verifier(settings.finish_some(token_keys)?.expose())?;
    // Reflection would have nothing to say about a service that no .proto file describes.
    let config = ServerConfig {
        reflection: false,
        ..ServerConfig::loopback()
    };

    let listener = chassis::bind(config.addr, config.addr_setting).await?;
    println!("{}", listener.local_addr()?);
    let shutdown = CancellationToken::new();
    let ended = shutdown.clone();
    std::thread::spawn(move || end_with_input(&ended));

    let bare = EchoServiceServer::new(Mirror);
    if kind == Kind::Bare {
        let server = chassis::transport(&config)?.add_service(bare);
        return Ok(server
            .serve_with_incoming_shutdown(chassis::incoming(listener), shutdown.cancelled_owned())
            .await?);
    }
    // Spans cost something only when somebody may write them down.
    chassis::telemetry::init("echo");
    let server = Server::new(config, Health::new(&[]), Metrics::new());
    let server = match kind {
        Kind::Verified => server.service(InterceptedService::new(bare, authenticate(Arc::new(verifier)))),
        Kind::Bare | Kind::Layered => server.service(bare),
    };
    Ok(server.serve(listener, shutdown).await?)
}

fn end_with_input(shutdown: &CancellationToken) {
    // Nothing is ever written there; it ends with its other side, however that ends.
    let _ = std::io::stdin().read(&mut [0]);
    shutdown.cancel();
}

pub(crate) fn verifier(token_keys: &str) -> anyhow::Result<Verifier> {
    let keyring = Keyring::parse(token_keys).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let clock = Clock::system();
    Ok(Verifier::new(&keyring, Audience::Tasks, move || {
        clock.unix_seconds()
    }))
}

#[derive(Debug, Clone, Copy)]
struct Mirror;

#[tonic::async_trait]
impl EchoService for Mirror {
    async fn echo(&self, request: Request<Task>) -> Result<Response<Task>, Status> {
        Ok(Response::new(request.into_inner()))
    }
}

/// Sends a task of the town and gets it back, so that the message is that of GetTask's answer.
#[derive(Clone)]
pub(crate) struct Echo {
    client: EchoServiceClient<Channel>,
    town: Arc<Town>,
    with_token: bool,
}

impl Echo {
    pub(crate) fn new(kind: Kind, channel: Channel, town: Arc<Town>) -> Self {
        Self {
            client: EchoServiceClient::new(channel),
            town,
            with_token: kind == Kind::Verified,
        }
    }
}

impl Call for Echo {
    async fn call(&mut self) -> Result<(), Status> {
        let turn = self.town.turn();
        let bearer = self.with_token.then_some(turn.bearer);
        let request = calls::request(self.town.sample.clone(), bearer);
        self.client.echo(request).await.map(drop)
    }
}
