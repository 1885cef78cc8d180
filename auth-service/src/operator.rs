//! Commands of whoever runs the service: they need no token, for they hold the database. Results go to standard output,
//! everything else to standard error. The exit code is 2 when the command or the settings cannot be used, so that trying
//! again is no use, and 1 for every other failure; an import has two of its own.
//!
//! What may never be put here: rules (see `domain`) and SQL of our own tables (see `store`).

mod account;
mod import;
mod secrets;

use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::ExitCode;

use chassis::config::{DatabaseConfig, Settings};
use clap::Subcommand;
use sqlx::PgPool;

pub use account::AdminCommand;
pub use import::{Import, Origin, UsersCommand};
pub use secrets::{CredentialsCommand, KeyAlgorithm, KeysCommand};

/// The setting that says where the database is.
pub const DATABASE_URL: &str = "TANDEM_AUTH_DATABASE_URL";

const UNUSABLE: u8 = 2;
/// What Postgres says of a table that is not there.
const UNDEFINED_TABLE: &str = "42P01";

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
        Err(error) => return failed(&error),
    };
    runtime.block_on(execute(command, settings))
}

/// The same inside a runtime.
pub async fn execute(command: Command, settings: Settings) -> ExitCode {
    let done = match command {
        Command::Credentials(command) => secrets::new_credential(&command).map(|()| ExitCode::SUCCESS),
        Command::Keys(command) => secrets::new_key(&command).map(|()| ExitCode::SUCCESS),
        Command::Admin(command) => match connect(settings) {
            Ok(pool) => account::change(&pool, &command).await.map(|()| ExitCode::SUCCESS),
            Err(unusable) => return unusable,
        },
        Command::Users(UsersCommand::Import(command)) => {
            let mut settings = settings;
            let url = import::better_auth_url(&command, &mut settings);
            match connect(settings) {
                Ok(pool) => import::import(&pool, command, url).await,
                Err(unusable) => return unusable,
            }
        }
    };
    done.unwrap_or_else(|error| failed(&explained(&error)))
}

/// The database, or the exit code when the settings do not name one.
fn connect(mut settings: Settings) -> Result<PgPool, ExitCode> {
    let config = DatabaseConfig::read(&mut settings, DATABASE_URL);
    match settings.finish_some(config) {
        Ok(config) => Ok(chassis::postgres::connect(&config, "auth-service operator")),
        Err(faults) => {
            note(&format!(
                "{faults}\nSet {DATABASE_URL} to what auth-service itself is given. For a system that `tandem up` runs, \
                 use the program `tandem` (or `cargo run --`) with the same command: it knows its Postgres."
            ));
            Err(UNUSABLE.into())
        }
    }
}

/// What to do, where more than the error says is known.
fn explained(error: &anyhow::Error) -> String {
    let no_table = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<sqlx::Error>())
        .filter_map(sqlx::Error::as_database_error)
        .any(|error| error.code().as_deref() == Some(UNDEFINED_TABLE));
    if no_table {
        return format!(
            "{error:#}\nThe database that {DATABASE_URL} names has no tables of auth-service, or older ones: \
             start auth-service of this version on it once."
        );
    }
    format!("{error:#}")
}

fn failed(error: &dyn Display) -> ExitCode {
    note(&error.to_string());
    ExitCode::FAILURE
}

/// A result, which a script may read.
fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// What only a person reads.
fn note(text: &str) {
    // Nobody listening does not change what was done.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
