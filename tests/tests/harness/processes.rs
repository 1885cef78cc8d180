//! Processes and what they started.

use std::fs;

use rustix::process::Pid;

/// A part of a running system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    AuthService,
    TaskService,
    Postgres,
}

impl Part {
    /// Whether the process is one of the part's, by what it was started as.
    pub(super) fn is(self, process: Pid) -> bool {
        let line = fs::read(format!("/proc/{}/cmdline", process.as_raw_nonzero())).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        let mut words = line.split('\0');
        let program = words.next().unwrap_or_default();
        match self {
            Self::AuthService => words.next() == Some("auth-service"),
            Self::TaskService => words.next() == Some("task-service"),
            // Its children say what they do behind the name.
            Self::Postgres => program.ends_with("/postgres") || program.starts_with("postgres:"),
        }
    }
}

/// Everything below this process. /proc is Linux; elsewhere there is no answer.
pub(super) fn descendants(root: u32) -> Vec<Pid> {
    let parents = parents();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        let children = parents.iter().filter(|(_, of)| *of == parent);
        found.extend(children.map(|(pid, _)| *pid));
        next += 1;
    }
    let below = found.into_iter().skip(1);
    below.filter_map(|pid| Pid::from_raw(pid.cast_signed())).collect()
}

/// Each process with the one that started it.
fn parents() -> Vec<(u32, u32)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pairs = entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name before it can hold spaces and brackets (proc_pid_stat(5)).
        let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
        Some((pid, parent))
    });
    pairs.collect()
}
