//! What an import says while it runs and at its end. At a terminal progress is one line that changes; elsewhere there is
//! a line now and then. Emails and hashes are never part of it.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;

use super::row::{At, Fault};
use crate::operator::{note, say};

const AT_A_TERMINAL: Duration = Duration::from_millis(200);
const ELSEWHERE: Duration = Duration::from_secs(5);
/// Elsewhere there is also a line after so many rows.
const ROWS_OF_A_LINE: u64 = 10_000;
/// Back to the beginning of the line, and nothing on it.
const CLEAR_LINE: &str = "\r\x1b[K";

/// Counts, and what has been said.
pub(super) struct Report {
    added: u64,
    without_password: u64,
    skipped: u64,
    refused: u64,
    /// None means standard error.
    refusals: Option<Box<dyn Write + Send>>,
    terminal: bool,
    begun: Instant,
    said: Instant,
    said_rows: u64,
}

/// A refused row in a file.
#[derive(Serialize)]
struct Refusal<'a> {
    #[serde(flatten)]
    at: &'a At,
    field: &'a str,
    reason: &'a str,
}

impl Report {
    /// Refused rows go to the file when there is one, behind what it has when the import goes on.
    pub(super) fn new(refusals: Option<&Path>, goes_on: bool) -> anyhow::Result<Self> {
        let open = |path: &Path| {
            let mut how = OpenOptions::new();
            how.create(true).append(goes_on).write(true).truncate(!goes_on);
            let file = how
                .open(path)
                .with_context(|| format!("opening {}", path.display()))?;
            anyhow::Ok(Box::new(io::BufWriter::new(file)) as Box<dyn Write + Send>)
        };
        let now = Instant::now();
        Ok(Self {
            added: 0,
            without_password: 0,
            skipped: 0,
            refused: 0,
            refusals: refusals.map(open).transpose()?,
            terminal: io::stderr().is_terminal(),
            begun: now,
            said: now,
            said_rows: 0,
        })
    }

    pub(super) fn added(&mut self, with_password: bool) {
        self.added += 1;
        self.without_password += u64::from(!with_password);
    }

    pub(super) fn skipped(&mut self) {
        self.skipped += 1;
    }

    /// A row that stays out, for these reasons.
    pub(super) fn refuse(&mut self, at: &At, faults: &[Fault]) -> anyhow::Result<()> {
        self.refused += 1;
        for Fault { field, reason } in faults {
            if let Some(out) = &mut self.refusals {
                let line = serde_json::to_string(&Refusal { at, field, reason })?;
                writeln!(out, "{line}").context("writing refused rows")?;
                continue;
            }
            let clear = if self.terminal { CLEAR_LINE } else { "" };
            let field = if field.is_empty() {
                String::new()
            } else {
                format!("{field}: ")
            };
            note(&format!("{clear}refused {at}: {field}{reason}"));
        }
        Ok(())
    }

    fn rows(&self) -> u64 {
        self.added + self.skipped + self.refused
    }

    /// A chunk is in.
    pub(super) fn progress(&mut self, position: u64, total: Option<u64>) {
        let (rows, quiet) = (self.rows(), self.said.elapsed());
        let due = match self.terminal {
            true => quiet >= AT_A_TERMINAL,
            false => quiet >= ELSEWHERE || rows - self.said_rows >= ROWS_OF_A_LINE,
        };
        if !due {
            return;
        }
        (self.said, self.said_rows) = (Instant::now(), rows);
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let rate = rows as f64 / seconds;
        let mut line = format!("{rows} rows, {rate:.0} a second");
        if let Some(total) = total.filter(|total| *total > 0 && position > 0) {
            let share = (position as f64 / total as f64).min(1.0);
            let left = seconds / share - seconds;
            line += &format!(", {:.0} %, about {left:.0} s left", share * 100.0);
        }
        if self.terminal {
            // Nobody listening does not change what was done.
            let _ = write!(io::stderr().lock(), "{CLEAR_LINE}{line}");
        } else {
            note(&line);
        }
    }

    /// The end, and how many rows were refused.
    pub(super) fn finish(&mut self, dry_run: bool) -> anyhow::Result<u64> {
        if let Some(out) = &mut self.refusals {
            out.flush().context("writing refused rows")?;
        }
        if self.terminal {
            let _ = write!(io::stderr().lock(), "{CLEAR_LINE}");
        }
        let done = if dry_run { "would be added" } else { "added" };
        say(&format!(
            "{done}: {} (without a password: {}), skipped since their email is there: {}, refused: {}, in {:.1} s",
            self.added,
            self.without_password,
            self.skipped,
            self.refused,
            self.begun.elapsed().as_secs_f64(),
        ))?;
        Ok(self.refused)
    }

    /// It ended before its end.
    pub(super) fn interrupted(&self, last: Option<&At>) {
        let hint = match last {
            Some(At::Line(line)) => format!(
                " behind line {line}; --resume-from {} saves reading it again",
                line + 1
            ),
            Some(At::Id(id)) => format!(" behind id {id}"),
            None => String::new(),
        };
        note(&format!(
            "interrupted{hint}. What is in stays; run the same command again to go on"
        ));
    }
}
