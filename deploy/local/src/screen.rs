//! What `tandem` says to the person at the terminal: one line per step, one screen at the end.
//! Logs are not written here; they belong to the services.

use std::io::{self, Write as _};

/// A step that is being taken.
pub(crate) fn progress(line: &str) {
    // Nobody listening is no reason to stop.
    let _ = writeln!(io::stderr(), "tandem: {line}");
}

/// The reason for giving up.
pub(crate) fn error(text: &str) {
    let _ = writeln!(io::stderr(), "tandem: {text}");
}

/// The text that stays on the screen.
pub(crate) fn show(text: &str) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
