//! The binary behind `cargo run`: `tandem up` brings up everything, the other commands run one part.
//!
//! What each part does stands in its own crate or module; here they only get their names.

mod cli;
mod lifeline;
mod operate;
mod screen;
mod up;
mod web;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            screen::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
