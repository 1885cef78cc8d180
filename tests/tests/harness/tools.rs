//! Tools that `cargo test --workspace` does not ask for. Where one is missing the test says so and passes; under `CI`
//! that would hide a gate that never ran, so there it fails.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::environment::variable;

/// Why a test cannot run here.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) String);

impl From<String> for Missing {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

/// The one rule for a test that cannot run.
pub(crate) fn skip(Missing(reason): Missing) {
    assert!(variable("CI").is_none(), "nothing is skipped under CI: {reason}");
    say(&format!("SKIPPED: {reason}"));
}

/// Tells the person who runs the tests. Not by `println!`, which the test runner keeps to itself.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// The first of these programs that is on the path.
pub(crate) fn find_program(names: &[&str]) -> Result<PathBuf, Missing> {
    let path = variable("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file());
    found.ok_or_else(|| Missing(format!("{} is not on the path", names.join(" or "))))
}

/// Runs a command to its end and returns what it printed, or everything that it said when it fails.
pub(crate) fn succeed(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{name} does not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} ended with {}\n{said}{complaint}", output.status))
}
