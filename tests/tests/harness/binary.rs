//! The real `tandem`, from the same build as this test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use super::environment::{profile_dir, repository, variable};

/// The program, built first if it is missing or older than its sources.
pub(super) fn tandem() -> &'static Path {
    static TANDEM: OnceLock<PathBuf> = OnceLock::new();
    TANDEM.get_or_init(|| {
        let program = profile_dir().join("tandem");
        // `cargo test --workspace` has just built it; `cargo test` of this package alone has not.
        if is_fresh(&program) != Some(true) {
            build();
        }
        program
    })
}

/// Whether the program is as new as every source that cargo's note beside it lists.
fn is_fresh(program: &Path) -> Option<bool> {
    let built = modified(program)?;
    let note = fs::read_to_string(program.with_extension("d")).ok()?;
    let (_, sources) = note.split_once(": ")?;
    let sources = sources.replace("\\ ", "\0");
    let mut sources = sources.split_whitespace().map(|source| source.replace('\0', " "));
    Some(sources.all(|source| modified(Path::new(&source)).is_some_and(|changed| changed <= built)))
}

fn build() {
    let cargo = variable("CARGO").expect("without cargo, first: cargo build -p tandem");
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--package", "tandem"]);
    if profile_dir().ends_with("release") {
        build.arg("--release");
    }
    let status = build.current_dir(repository()).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "tandem does not build"
    );
}

/// When it was last written.
pub(super) fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|found| found.modified()).ok()
}
