//! The binary: settings and telemetry, then the library.

use auth_service::{config::Config, serve};
use chassis::probe;
use clap::{Parser, Subcommand};

/// Sign-up to sign-out, sessions and access tokens.
#[derive(Parser)]
#[command(version, after_help = Config::help())]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the service (the default).
    Serve,
    /// Asks the service on this machine whether it is ready.
    Health,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    chassis::telemetry::init("auth-service");
    match command {
        Command::Serve => auth_service::run(Config::from_env()?, chassis::shutdown_signal()).await,
        Command::Health => {
            let server = Config::from_env()?.server;
            let url = probe::local_url(server.addr, server.tls.is_some());
            Ok(probe::check(&url, serve::SERVICES[0]).await?)
        }
    }
}
