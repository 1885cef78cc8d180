//! The command line. Everything else is a setting in the environment, so that containers, shells and `tandem up`
//! itself say it in the same way.

use std::future::Future;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::{lifeline, operate, up, web};

const SETTINGS: &str = "\
Settings of `tandem up`, all optional, read from the environment:
  TANDEM_DATA_DIR            where Postgres and secrets are kept              [.tandem]
  TANDEM_AUTH_ADDR           where auth-service listens                       [127.0.0.1:50051]
  TANDEM_TASKS_ADDR          where task-service listens                       [127.0.0.1:50052]
  TANDEM_WEB_ADDR            where the web app and both APIs share an origin  [127.0.0.1:8080]
  TANDEM_METRICS_ADDR        Prometheus metrics of auth-service; task-service takes the next port  [none]
  TANDEM_AUTH_DATABASE_URL   database of auth-service                         [a Postgres of our own]
  TANDEM_TASKS_DATABASE_URL  database of task-service                         [a Postgres of our own]
  TANDEM_TOKEN_KEYS          kid:key, comma separated, keys in base64         [made on first start]
  TANDEM_AUTH_URL, TANDEM_TASKS_URL  where the web origin reaches the services  [from the addresses]
  TANDEM_PUBLIC_ORIGIN       the origin that may use the refresh cookie       [http:// and the web address]
  TANDEM_ALLOWED_ORIGINS     other origins that may call with a bearer token  [none]
  TANDEM_TLS_CERT, TANDEM_TLS_KEY  PEM files; the services then speak TLS     [plain text]
  TANDEM_POSTGRES_BIN        folder with `postgres` and `initdb`              [searched for]
  TANDEM_WEB_ROOT            a built web app; then none is built              [web/dist]
  TANDEM_REFLECTION          whether the services describe themselves         [true]
Every secret can be a file instead: NAME_FILE holds its path. docs/quickstart.md has the rest.";

/// Tandem: sign-in and tasks over gRPC, with everything they need.
#[derive(Parser)]
#[command(name = "tandem", version, after_help = SETTINGS)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// Bring up Postgres, both services and the web origin (this is what no command means)
    Up,
    /// Run auth-service alone
    AuthService(Started),
    /// Run task-service alone
    TaskService(Started),
    /// Run the web origin alone: the built app, and both APIs passed on
    Web(Started),
    /// Ask a running web origin whether it answers; for containers
    WebHealth,
    #[command(flatten)]
    OfAuthService(auth_service::operator::Command),
    #[command(flatten)]
    OfTaskService(task_service::operator::Command),
}

#[derive(clap::Args)]
struct Started {
    /// Ends with the process that holds the other end of standard input.
    #[arg(long, hide = true)]
    with_parent: bool,
}

pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let done = match cli.command.unwrap_or(Part::Up) {
        // One thread, since it only waits for others.
        Part::Up => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(up::up()),
        Part::AuthService(started) => service("auth-service", &started, async {
            auth_service::run(
                auth_service::config::Config::from_env()?,
                chassis::shutdown_signal(),
            )
            .await
        }),
        Part::TaskService(started) => service("task-service", &started, async {
            task_service::run(
                task_service::config::Config::from_env()?,
                chassis::shutdown_signal(),
            )
            .await
        }),
        Part::Web(started) => service("web", &started, web::run()),
        Part::WebHealth => tokio::runtime::Runtime::new()?.block_on(web::health()),
        Part::OfAuthService(command) => {
            return tokio::runtime::Runtime::new()?.block_on(operate::auth_service(command));
        }
        Part::OfTaskService(command) => {
            return tokio::runtime::Runtime::new()?.block_on(operate::task_service(command));
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn service(
    name: &'static str,
    started: &Started,
    run: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    if started.with_parent {
        lifeline::hold();
    }
    chassis::telemetry::init(name);
    tokio::runtime::Runtime::new()?
        .block_on(run)
        .with_context(|| format!("{name} ended"))
}
