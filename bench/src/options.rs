//! What the command line can say.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use clap::{Parser, Subcommand};

use crate::echo;
use crate::load::{Load, Plan};
use crate::rig::Size;
use crate::rows::Row;

const WARM_UP: Duration = Duration::from_millis(500);

/// Measure both services against the limits of this machine.
///
/// Needs Postgres binaries, and nothing running. Takes about five minutes; let the machine do nothing else.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
pub(crate) struct Options {
    /// Seconds that each row is measured in each repetition, after half a second of warm-up.
    #[arg(long, global = true, default_value_t = 2, value_parser = RangedU64ValueParser::<u64>::new().range(1..=60))]
    pub(crate) seconds: u64,
    /// Calls in flight, each followed at once by the next.
    #[arg(long, global = true, default_value_t = 64, value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    pub(crate) in_flight: usize,
    /// HTTP/2 connections that carry them.
    #[arg(long, global = true, default_value_t = 4, value_parser = RangedU64ValueParser::<usize>::new().range(1..=64))]
    pub(crate) connections: usize,
    /// How often everything is measured, for the least, the median and the most.
    #[arg(long, global = true, default_value_t = 3, value_parser = RangedU64ValueParser::<usize>::new().range(1..=20))]
    repetitions: usize,
    /// Few owners, one repetition of a second: to see whether everything works. The figures mean little.
    #[arg(long, global = true)]
    pub(crate) quick: bool,
    /// Measure these rows alone, each with what it is compared with.
    #[arg(long, value_name = "ROW", value_delimiter = ',')]
    only: Vec<Row>,
    /// Write the figures to this file too.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Be an echo server until standard input ends.
    #[command(hide = true)]
    Echo {
        /// What stands before it.
        kind: echo::Kind,
    },
    /// Measure what calls cost as the work grows: up to a million tasks in the table, and 100,000 of one person.
    ///
    /// Takes some minutes and 2 GB in the folder for temporary files.
    Growth,
    /// Measure how soon a watcher on one replica sees what was written at another, at 500 writes a second.
    Watching,
    /// Measure latencies at fixed rates of arrivals, from a tenth of what goes through at most to a tenth more than that.
    Load {
        /// Draw throughput and latency against load into this SVG file.
        #[arg(long, value_name = "FILE")]
        plot: Option<PathBuf>,
    },
    /// Measure GetTask over 1, 10, 100 and 1,000 connections, and what they cost in memory.
    Connections,
    /// Measure what idle WatchChanges streams on one replica cost in memory.
    Streams {
        /// How many, in hundreds.
        #[arg(long, default_value_t = 10_000, value_parser = RangedU64ValueParser::<usize>::new().range(100..=100_000))]
        count: usize,
    },
    /// Measure GetTask and CreateTask at one replica of task-service and at two.
    Replicas,
}

impl Options {
    pub(crate) fn load(&self) -> Load {
        Load {
            in_flight: self.in_flight,
            connections: self.connections,
            plan: Plan {
                warm_up: WARM_UP,
                measured: Duration::from_secs(if self.quick { 1 } else { self.seconds }),
            },
        }
    }

    pub(crate) fn repetitions(&self) -> usize {
        if self.quick { 1 } else { self.repetitions }
    }

    /// Whether only some rows are asked for.
    pub(crate) fn is_partial(&self) -> bool {
        !self.only.is_empty()
    }

    /// The rows to measure, in their order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> {
        let wanted = |row: &Row| {
            self.only
                .iter()
                .any(|only| only == row || only.limit() == Some(*row))
        };
        Row::ALL
            .into_iter()
            .filter(move |row| !self.is_partial() || wanted(row))
    }

    pub(crate) fn size(&self) -> Size {
        match self.quick {
            true => Size {
                owners: 50,
                tasks_each: 100,
                starts: 1,
                clients: &[8],
            },
            false => Size {
                owners: 1_000,
                tasks_each: 1_000,
                starts: 5,
                clients: &[8, 16, 32, 64],
            },
        }
    }

    /// How this run is made, for whoever reads its figures.
    pub(crate) fn conditions(&self) -> Vec<String> {
        let size = self.size();
        let load = self.load();
        let mut conditions = vec![
            format!("{} owners with {} tasks each", size.owners, size.tasks_each),
            format!(
                "{} in flight over {} connections",
                load.in_flight, load.connections
            ),
            format!(
                "{} repetitions of {} s",
                self.repetitions(),
                load.plan.measured.as_secs()
            ),
            "driver, servers and Postgres share the machine".to_owned(),
        ];
        if cfg!(debug_assertions) {
            conditions.push("a debug build: THE FIGURES MEAN NOTHING".to_owned());
        } else if self.quick {
            conditions.push("a quick run: the figures mean little".to_owned());
        }
        conditions
    }
}
