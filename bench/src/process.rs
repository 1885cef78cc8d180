//! What the system knows of a process: CPU time, memory, children. Linux tells it in /proc; elsewhere every answer is
//! `None`, and the table shows a dash.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// /proc counts CPU time in hundredths of a second on every architecture that we run on.
const TICK: Duration = Duration::from_millis(10);

/// The processes that work on a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meters {
    servers: [Option<u32>; 2],
    postmaster: Option<u32>,
    driver: Option<u32>,
}

impl Meters {
    /// A server, the Postgres behind it if there is one, and this process, which drives them.
    pub(crate) fn new(server: Option<u32>, postmaster: Option<u32>) -> Self {
        Self::of_replicas([server, None], postmaster)
    }

    /// One server or two, counted together.
    pub(crate) fn of_replicas(servers: [Option<u32>; 2], postmaster: Option<u32>) -> Self {
        Self {
            servers,
            postmaster,
            driver: Some(std::process::id()),
        }
    }

    /// Postgres alone, which another program drives.
    pub(crate) fn of_postgres(postmaster: Option<u32>) -> Self {
        Self {
            servers: [None; 2],
            postmaster,
            driver: None,
        }
    }

    /// CPU time so far.
    pub(crate) fn read(&self) -> Readings {
        Readings {
            server: sum(self.servers.into_iter().flatten().map(cpu_time)),
            postgres: self.postmaster.and_then(cpu_time_with_children),
            driver: self.driver.and_then(cpu_time),
        }
    }
}

/// CPU time of each part since its start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Readings {
    pub(crate) server: Option<Duration>,
    pub(crate) postgres: Option<Duration>,
    pub(crate) driver: Option<Duration>,
}

/// The memory that a process would give back by ending (proportional set size), in MB.
pub(crate) fn pss_mb(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let kib: f64 = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))?
        .trim_end_matches("kB")
        .trim()
        .parse()
        .ok()?;
    Some(kib * 1024.0 / 1e6)
}

/// As many open files as the system lets a process have: a connection is one at each end. Children inherit it.
pub(crate) fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    // Where that is refused, what needs more files will say so.
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    );
}

/// The server that keeps this data directory.
pub(crate) fn postmaster(data_dir: &Path) -> Option<u32> {
    let text = fs::read_to_string(data_dir.join("postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok()
}

struct Stat {
    parent: u32,
    own: Duration,
    waited_for: Duration,
}

impl Stat {
    fn read(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The second field is a name in brackets that may itself hold brackets and spaces (proc_pid_stat(5)).
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
        let ticks = |field: usize| fields.get(field - 3)?.parse().ok().map(|ticks: u32| TICK * ticks);
        Some(Self {
            parent: fields.get(4 - 3)?.parse().ok()?,
            own: ticks(14)? + ticks(15)?,
            waited_for: ticks(16)? + ticks(17)?,
        })
    }
}

/// What a process itself has used so far.
pub(crate) fn cpu_time(pid: u32) -> Option<Duration> {
    Stat::read(pid).map(|stat| stat.own)
}

/// None where there is nothing to add up, and where a part is not known.
fn sum(times: impl Iterator<Item = Option<Duration>>) -> Option<Duration> {
    times
        .reduce(|sum, time| Some(sum?.saturating_add(time?)))
        .flatten()
}

/// Postgres works in children of the postmaster; what ended ones used is in the parent's account.
fn cpu_time_with_children(parent: u32) -> Option<Duration> {
    let stat = Stat::read(parent)?;
    let children = fs::read_dir("/proc").ok()?.filter_map(|entry| {
        let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
        Stat::read(pid).filter(|stat| stat.parent == parent)
    });
    Some(stat.own + stat.waited_for + children.map(|child| child.own).sum::<Duration>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_server_has_no_time_and_two_have_theirs_together() {
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!(sum([].into_iter()), None);
        assert_eq!(sum([ms(1), ms(2)].into_iter()), ms(3));
        assert_eq!(sum([ms(1), None].into_iter()), None);
    }

    #[test]
    fn times_are_found_behind_a_name_with_brackets() {
        let text = "7 (a ) b) S 42 7 7 0 -1 0 0 0 0 0 150 50 3 2 20 0 1 0";
        let stat = Stat::parse(text).unwrap();
        assert_eq!(stat.parent, 42);
        assert_eq!(stat.own, Duration::from_secs(2));
        assert_eq!(stat.waited_for, Duration::from_millis(50));
    }
}
