//! One command that measures the pair against the limits of the machine it runs on, in one run, as ratios.
//!
//! - `house`, `service`, `echo`: the servers, each in a process of its own; `people`, `town`, `seeding`: who calls them;
//! - `load`, `calls`: closed and open loop, and what they call; `limits`, `pgbench`: what the machine could do at best;
//! - `rig`, `whole`: the table of rows; `sweep`: latency against load;
//! - `growth`, `watching`, `connections`, `streams`, `replicas`: what else is measured, each by a command of its own;
//! - `footprint`, `process`, `machine`: memory, time of a start, CPU time, and what all that was measured on;
//! - `rows`, `aim`, `finding`, `figure`, `report`, `table`: what is compared with what, and how it is told.
//!
//! Nothing here asserts a figure: a busy machine must not fail a build.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line program")]

mod aim;
mod calls;
mod connections;
mod echo;
mod figure;
mod finding;
mod footprint;
mod growth;
mod house;
mod limits;
mod load;
mod machine;
mod options;
mod people;
mod pgbench;
mod process;
mod replicas;
mod report;
mod rig;
mod rows;
mod seeding;
mod service;
mod streams;
mod sweep;
mod table;
mod town;
mod watching;
mod whole;

use anyhow::{Context as _, ensure};
use chassis::config::Settings;
use clap::Parser as _;

use crate::machine::Stolen;
use crate::options::{Command, Options};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    tokio::select! {
        done = work(&options) => done,
        // What runs is ended by being dropped.
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}

async fn work(options: &Options) -> anyhow::Result<()> {
    if let Some(Command::Echo { kind }) = options.command {
        return echo::serve(kind).await;
    }
    build_services()?;
    process::allow_many_files();
    let stolen = Stolen::begin();
    let (text, mut figures) = match &options.command {
        None | Some(Command::Echo { .. }) => whole::run(options).await?,
        Some(Command::Load { plot }) => sweep::run(options, plot.as_deref()).await?,
        Some(Command::Connections) => connections::run(options).await?,
        Some(Command::Streams { count }) => streams::run(options, *count).await?,
        Some(Command::Replicas) => replicas::run(options).await?,
        Some(Command::Growth) => growth::run(options).await?,
        Some(Command::Watching) => watching::run(options).await?,
    };
    println!("{text}");
    if let Some(percent) = stolen.percent() {
        println!(
            "\nMeanwhile the hypervisor gave {percent:.0} % of the time in which the cores had work to others."
        );
        figures["stolen_percent"] = percent.into();
    }
    if let Some(file) = &options.json {
        std::fs::write(file, format!("{figures:#}\n"))
            .with_context(|| format!("writing {}", file.display()))?;
    }
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
