//! The binary: settings and telemetry, then the library.

use auth_service::config::Config;
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
        Command::Health => Ok(auth_service::health(&Config::from_env()?).await?),
    }
}
