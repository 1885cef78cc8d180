//! Stops a server when whoever asked for it is gone, however they went.
//!
//! A small shell stands between: the server is its child, and it reads from a pipe (or a fifo) whose other end
//! the owner holds open. The kernel closes that end even after kill -9, and the shell then ends the server.
//! The parent-death signal would need unsafe code here and exists on Linux only; see ADR 0005.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::{Child, Command};

use crate::Error;
use crate::home::Home;

/// `$1` is the fifo of a shared server or empty, `$2` a folder to remove afterwards or empty, the rest the
/// server. Owners of a shared server write a line when they come. It stays a little after the last one, since
/// test binaries run one after another, and its fifo loses its name before the last look for owners: whoever
/// found it in time is waited for, and whoever comes later starts a server of their own.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
fifo=$1 folder=$2
shift 2
came=
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{
    while read -r _; do came=yes; done
    if [ -n "$fifo" ]; then
        while [ -n "$came" ]; do
            came=
            sleep 3
            while read -r _; do came=yes; done
        done
        rm -f "$fifo"
        while read -r _; do :; done
    fi
    kill -INT "$server"
} <&3 2>/dev/null &
watch=$!
exec 3<&-
wait "$server"
code=$?
kill -KILL "$watch" 2>/dev/null
[ -z "$folder" ] || rm -rf "$folder"
exit "$code"
"#;

/// How the owner holds the server.
pub(crate) enum Hold {
    /// By the child's standard input: one owner.
    Pipe,
    /// By a fifo that any number of owners hold open; the whole home is removed after the last one.
    Fifo {
        /// Its path.
        path: PathBuf,
        /// Its reading end.
        reader: File,
    },
}

/// Starts the server under a keeper. Both get a process group of their own, so that Ctrl-C reaches the owner only.
pub(crate) fn spawn(home: &Home, hold: &Hold, server: &Path, args: &[String]) -> Result<Child, Error> {
    let log = OpenOptions::new().create(true).append(true).open(home.log());
    let log = log.map_err(Error::files("opening", &home.log()))?;
    let also = log.try_clone().map_err(Error::files("opening", &home.log()))?;

    let mut keeper = home.account.command("/bin/sh");
    keeper.args(["-c", SCRIPT, "keeper"]);
    match hold {
        Hold::Pipe => keeper.args(["", ""]).stdin(Stdio::piped()),
        Hold::Fifo { path, reader } => {
            let reader = reader.try_clone().map_err(Error::files("opening", path))?;
            keeper.arg(path).arg(&home.dir).stdin(reader)
        }
    };
    keeper.arg(server).args(args).stdout(log).stderr(also);
    let mut keeper = Command::from(keeper);
    keeper.process_group(0).kill_on_drop(false);
    keeper.spawn().map_err(|refused| Error::Program {
        program: "/bin/sh".into(),
        output: refused.to_string(),
    })
}
