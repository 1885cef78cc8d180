//! Commands of whoever runs the service: they need no token, for they hold the database. Results go to standard output,
//! everything else to standard error. The exit code is 2 when the command or the settings cannot be used, so that trying
//! again is no use, and 1 for every other failure; an import has two of its own.
//!
//! What may never be put here: rules (see `domain`) and SQL of our own tables (see `store`).

mod account;
mod import;
mod secrets;

use std::process::ExitCode;

use chassis::config::Settings;
use chassis::operator::{Operator, note, say};
use clap::Subcommand;

pub use account::AdminCommand;
pub use import::{Import, Origin, UsersCommand};
pub use secrets::{CredentialsCommand, KeyAlgorithm, KeysCommand};

/// The setting that says where the database is.
pub const DATABASE_URL: &str = "TANDEM_AUTH_DATABASE_URL";

const OPERATOR: Operator = Operator {
    service: "auth-service",
    database_setting: DATABASE_URL,
};

/// A command of the operator.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Change somebody's account: role, disabled or not, sessions
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Make credentials for services that want tokens of their own
    #[command(subcommand)]
    Credentials(CredentialsCommand),
    /// Make keys that sign and verify access tokens
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Bring in people from another system
    #[command(subcommand)]
    Users(UsersCommand),
}

impl Command {
    /// Whether it works on the database.
    pub fn needs_database(&self) -> bool {
        match self {
            Self::Admin(_) | Self::Users(_) => true,
            Self::Credentials(_) | Self::Keys(_) => false,
        }
    }
}

/// Does what the command says.
pub fn run(command: Command, settings: Settings) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return OPERATOR.failed(&error.into()),
    };
    runtime.block_on(execute(command, settings))
}

/// The same inside a runtime.
pub async fn execute(command: Command, settings: Settings) -> ExitCode {
    let done = match command {
        Command::Credentials(command) => secrets::new_credential(&command).map(|()| ExitCode::SUCCESS),
        Command::Keys(command) => secrets::new_key(&command).map(|()| ExitCode::SUCCESS),
        Command::Admin(command) => match OPERATOR.connect(settings) {
            Ok(pool) => account::change(&pool, &command).await.map(|()| ExitCode::SUCCESS),
            Err(unusable) => return unusable,
        },
        Command::Users(UsersCommand::Import(command)) => {
            let mut settings = settings;
            let url = import::better_auth_url(&command, &mut settings);
            match OPERATOR.connect(settings) {
                Ok(pool) => import::import(&pool, command, url).await,
                Err(unusable) => return unusable,
            }
        }
    };
    done.unwrap_or_else(|error| OPERATOR.failed(&error))
}
