//! The binary: the library behind the command line that every service has.

use std::process::ExitCode;

use chassis::cli::Cli;
use chassis::config::Settings;
use task_service::config::Config;
use task_service::operator;

fn main() -> ExitCode {
    let cli = Cli {
        name: "task-service",
        about: "People's tasks, each person's apart",
        settings: Config::help(),
    };
    cli.run_or(
        Config::from_env,
        task_service::run,
        task_service::health,
        |command| operator::run(command, Settings::from_env()),
    )
}
