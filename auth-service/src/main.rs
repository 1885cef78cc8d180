//! The binary: the library behind the command line that every service has.

use std::process::ExitCode;

use auth_service::config::Config;
use chassis::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli {
        name: "auth-service",
        about: "Sign-up to sign-out, sessions and access tokens",
        settings: Config::help(),
    };
    cli.run(Config::from_env, auth_service::run, auth_service::health)
}
