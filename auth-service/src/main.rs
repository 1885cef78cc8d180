//! The binary: the library behind the command line that every service has.

use std::process::ExitCode;

use auth_service::config::Config;
use auth_service::operator;
use chassis::cli::Cli;
use chassis::config::Settings;

fn main() -> ExitCode {
    let cli = Cli {
        name: "auth-service",
        about: "Sign-up to sign-out, sessions and access tokens",
        settings: Config::help(),
    };
    cli.run_or(
        Config::from_env,
        auth_service::run,
        auth_service::health,
        |command| operator::run(command, Settings::from_env()),
    )
}
