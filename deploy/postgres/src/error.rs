//! What can go wrong while a server is found, made, started or stopped, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::lock::Held;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// This machine has no Postgres server binaries.
    #[error(
        "no Postgres binaries found (15 or later). Install them:\n  \
         Debian, Ubuntu    sudo apt-get install postgresql\n  \
         Fedora, RHEL      sudo dnf install postgresql-server\n  \
         Alpine            sudo apk add postgresql\n  \
         Arch              sudo pacman -S postgresql\n  \
         macOS             brew install postgresql\n\
         or set TANDEM_POSTGRES_BIN to the folder that holds `postgres` and `initdb`, \
         or point TANDEM_AUTH_DATABASE_URL and TANDEM_TASKS_DATABASE_URL at a server of your own"
    )]
    NoBinaries,
    /// The folder named by the setting has no server binaries.
    #[error("no `postgres` (15 or later) with `initdb` beside it in {}", .0.display())]
    NotBinaries(PathBuf),
    /// The data was written by a major version of Postgres that is not installed.
    #[error("the data in {} was written by Postgres {wanted}, but only {found} is installed here", dir.display())]
    WrongVersion {
        /// The cluster's directory.
        dir: PathBuf,
        /// The major version that wrote the data.
        wanted: String,
        /// The major versions found.
        found: String,
    },
    /// Another process runs a server in this directory.
    #[error("{} is in use: {held}", dir.display())]
    Running {
        /// The cluster's directory.
        dir: PathBuf,
        /// Who holds it.
        held: Held,
    },
    /// Run as root, and no other user can be found to run the server as.
    #[error("Postgres refuses to run as root, and neither `postgres` nor `nobody` is a user of this machine")]
    NoUser,
    /// A folder or file could not be made or read.
    #[error("{action} {}: {source}", path.display())]
    Files {
        /// What was being done.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program could not be run, or said no.
    #[error("{program} failed: {output}")]
    Program {
        /// Which program.
        program: String,
        /// Its last words.
        output: String,
    },
    /// The server did not come up.
    #[error("Postgres did not start: {reason}\nits log is {}", log.display())]
    NotStarted {
        /// The end of its log.
        reason: String,
        /// Where the whole log is.
        log: PathBuf,
    },
    /// A server left over by a killed process holds the data and does not stop.
    #[error("a Postgres server (process {pid}) left over in {} does not stop; end it by hand", dir.display())]
    Leftover {
        /// The process that holds the data.
        pid: u32,
        /// The cluster's directory.
        dir: PathBuf,
    },
    /// The running server refused a statement.
    #[error("Postgres refused: {0}")]
    Sql(#[from] sqlx::Error),
    /// The migrations of a test database failed.
    #[error("migrating the test template: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl Error {
    pub(crate) fn files(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Files {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
