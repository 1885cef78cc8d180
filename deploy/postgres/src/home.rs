//! The folders of one cluster: data, socket and log, and where they go when the first choice cannot be used.
//!
//! Two limits of the system decide here: a unix socket's path must be short, and the user that the server
//! runs as must be able to reach its data.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::cluster::Progress;
use crate::{Error, url};

/// Linux takes 107 bytes, macOS 103; the rest is reserve.
const LONGEST_SOCKET_PATH: usize = 100;
/// Says, in the directory that was asked for, where the data went instead.
const POINTER: &str = "moved-to";

/// A cluster's directory and who it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) dir: PathBuf,
    pub(crate) account: Account,
}

impl Home {
    /// Settles where the cluster asked for at `requested` lives: there, or, when the server's user cannot get
    /// there (a clone in root's own home), in a folder of its own under `state`.
    pub(crate) fn open(requested: &Path, state: &Path, progress: &dyn Fn(Progress)) -> Result<Self, Error> {
        let pointer = requested.join(POINTER);
        let dir = Self::followed(requested);
        let account = Account::choose(&dir.join("data"))?;
        let home = Self { dir, account };
        account.make_private(&home.dir)?;
        if account.reaches(&home.dir) {
            return Ok(home);
        }
        let moved = Self {
            dir: state.join(hash(requested)),
            account,
        };
        account.make_private(&moved.dir)?;
        if !account.reaches(&moved.dir) {
            let refused = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
            return Err(Error::files("reaching", &moved.dir)(refused));
        }
        let text = format!("{}\n", moved.dir.display());
        fs::write(&pointer, text).map_err(Error::files("writing", &pointer))?;
        progress(Progress::Moved {
            from: requested.to_owned(),
            to: moved.dir.clone(),
        });
        Ok(moved)
    }

    /// Where the cluster asked for at `requested` lives, if it does.
    fn followed(requested: &Path) -> PathBuf {
        match fs::read_to_string(requested.join(POINTER)) {
            Ok(elsewhere) => PathBuf::from(elsewhere.trim_end_matches('\n')),
            Err(_) => requested.to_owned(),
        }
    }

    /// The folder of the socket of the cluster asked for at `requested`, when a server listens there.
    pub(crate) fn listening(requested: &Path) -> Option<PathBuf> {
        let run = run_of(&Self::followed(requested));
        UnixStream::connect(socket_in(&run)).ok().map(|_| run)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.dir.join("postgres.log")
    }

    /// The folder of the socket.
    pub(crate) fn run(&self) -> PathBuf {
        run_of(&self.dir)
    }

    /// Makes the socket's folder, and takes a dead server's socket away: its lock file names a process id that
    /// may by now be somebody else's. Only for whoever holds the directory's lock.
    pub(crate) fn clear_run(&self, port: u16) -> Result<PathBuf, Error> {
        let run = self.run();
        if run.starts_with(&self.dir) {
            self.account.make_private(&run)?;
        } else {
            self.account.make_private_in_public(&run)?;
        }
        for stale in [format!(".s.PGSQL.{port}"), format!(".s.PGSQL.{port}.lock")] {
            let stale = run.join(stale);
            if stale.symlink_metadata().is_ok() {
                fs::remove_file(&stale).map_err(Error::files("removing", &stale))?;
            }
        }
        Ok(run)
    }

    /// Takes the socket's empty folder away.
    pub(crate) fn remove_run(&self) {
        // It is made again when it is needed; a leftover does no harm.
        let _ = fs::remove_dir(self.run());
    }

    /// The major version that wrote the data, when there is data.
    pub(crate) fn data_version(&self) -> Option<String> {
        fs::read_to_string(self.data().join("PG_VERSION"))
            .ok()
            .map(|text| text.trim().to_owned())
    }
}

/// The folder of the socket of a cluster: inside of it when that path is short enough, else under /tmp.
fn run_of(dir: &Path) -> PathBuf {
    let near = dir.join("run");
    if socket_in(&near).as_os_str().len() <= LONGEST_SOCKET_PATH {
        return near;
    }
    Path::new("/tmp").join(format!("tandem-{}", hash(dir)))
}

fn socket_in(run: &Path) -> PathBuf {
    run.join(format!(".s.PGSQL.{}", url::PORT))
}

/// A short name for a path, the same on every machine and with every compiler (FNV-1a).
pub(crate) fn hash(path: &Path) -> String {
    format!("{:016x}", fnv(path.as_os_str().as_bytes()))
}

pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::Home;
    use crate::account::Account;
    use std::path::PathBuf;

    fn home(dir: &str) -> Home {
        Home {
            dir: PathBuf::from(dir),
            account: Account::choose(std::path::Path::new("/")).unwrap(),
        }
    }

    #[test]
    fn a_short_directory_holds_its_own_socket() {
        assert_eq!(home("/srv/tandem").run(), PathBuf::from("/srv/tandem/run"));
    }

    #[test]
    fn a_long_directory_gets_a_short_socket_path_of_its_own() {
        let (one, two) = (
            home(&format!("/{}/one", "x".repeat(120))),
            home(&format!("/{}/two", "x".repeat(120))),
        );
        assert!(one.run().as_os_str().len() < 40);
        assert_ne!(one.run(), two.run());
    }
}
