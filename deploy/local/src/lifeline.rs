//! A part that `tandem up` started ends at once when `tandem up` is gone, even by kill -9: its standard input is a
//! pipe that only `tandem up` holds. The same idea keeps Postgres; see docs/adr/0005-postgres-supervisor.md.

use std::io::{self, Read as _};

/// Watches the pipe for the rest of this process's life.
pub(crate) fn hold() {
    std::thread::spawn(|| {
        let mut nothing = [0; 64];
        while matches!(io::stdin().read(&mut nothing), Ok(1..)) {}
        // No drain: the next start may come at once and needs the ports. Nothing acknowledged is at stake.
        std::process::exit(1);
    });
}
