//! Commands of whoever runs the service: they need no token, for they hold the database.
//!
//! What may never be put here: rules (see `domain`) and SQL (see `store`).

use std::process::ExitCode;

use chassis::config::Settings;
use chassis::operator::{Operator, say};
use chassis::{Clock, Entropy};
use clap::Subcommand;
use sqlx::PgPool;

use crate::config::DATABASE_URL;
use crate::feed_epoch;
use crate::store::Pool;

const OPERATOR: Operator = Operator {
    service: "task-service",
    database_setting: DATABASE_URL,
};

/// A command of the operator.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin the change feed anew, after a backup was restored
    ///
    /// In a restored database the next changes get numbers that clients know already, for other changes. A dump that is
    /// restored into another database or cluster is noticed when task-service starts. A backup that was laid in the place
    /// of the old files, or restored into the same database, looks like the old one: give this command then, before
    /// clients come back. Doing it needlessly does no harm but the work of it.
    ///
    /// Every sync token of before is refused with SYNC_TOKEN_EXPIRED, in open streams too. Clients read everything
    /// again in place of their copy, and keep what they have not sent yet. Tasks, sessions and page tokens stay as they are.
    NewEpoch,
}

/// Does what the command says.
pub fn run(command: Command, settings: Settings) -> ExitCode {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(execute(command, settings)),
        Err(error) => OPERATOR.failed(&error.into()),
    }
}

/// The same inside a runtime.
pub async fn execute(command: Command, settings: Settings) -> ExitCode {
    let pool = match OPERATOR.connect(settings) {
        Ok(pool) => pool,
        Err(unusable) => return unusable,
    };
    let done = match command {
        Command::NewEpoch => new_epoch(pool).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => OPERATOR.failed(&error),
    }
}

async fn new_epoch(connections: PgPool) -> anyhow::Result<()> {
    let (clock, entropy) = (Clock::system(), Entropy::system());
    let pool = Pool::new(connections, &entropy);
    let epoch = feed_epoch::renew(&pool, &clock, &entropy).await?;
    say(&format!(
        "The change feed begins anew, with the epoch {epoch}.\nSync tokens of before are refused with SYNC_TOKEN_EXPIRED: \
         clients read everything again, and keep what they have not sent yet."
    ))?;
    Ok(())
}
