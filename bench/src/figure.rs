//! What one measurement gives, and how several become one line.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::process::Readings;

/// One row, measured once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figure {
    /// Successful calls a second.
    pub(crate) per_second: f64,
    /// Of the successful calls; None where nothing tells.
    pub(crate) latency: Option<Latency>,
    pub(crate) cpu: CpuPerCall,
    /// Other answers, by gRPC status.
    pub(crate) errors: BTreeMap<String, u64>,
}

impl Figure {
    /// Calls that were answered with anything but OK.
    pub(crate) fn failed(&self) -> u64 {
        self.errors.values().sum()
    }
}

/// How long calls took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Latency {
    /// Half of them took no longer.
    pub(crate) p50_ms: f64,
    /// All but a hundredth took no longer.
    pub(crate) p99_ms: f64,
    /// All but a thousandth took no longer.
    pub(crate) p999_ms: f64,
}

impl Latency {
    /// How much longer those take who are unlucky than everybody.
    pub(crate) fn p99_by_p50(&self) -> f64 {
        self.p99_ms / self.p50_ms
    }
}

/// Microseconds of CPU time for each answered call; `None` where the system does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CpuPerCall {
    pub(crate) server: Option<f64>,
    pub(crate) postgres: Option<f64>,
    pub(crate) driver: Option<f64>,
}

impl CpuPerCall {
    pub(crate) fn between(before: Readings, after: Readings, calls: u64) -> Self {
        let per_call = |before: Option<Duration>, after: Option<Duration>| {
            let spent = after?.saturating_sub(before?);
            (calls > 0).then(|| spent.as_secs_f64() * 1e6 / calls as f64)
        };
        Self {
            server: per_call(before.server, after.server),
            postgres: per_call(before.postgres, after.postgres),
            driver: per_call(before.driver, after.driver),
        }
    }
}

/// The same thing measured several times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// `None` when nothing was measured.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = match values.len() % 2 {
            0 => f64::midpoint(*values.get(middle.checked_sub(1)?)?, *values.get(middle)?),
            _ => *values.get(middle)?,
        };
        Some(Self {
            min: *values.first()?,
            median,
            max: *values.last()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_in_the_middle_whatever_the_order() {
        let spread = |values: &[f64]| Spread::of(values.iter().copied()).unwrap();
        assert_eq!(
            spread(&[3.0, 1.0, 2.0]),
            Spread {
                min: 1.0,
                median: 2.0,
                max: 3.0
            }
        );
        assert_eq!(
            spread(&[4.0, 1.0]),
            Spread {
                min: 1.0,
                median: 2.5,
                max: 4.0
            }
        );
        assert_eq!(Spread::of([]), None);
    }
}
