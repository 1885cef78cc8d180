//! The user a server runs as. Postgres refuses root, so a supervisor that is root picks somebody else;
//! everybody else runs it as themselves. Nothing here changes who the supervisor itself is.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Error;

/// Who runs the server: a user other than root, and whether we must become it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
    switch: bool,
}

impl Account {
    /// Ourselves; as root: the owner of the data, else of a folder above it, `postgres` or `nobody`.
    pub(crate) fn choose(data: &Path) -> Result<Self, Error> {
        let me = rustix::process::geteuid();
        if !me.is_root() {
            let gid = rustix::process::getegid().as_raw();
            return Ok(Self {
                uid: me.as_raw(),
                gid,
                switch: false,
            });
        }
        if let Some(owner) = owner(data) {
            return Ok(owner);
        }
        // initdb looks its user up, so an owner that is a bare number will not do.
        let known = |owner: &Self| id("-un", &owner.uid.to_string()).is_some();
        let above = data.ancestors().skip(1).filter_map(owner).find(known);
        above
            .or_else(|| named("postgres"))
            .or_else(|| named("nobody"))
            .ok_or(Error::NoUser)
    }

    /// Who it is, for names.
    pub(crate) fn uid(self) -> u32 {
        self.uid
    }

    /// A command that runs as this user, away from our folder and from settings meant for others.
    pub(crate) fn command(self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir("/")
            .stdin(Stdio::null())
            .env("LC_ALL", "C")
            .env("TZ", "UTC");
        #[allow(clippy::disallowed_methods, reason = "to take them away, not to read them")]
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("PG") || name.starts_with("TANDEM") {
                command.env_remove(&*name);
            }
        }
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Makes a private folder of this user.
    pub(crate) fn make_private(self, folder: &Path) -> Result<(), Error> {
        fs::create_dir_all(folder).map_err(Error::files("making", folder))?;
        if self.switch {
            chown(folder, Some(self.uid), Some(self.gid)).map_err(Error::files("handing over", folder))?;
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .map_err(Error::files("closing", folder))
    }

    /// Makes a private folder of this user in a place like /tmp, where anybody could have made it before us and
    /// would then own what is in it.
    pub(crate) fn make_private_in_public(self, folder: &Path) -> Result<(), Error> {
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Ok(()) => return self.make_private(folder),
            Err(there) if there.kind() == io::ErrorKind::AlreadyExists => {}
            Err(refused) => return Err(Error::files("making", folder)(refused)),
        }
        let found = fs::symlink_metadata(folder).map_err(Error::files("reading", folder))?;
        if found.is_dir() && found.uid() == self.uid && found.mode() & 0o077 == 0 {
            return Ok(());
        }
        Err(Error::files("using somebody else's", folder)(
            io::ErrorKind::PermissionDenied.into(),
        ))
    }

    /// Whether this user can get into `folder`, whatever stands above it. Only the user can tell.
    pub(crate) fn reaches(self, folder: &Path) -> bool {
        if !self.switch {
            return true;
        }
        let mut look = self.command("/bin/sh");
        look.args(["-c", "cd -- \"$1\" && test -w .", "sh"]).arg(folder);
        look.stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

fn owner(path: &Path) -> Option<Account> {
    let owner = fs::metadata(path).ok()?;
    (owner.uid() != 0).then(|| Account {
        uid: owner.uid(),
        gid: owner.gid(),
        switch: true,
    })
}

fn named(user: &str) -> Option<Account> {
    let (uid, gid) = (id("-u", user)?.parse().ok()?, id("-g", user)?.parse().ok()?);
    Some(Account {
        uid,
        gid,
        switch: true,
    })
}

fn id(what: &str, user: &str) -> Option<String> {
    let output = Command::new("id")
        .args([what, user])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
