//! The same as the tables, for programs: every figure with its least, median and most over the repetitions.

use serde_json::{Value, json};

use super::{IDLE_MB, READY_MS, Report};
use crate::aim::Aim;
use crate::figure::{CpuPerCall, Figure, Latency, Spread};
use crate::finding::Finding;
use crate::footprint::Footprint;
use crate::rows::Row;

impl Report {
    pub(crate) fn json(&self) -> Value {
        json!({
            "machine": self.machine.json(),
            "conditions": self.conditions,
            "rows": Row::ALL.map(|row| self.row(row)),
            "findings": self.findings.json(),
            "services": self.services.iter().map(Footprint::json).collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }

    fn row(&self, row: Row) -> Value {
        let latency = |part: fn(&Latency) -> f64| numbers(self.latency(row, part));
        let cpu = |part: fn(&CpuPerCall) -> Option<f64>| numbers(self.cpu(row, part));
        let ratio = self.ratio(row);
        json!({
            "what": row.name(),
            "repetitions": self.rows.get(&row).map_or(0, Vec::len),
            "per_second": numbers(self.spread(row, |figure| figure.per_second)),
            "limit": row.limit().map(Row::name),
            "ratio": numbers(ratio),
            "aim": row.aim().map(Aim::json),
            "met": met(row.aim(), ratio),
            "p50_ms": latency(|latency| latency.p50_ms),
            "p99_ms": latency(|latency| latency.p99_ms),
            "p999_ms": latency(|latency| latency.p999_ms),
            "cpu_us": {
                "server": cpu(|cpu| cpu.server),
                "postgres": cpu(|cpu| cpu.postgres),
                "driver": cpu(|cpu| cpu.driver),
            },
            "errors": self.errors(row),
        })
    }
}

impl Aim {
    fn json(self) -> Value {
        match self {
            Self::AtLeast(least) => json!({ "at_least": least }),
            Self::AtMost(most) => json!({ "at_most": most }),
        }
    }
}

impl Finding {
    pub(crate) fn json(&self) -> Value {
        json!({
            "what": self.what,
            "value": numbers(self.spread()),
            "aim": self.aim.map(Aim::json),
            "met": met(self.aim, self.spread()),
        })
    }
}

impl Footprint {
    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "idle_mb": self.idle_mb,
            "idle_mb_aim": IDLE_MB.json(),
            "after_load_mb": self.after_load_mb,
            "ready_ms": numbers(Spread::of(self.ready_ms.iter().copied())),
            "ready_ms_aim": READY_MS.json(),
        })
    }
}

impl Figure {
    /// One measurement alone.
    pub(crate) fn json(&self) -> Value {
        json!({
            "per_second": self.per_second,
            "p50_ms": self.latency.map(|latency| latency.p50_ms),
            "p99_ms": self.latency.map(|latency| latency.p99_ms),
            "p999_ms": self.latency.map(|latency| latency.p999_ms),
            "cpu_us": {
                "server": self.cpu.server,
                "postgres": self.cpu.postgres,
                "driver": self.cpu.driver,
            },
            "errors": self.errors,
        })
    }
}

fn met(aim: Option<Aim>, spread: Option<Spread>) -> Option<bool> {
    Some(aim?.met(spread?.median))
}

/// Null where nothing was measured.
pub(crate) fn numbers(spread: Option<Spread>) -> Value {
    spread.map_or(
        Value::Null,
        |spread| json!({ "min": spread.min, "median": spread.median, "max": spread.max }),
    )
}
