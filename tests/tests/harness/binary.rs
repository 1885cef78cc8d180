//! The real `tandem`, from the same build as this test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::environment::{profile_dir, repository, variable};

/// The program, built first if cargo finds that it is not what the sources say.
pub(super) fn tandem() -> &'static Path {
    static TANDEM: OnceLock<PathBuf> = OnceLock::new();
    TANDEM.get_or_init(|| {
        let folder = profile_dir();
        // `cargo test` makes binaries of a package for that package's own tests only, and tells tests its own path.
        if let Some(cargo) = variable("CARGO") {
            let mut build = Command::new(cargo);
            build.args(["build", "--quiet", "--package", "tandem"]);
            if folder.ends_with("release") {
                build.arg("--release");
            }
            let status = build.current_dir(repository()).status();
            assert!(
                status.is_ok_and(|status| status.success()),
                "tandem does not build"
            );
        }
        let program = folder.join("tandem");
        assert!(
            program.is_file(),
            "there is no {}; build it with: cargo build -p tandem",
            program.display()
        );
        program
    })
}
