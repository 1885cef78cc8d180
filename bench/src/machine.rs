//! What a figure was measured on: without it no figure says anything. What is not known is left out.

use std::fmt;
use std::fs;

use serde_json::{Value, json};

/// The machine and what runs on it beside our own code.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machine {
    cores: usize,
    processor: Option<String>,
    memory_mb: Option<u64>,
    kernel: Option<String>,
    /// As the server calls itself.
    pub(crate) postgres: Option<String>,
}

impl Machine {
    /// This one.
    pub(crate) fn here() -> Self {
        Self {
            cores: cores(),
            processor: field("/proc/cpuinfo", "model name"),
            memory_mb: field("/proc/meminfo", "MemTotal")
                .and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok())
                .map(|kib| kib * 1024 / 1_000_000),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .ok()
                .map(|text| format!("Linux {}", text.trim())),
            postgres: None,
        }
    }

    /// With what the server calls itself.
    pub(crate) fn with_postgres(mut self, version: String) -> Self {
        self.postgres = Some(version);
        self
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "cores": self.cores,
            "processor": self.processor,
            "architecture": std::env::consts::ARCH,
            "memory_mb": self.memory_mb,
            "kernel": self.kernel,
            "postgres": self.postgres,
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let processor = self.processor.as_deref().unwrap_or(std::env::consts::ARCH);
        write!(out, "{} cores, {processor}", self.cores)?;
        if let Some(memory) = self.memory_mb {
            write!(out, ", {:.0} GB", memory as f64 / 1e3)?;
        }
        for part in [&self.kernel, &self.postgres].into_iter().flatten() {
            write!(out, ", {part}")?;
        }
        Ok(())
    }
}

/// Counts what a hypervisor gives to others of the time in which the cores had work to do. The more it is, the less the
/// latencies of a run say about what ran.
pub(crate) struct Stolen(Option<Ticks>);

impl Stolen {
    pub(crate) fn begin() -> Self {
        Self(Ticks::now())
    }

    /// Of the time since then; None where there is no such list. A system that does not count it says 0.
    pub(crate) fn percent(&self) -> Option<f64> {
        let (before, now) = (self.0.as_ref()?, Ticks::now()?);
        let wanted = now.wanted.saturating_sub(before.wanted).max(1);
        Some(100.0 * now.stolen.saturating_sub(before.stolen) as f64 / wanted as f64)
    }
}

/// What all cores did since the system started.
struct Ticks {
    /// At work, or kept from it.
    wanted: u64,
    stolen: u64,
}

impl Ticks {
    /// Of the first line: user, nice, system, idle, iowait, irq, softirq, steal (proc_stat(5)).
    fn now() -> Option<Self> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let ticks: Vec<u64> = stat
            .lines()
            .next()?
            .split_ascii_whitespace()
            .skip(1)
            .map_while(|ticks| ticks.parse().ok())
            .collect();
        let [user, nice, system, _, _, irq, softirq, stolen, ..] = ticks[..] else {
            return None;
        };
        let wanted = user + nice + system + irq + softirq + stolen;
        Some(Self { wanted, stolen })
    }
}

/// Cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The first value of that name in one of the system's lists.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
