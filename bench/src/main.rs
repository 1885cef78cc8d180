//! One command that measures the pair against the limits of the machine it runs on, in one run, as ratios.
//!
//! - `rig`, `service`, `people`, `echo`: what is measured, each server in a process of its own;
//! - `load`, `calls`: the closed loop and what it calls; `limits`: the bare loops beside it;
//! - `growth`: the same calls as tables and people grow; `watching`: how soon a change is seen; `house`: the pair for both;
//! - `footprint`, `process`: memory, time of a start, CPU time;
//! - `rows`, `figure`, `report`: what is compared with what, and the table.
//!
//! Nothing here asserts a figure: a busy machine must not fail a build.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line program")]

mod calls;
mod echo;
mod figure;
mod footprint;
mod growth;
mod house;
mod limits;
mod load;
mod people;
mod process;
mod report;
mod rig;
mod rows;
mod service;
mod watching;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use chassis::config::Settings;
use clap::builder::RangedU64ValueParser;
use clap::{Parser, Subcommand};

use crate::load::Plan;
use crate::report::Report;
use crate::rig::{Load, Rig};
use crate::rows::Row;

const WARM_UP: Duration = Duration::from_millis(500);

/// Measure both services against the limits of this machine.
///
/// Needs Postgres binaries, and nothing running. Takes about a minute and a half; let the machine do nothing else.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
struct Options {
    /// Seconds that each row is measured in each repetition, after half a second of warm-up.
    #[arg(long, default_value_t = 2, value_parser = RangedU64ValueParser::<u64>::new().range(1..=60))]
    seconds: u64,
    /// Calls in flight, each followed at once by the next.
    #[arg(long, default_value_t = 64, value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    in_flight: usize,
    /// HTTP/2 connections that carry them.
    #[arg(long, default_value_t = 4, value_parser = RangedU64ValueParser::<usize>::new().range(1..=64))]
    connections: usize,
    /// How often everything is measured, for the least, the median and the most.
    #[arg(long, default_value_t = 3, value_parser = RangedU64ValueParser::<usize>::new().range(1..=20))]
    repetitions: usize,
    /// Write the figures to this file too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
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
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let work = async {
        match options.command {
            Some(Command::Echo { kind }) => echo::serve(kind).await,
            Some(Command::Growth) => grow(&options).await,
            Some(Command::Watching) => watch(&options).await,
            None => run(&options).await,
        }
    };
    tokio::select! {
        done = work => done,
        // What runs is ended by being dropped.
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}

async fn run(options: &Options) -> anyhow::Result<()> {
    build_services()?;
    eprintln!("starting Postgres and both services");
    let (rig, services) = Rig::start().await?;
    let mut report = Report {
        conditions: conditions(options),
        services,
        ..Report::default()
    };
    let load = Load {
        in_flight: options.in_flight,
        connections: options.connections,
        plan: Plan {
            warm_up: WARM_UP,
            measured: Duration::from_secs(options.seconds),
        },
    };
    for repetition in 1..=options.repetitions {
        for row in Row::ALL {
            let figure = rig.measure(row, load).await.context(row.name())?;
            eprintln!(
                "{repetition}/{} {}: {:.0} per second",
                options.repetitions,
                row.name(),
                figure.per_second
            );
            report.rows.entry(row).or_default().push(figure);
        }
    }
    rig.weigh_again(&mut report.services);
    rig.stop().await?;

    println!("{}", report.markdown());
    if let Some(file) = &options.json {
        let text = format!("{:#}\n", report.json());
        std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}

async fn grow(options: &Options) -> anyhow::Result<()> {
    build_services()?;
    let table = growth::run(options.seconds).await?;
    println!("{}; one call at a time\n\n{table}", process::machine());
    Ok(())
}

async fn watch(options: &Options) -> anyhow::Result<()> {
    build_services()?;
    let table = watching::run(options.seconds).await?;
    println!("{}\n\n{table}", process::machine());
    Ok(())
}

/// `cargo run` builds this program alone; old services beside it would be measured without a word.
fn build_services() -> anyhow::Result<()> {
    let mut settings = Settings::from_env();
    let cargo: Option<String> = settings.optional("CARGO");
    let Some(cargo) = settings.finish(cargo)? else {
        return Ok(());
    };
    let mut build = std::process::Command::new(cargo);
    build.args(["build", "--quiet", "-p", "auth-service", "-p", "task-service"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    ensure!(build.status()?.success(), "the services do not build");
    Ok(())
}

fn conditions(options: &Options) -> Vec<String> {
    let mut conditions = vec![
        process::machine(),
        format!(
            "{} in flight over {} connections",
            options.in_flight, options.connections
        ),
        format!("{} repetitions of {} s", options.repetitions, options.seconds),
        "driver, servers and Postgres share the machine".to_owned(),
    ];
    if cfg!(debug_assertions) {
        conditions.push("a debug build: THE FIGURES MEAN NOTHING".to_owned());
    }
    conditions
}
