//! Where this run takes place. The only reader of the environment in these tests.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A variable of the environment; empty means unset.
pub(super) fn variable(name: &str) -> Option<OsString> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no other settings than those of the run itself"
    )]
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this crate lies in a folder of the repository")
}

/// The folder that this test was built into, `target/debug` by custom.
pub(super) fn profile_dir() -> PathBuf {
    let program = std::env::current_exe().expect("a test knows its own path");
    let deps = program.parent().expect("a file lies in a folder");
    deps.parent().expect("cargo builds tests into deps").to_owned()
}

/// The folder for everything that can be made again.
pub(crate) fn target_dir() -> PathBuf {
    profile_dir().parent().expect("a profile has a target").to_owned()
}
