//! One owner per directory: a lock that the kernel frees when its holder is gone, however it went.
//!
//! The file carries a note of its holder for whoever comes second. It is never deleted: a deleted lock file
//! can be held by two.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// A held lock; dropping it frees it.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// Somebody else holds the lock, and this is the note they left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What the holder wrote about itself; empty when it has not come to that.
    pub note: String,
}

impl fmt::Display for Held {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.note.as_str() {
            "" => out.write_str("another process holds it"),
            note => out.write_str(note),
        }
    }
}

impl Lock {
    /// Takes the lock at `path`, or says who has it. Does not wait.
    pub fn take(path: &Path, note: &str) -> io::Result<Result<Self, Held>> {
        let mut file = open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                let mut lock = Self { file };
                lock.note(note)?;
                Ok(Ok(lock))
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut note = String::new();
                file.read_to_string(&mut note)?;
                Ok(Err(Held {
                    note: note.trim_end().to_owned(),
                }))
            }
            Err(refused) => Err(refused.into()),
        }
    }

    /// Takes the lock at `path`, waiting for it.
    pub(crate) fn wait(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        flock(&file, FlockOperation::LockExclusive)?;
        Ok(Self { file })
    }

    /// Replaces the note that whoever comes second is shown.
    pub fn note(&mut self, note: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(note.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing would free it too, but a child that another thread has forked and that has not come to its program yet
        // holds the same open file.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_was_let_go_is_free_although_a_forked_child_still_has_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let lock = Lock::take(&path, "first").expect("a file").expect("free");
        // The same open file, as a child has it between fork and exec.
        let _child = lock.file.try_clone().expect("a copy");
        let held = Lock::take(&path, "second").expect("a file").expect_err("held");
        assert_eq!(held.note, "first");
        drop(lock);
        Lock::take(&path, "second").expect("a file").expect("free again");
    }
}
