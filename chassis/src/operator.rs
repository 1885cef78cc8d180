//! What the commands of whoever runs a service share: the database that they hold, what they say and how they end. Results
//! go to standard output, everything else to standard error. The exit code is 2 when the settings cannot be used, so that
//! trying again is no use, and 1 for every other failure.
//!
//! No command may be put here: each stands in its service.

use std::io::{self, Write as _};
use std::process::ExitCode;

use sqlx::PgPool;

use crate::config::{DatabaseConfig, Settings};

const UNUSABLE: u8 = 2;
/// What Postgres says of a table that is not there, and of a role.
const NOT_THERE: [&str; 2] = ["42P01", "22023"];

/// Whoever runs a service.
#[derive(Debug, Clone, Copy)]
pub struct Operator {
    /// The service's name, in what is said.
    pub service: &'static str,
    /// The setting that says where its database is.
    pub database_setting: &'static str,
}

impl Operator {
    /// The service's database.
    ///
    /// # Errors
    ///
    /// The exit code when the settings do not name one; why is said.
    pub fn connect(&self, mut settings: Settings) -> Result<PgPool, ExitCode> {
        let Self {
            service,
            database_setting,
        } = self;
        let config = DatabaseConfig::read(&mut settings, database_setting);
        match settings.finish_some(config) {
            Ok(config) => Ok(crate::postgres::connect(&config, &format!("{service} operator"))),
            Err(faults) => {
                note(&format!(
                    "{faults}\nSet {database_setting} to what {service} itself is given. For a system that `tandem up` runs, \
                     use the program `tandem` (or `cargo run --`) with the same command: it knows its Postgres."
                ));
                Err(UNUSABLE.into())
            }
        }
    }

    /// Says why a command failed and what to do, where that is known; how it ends.
    pub fn failed(&self, error: &anyhow::Error) -> ExitCode {
        note(&self.explained(error));
        ExitCode::FAILURE
    }

    fn explained(&self, error: &anyhow::Error) -> String {
        let Self {
            service,
            database_setting,
        } = self;
        let is_bare = error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<sqlx::Error>())
            .filter_map(|error| error.as_database_error()?.code())
            .any(|code| NOT_THERE.contains(&code.as_ref()));
        if is_bare {
            return format!(
                "{error:#}\nThe database that {database_setting} names has no tables of {service}, or older ones: \
                 start {service} of this version on it once."
            );
        }
        format!("{error:#}")
    }
}

/// A result, which a script may read.
///
/// # Errors
///
/// When nobody takes it.
pub fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// What only a person reads.
pub fn note(text: &str) {
    // Nobody listening does not change what was done.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
