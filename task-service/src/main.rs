//! The binary: the library behind the command line that every service has.

use std::process::ExitCode;

use chassis::cli::Cli;
use task_service::config::Config;

fn main() -> ExitCode {
    let cli = Cli {
        name: "task-service",
        about: "People's tasks, each person's apart",
        settings: Config::help(),
    };
    cli.run(Config::from_env, task_service::run, task_service::health)
}
