//! Finding Postgres on this machine: where people and packages put it, in a fixed order.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

/// What the services' migrations need.
const OLDEST: u32 = 15;

/// A folder with `postgres` and `initdb` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    version: String,
}

impl Binaries {
    /// The server to use: what the setting names, or the first of PATH, `pg_config --bindir`, the places of
    /// Linux packages (highest version first) and of Homebrew. Data written by a major version needs that one.
    pub fn find(setting: Option<&Path>, data_version: Option<&str>, dir: &Path) -> Result<Self, Error> {
        let found: Vec<Self> = match setting {
            Some(folder) => vec![Self::at(folder).ok_or_else(|| Error::NotBinaries(folder.to_owned()))?],
            // Programs are started from another folder, so a relative PATH entry is of no use.
            None => candidates()
                .iter()
                .filter(|at| at.is_absolute())
                .filter_map(|at| Self::at(at))
                .collect(),
        };
        let Some(first) = found.first() else {
            return Err(Error::NoBinaries);
        };
        let Some(wanted) = data_version else {
            return Ok(first.clone());
        };
        found
            .iter()
            .find(|binaries| binaries.major() == wanted)
            .cloned()
            .ok_or_else(|| {
                let mut majors: Vec<&str> = found.iter().map(Self::major).collect();
                majors.dedup();
                Error::WrongVersion {
                    dir: dir.to_owned(),
                    wanted: wanted.to_owned(),
                    found: majors.join(", "),
                }
            })
    }

    /// The path of one of its programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The path of a program that packages may leave out. Where `postgres` is a link, it may stand beside what that leads to.
    pub fn optional_program(&self, name: &str) -> Option<PathBuf> {
        let linked = fs::canonicalize(self.program("postgres")).ok()?;
        [self.program(name), linked.with_file_name(name)]
            .into_iter()
            .find(|path| path.is_file())
    }

    fn at(folder: &Path) -> Option<Self> {
        let postgres = folder.join("postgres");
        if !postgres.is_file() || !folder.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(&postgres).arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let version = text.split_whitespace().nth(2)?.to_owned();
        let found = Self {
            folder: folder.to_owned(),
            version,
        };
        found
            .major()
            .parse::<u32>()
            .is_ok_and(|major| major >= OLDEST)
            .then_some(found)
    }

    fn major(&self) -> &str {
        self.version
            .split(|c: char| !c.is_ascii_digit())
            .next()
            .unwrap_or_default()
    }
}

impl fmt::Display for Binaries {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Postgres {} in {}", self.version, self.folder.display())
    }
}

fn candidates() -> Vec<PathBuf> {
    #[allow(
        clippy::disallowed_methods,
        reason = "PATH is how programs are found, not a setting of ours"
    )]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(answer) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim()));
    }
    for (parent, prefix, rest) in [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr/libexec", "postgresql", ""),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
    ] {
        folders.extend(
            versions(Path::new(parent), prefix)
                .into_iter()
                .map(|folder| folder.join(rest)),
        );
    }
    folders
}

/// The folders in `parent` named `prefix` and a number, highest first.
fn versions(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = name.strip_prefix(prefix)?.parse().ok()?;
            Some((number, entry.path()))
        })
        .collect();
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use super::{Binaries, versions};
    use crate::Error;
    use std::path::Path;

    #[test]
    fn versions_come_highest_first_and_other_folders_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["9", "15", "18", "doc"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        let names: Vec<_> = versions(dir.path(), "")
            .iter()
            .map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["18", "15", "9"]);
    }

    #[test]
    fn a_setting_that_names_no_server_is_an_error_and_nothing_else_is_tried() {
        let dir = tempfile::tempdir().unwrap();
        let refused = Binaries::find(Some(dir.path()), None, Path::new("/data"));
        assert!(matches!(refused, Err(Error::NotBinaries(_))));
    }

    #[test]
    fn data_of_a_version_that_is_not_installed_is_named() {
        let refused = Binaries::find(None, Some("8"), Path::new("/data"))
            .unwrap_err()
            .to_string();
        assert!(refused.contains("/data was written by Postgres 8"), "{refused}");
    }

    #[test]
    fn the_message_for_a_machine_without_postgres_names_a_command_per_platform() {
        let message = Error::NoBinaries.to_string();
        for command in [
            "apt-get install",
            "dnf install",
            "apk add",
            "pacman -S",
            "brew install",
        ] {
            assert!(message.contains(command), "{message}");
        }
    }
}
