//! The command line that every service has: `serve`, which is what no command means, and `health`, and beside them what
//! a service adds. The exit code is 2 when the command or the settings cannot be used, so that trying again is no use,
//! and 1 for every other failure.

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use tokio_util::sync::CancellationToken;

use crate::config::ConfigError;
use crate::probe::ProbeError;
use crate::{shutdown_signal, telemetry};

const UNUSABLE: u8 = 2;

/// What a service tells about itself.
#[derive(Debug)]
pub struct Cli {
    /// Its name, in logs and help.
    pub name: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    /// Its settings, listed for `--help`.
    pub settings: String,
}

#[derive(Parser)]
#[command(version)]
struct Arguments<Other: Subcommand> {
    #[command(subcommand)]
    command: Option<Command<Other>>,
}

#[derive(Subcommand)]
enum Command<Other: Subcommand> {
    /// Runs the service (the default)
    Serve,
    /// Asks the service on this machine whether it is ready
    Health,
    #[command(flatten)]
    Other(Other),
}

impl Cli {
    /// Reads the command and the settings, does what was asked for and says on standard error what went wrong.
    pub fn run<C>(
        self,
        settings: impl FnOnce() -> Result<C, ConfigError>,
        serve: impl AsyncFnOnce(C, CancellationToken) -> anyhow::Result<()>,
        health: impl AsyncFnOnce(&C) -> Result<(), ProbeError>,
    ) -> ExitCode {
        self.run_or(settings, serve, health, |never: Infallible| match never {})
    }

    /// The same for a service with commands of its own, which read their own settings.
    pub fn run_or<C, Other: Subcommand>(
        self,
        settings: impl FnOnce() -> Result<C, ConfigError>,
        serve: impl AsyncFnOnce(C, CancellationToken) -> anyhow::Result<()>,
        health: impl AsyncFnOnce(&C) -> Result<(), ProbeError>,
        other: impl FnOnce(Other) -> ExitCode,
    ) -> ExitCode {
        let name = self.name;
        let command = self.command();
        if let Command::Other(command) = command {
            return other(command);
        }
        let config = match settings() {
            Ok(config) => config,
            Err(faults) => return failed(name, &faults.into(), UNUSABLE.into()),
        };
        let done = match command {
            Command::Health => block_on(async { Ok(health(&config).await?) }),
            _ => {
                telemetry::init(name);
                block_on(async { serve(config, shutdown_signal()).await })
            }
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(name, &error, ExitCode::FAILURE),
        }
    }

    fn command<Other: Subcommand>(self) -> Command<Other> {
        let matches = Arguments::<Other>::command()
            .name(self.name)
            .about(self.about)
            .after_help(self.settings)
            .get_matches();
        Arguments::from_arg_matches(&matches)
            .unwrap_or_else(|error| error.exit())
            .command
            .unwrap_or(Command::Serve)
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(work)
}

fn failed(name: &str, error: &anyhow::Error, code: ExitCode) -> ExitCode {
    // Nobody listening does not change how it ended.
    let _ = writeln!(io::stderr(), "{name}: {error:#}");
    code
}
