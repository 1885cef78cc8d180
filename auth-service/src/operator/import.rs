//! `users import`: people from another system, in chunks that are in or not. A repeat skips whose email is there, so
//! that an import can be broken off at any moment and started again. Nobody who is there is ever changed.

mod better_auth;
mod file;
mod report;
mod row;

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use chassis::config::Settings;
use chassis::deadline::Deadline;
use chassis::{Clock, Entropy};
use clap::{Args, Subcommand, ValueEnum};
use sqlx::PgPool;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::account::ACTOR;
use crate::domain::EventKind;
use crate::error::Error;
use crate::store::users::import::{Imported, insert_unless_taken, list_taken};
use crate::store::{self, security_events};
use report::Report;
use row::{At, Entry, Fault};

/// Rows of a transaction.
const CHUNK: usize = 1000;
const PATIENCE: Duration = Duration::from_secs(60);
const BETTER_AUTH_URL: &str = "TANDEM_BETTER_AUTH_DATABASE_URL";

const REFUSED_ROWS: u8 = 3;
/// What a shell reports for a process that SIGINT ended.
const INTERRUPTED: u8 = 130;

/// What to do about people.
#[derive(Debug, Subcommand)]
pub enum UsersCommand {
    /// Bring in people with the password hashes of another system
    ///
    /// CSV with a header, or JSON lines; which of them is seen from the first character. Fields: email, password_hash,
    /// display_name, email_verified (true or false), create_time (2024-05-06T07:08:09Z), role (user or admin), disabled,
    /// id (a UUID that shall stay). Only email is required in every row; without a password_hash the person chooses a
    /// password by mail. Hashes: PHC strings of argon2, scrypt and pbkdf2, bcrypt, Better Auth's SALT:KEY.
    ///
    /// Whose email is there already is skipped and never changed, so the same command can be repeated after Ctrl-C or a
    /// failure. Exit code: 0 all rows are in, 3 rows were refused, 130 interrupted, 1 anything else.
    Import(Import),
}

/// An import.
#[derive(Debug, Args)]
pub struct Import {
    /// A file, '-' for standard input, or with --from better-auth the URL of its Postgres, for which
    /// TANDEM_BETTER_AUTH_DATABASE_URL does as well
    #[arg(value_name = "FILE|-|URL", required_unless_present_any = ["from"])]
    source: Option<String>,
    /// Where people come from
    #[arg(long, value_enum)]
    from: Option<Origin>,
    /// Check every row and count, change nothing
    #[arg(long)]
    dry_run: bool,
    /// Write refused rows here, as JSON lines, in place of standard error
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    /// Begin at this line of the file
    #[arg(long, value_name = "LINE", conflicts_with = "from")]
    resume_from: Option<u64>,
}

/// Where people come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Origin {
    /// The Postgres of a Better Auth, with its tables user and account
    BetterAuth,
}

/// Entries in their order, and how far into the source the last one is.
struct Chunk {
    entries: Vec<Entry>,
    /// In the unit of the total.
    position: u64,
}

/// Where entries come from: at most two chunks wait, so memory is bounded whatever the source holds.
struct Source {
    chunks: mpsc::Receiver<anyhow::Result<Chunk>>,
    /// Bytes or rows; unknown for standard input.
    total: Option<u64>,
}

/// The URL of a Better Auth database, where one is needed; a fault is noted when it is missing.
pub(super) fn better_auth_url(command: &Import, settings: &mut Settings) -> Option<String> {
    command.from?;
    let given = command.source.clone();
    given.or_else(|| {
        let secret = settings.required_secret(BETTER_AUTH_URL)?;
        Some(secret.expose().to_owned())
    })
}

/// Imports, and says with the exit code how it ended.
pub(super) async fn import(pool: &PgPool, command: Import, url: Option<String>) -> anyhow::Result<ExitCode> {
    let stop = chassis::shutdown_signal();
    let mut importer = Importer {
        pool,
        clock: Clock::system(),
        entropy: Entropy::system(),
        dry_run: command.dry_run,
        report: Report::new(command.refused.as_deref(), command.resume_from.is_some())?,
    };
    let mut source = match url {
        Some(url) => better_auth::open(&url).await?,
        None => file::open(
            command.source.as_deref().unwrap_or("-"),
            command.resume_from.unwrap_or(0),
        )?,
    };
    let mut last: Option<At> = None;
    let interrupted = loop {
        let chunk = tokio::select! {
            biased;
            () = stop.cancelled() => break true,
            chunk = source.chunks.recv() => chunk,
        };
        let Some(chunk) = chunk else { break false };
        let behind = last
            .as_ref()
            .map_or_else(|| "the beginning".to_owned(), At::to_string);
        let goes_on = || format!("stopped behind {behind}; what came before is in, and a repeat skips it");
        let chunk = chunk.with_context(goes_on)?;
        let place = chunk.entries.last().map(|entry| entry.at.clone());
        importer.take(chunk.entries).await.with_context(goes_on)?;
        importer.report.progress(chunk.position, source.total);
        last = place.or(last);
    };
    let refused = importer.report.finish(command.dry_run)?;
    if interrupted {
        importer.report.interrupted(last.as_ref());
        return Ok(INTERRUPTED.into());
    }
    Ok(match refused {
        0 => ExitCode::SUCCESS,
        _ => REFUSED_ROWS.into(),
    })
}

struct Importer<'a> {
    pool: &'a PgPool,
    clock: Clock,
    entropy: Entropy,
    dry_run: bool,
    report: Report,
}

impl Importer<'_> {
    /// Brings in what is good of a chunk, all of it or nothing.
    async fn take(&mut self, entries: Vec<Entry>) -> anyhow::Result<()> {
        let (mut people, mut places) = (Vec::new(), Vec::new());
        let (now, mut without_password) = (self.clock.now(), HashSet::new());
        for entry in entries {
            match entry.raw.and_then(|raw| raw.parse(&self.entropy, now)) {
                Ok(parsed) => {
                    if !parsed.has_password {
                        without_password.insert(parsed.person.id.0);
                    }
                    people.push(parsed.person);
                    places.push(entry.at);
                }
                Err(faults) => self.report.refuse(&entry.at, &faults)?,
            }
        }
        let keys: Vec<String> = people
            .iter()
            .map(|person| person.email.key().to_owned())
            .collect();
        let (mut added, taken) = if self.dry_run {
            let taken: HashSet<String> = list_taken(self.pool, &keys).await?.into_iter().collect();
            let free = people.iter().filter(|person| !taken.contains(person.email.key()));
            (free.map(|person| person.id.0).collect::<HashSet<Uuid>>(), taken)
        } else {
            self.insert(&people, &keys).await?
        };
        for (person, at) in people.iter().zip(&places) {
            // Taken out, since two rows may have one id.
            if added.remove(&person.id.0) {
                self.report.added(!without_password.contains(&person.id.0));
            } else if taken.contains(person.email.key()) {
                self.report.skipped();
            } else {
                let fault = Fault::new(
                    "id",
                    "Another account has this id; leave it out, and a new one is made.",
                );
                self.report.refuse(at, &[fault])?;
            }
        }
        Ok(())
    }

    /// Says who is new, and which emails are taken, be it by them.
    async fn insert(
        &self,
        people: &[Imported],
        keys: &[String],
    ) -> Result<(HashSet<Uuid>, HashSet<String>), Error> {
        let now = self.clock.now();
        let mut tx = store::begin(self.pool, Deadline::after(PATIENCE)).await?;
        let added = insert_unless_taken(&mut tx, people, now).await?;
        let events: Vec<Uuid> = added.iter().map(|_| self.entropy.uuid_v7(&self.clock)).collect();
        security_events::insert_for_each(&mut *tx, EventKind::Imported, &events, &added, ACTOR, now).await?;
        let taken = list_taken(&mut *tx, keys).await?;
        tx.commit().await?;
        Ok((added.into_iter().collect(), taken.into_iter().collect()))
    }
}
