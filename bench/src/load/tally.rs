//! Answers, counted: latencies of the good ones, statuses of the others.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use tonic::Status;

use crate::figure::{CpuPerCall, Figure, Latency};
use crate::process::Readings;

const LONGEST_LATENCY_US: u64 = 60_000_000;

pub(super) struct Tally {
    latency: Histogram<u64>,
    errors: BTreeMap<String, u64>,
}

impl Tally {
    pub(super) fn new() -> anyhow::Result<Self> {
        let latency = Histogram::new_with_bounds(1, LONGEST_LATENCY_US, 3)?;
        Ok(Self {
            latency,
            errors: BTreeMap::new(),
        })
    }

    pub(super) fn record(&mut self, answer: &Result<(), Status>, took: Duration) {
        match answer {
            Ok(()) => self
                .latency
                .saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX)),
            Err(status) => *self.errors.entry(format!("{:?}", status.code())).or_default() += 1,
        }
    }

    pub(super) fn add(&mut self, other: Self) -> anyhow::Result<()> {
        self.latency.add(other.latency)?;
        for (code, count) in other.errors {
            *self.errors.entry(code).or_default() += count;
        }
        Ok(())
    }

    pub(super) fn figure(self, elapsed: Duration, before: Readings, after: Readings) -> Figure {
        let answered = self.latency.len() + self.errors.values().sum::<u64>();
        let at = |quantile| self.latency.value_at_quantile(quantile) as f64 / 1e3;
        Figure {
            per_second: self.latency.len() as f64 / elapsed.as_secs_f64(),
            latency: (!self.latency.is_empty()).then(|| Latency {
                p50_ms: at(0.5),
                p99_ms: at(0.99),
                p999_ms: at(0.999),
            }),
            cpu: CpuPerCall::between(before, after, answered),
            errors: self.errors,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Meters;

    #[test]
    fn what_several_workers_counted_is_one_distribution_and_not_a_mean_of_theirs() {
        let (mut fast, mut slow) = (Tally::new().unwrap(), Tally::new().unwrap());
        for _ in 0..980 {
            fast.record(&Ok(()), Duration::from_millis(1));
        }
        for _ in 0..20 {
            slow.record(&Ok(()), Duration::from_millis(100));
            slow.record(&Err(Status::aborted("on purpose")), Duration::ZERO);
        }
        slow.record(&Err(Status::aborted("on purpose")), Duration::ZERO);
        fast.add(slow).unwrap();

        let nothing = Meters::new(None, None).read();
        let figure = fast.figure(Duration::from_secs(2), nothing, nothing);
        let latency = figure.latency.unwrap();
        assert!((figure.per_second - 500.0).abs() < 1e-9);
        assert!((latency.p50_ms - 1.0).abs() < 0.01, "{latency:?}");
        assert!((latency.p99_ms - 100.0).abs() < 0.1, "{latency:?}");
        assert_eq!(figure.errors, BTreeMap::from([("Aborted".to_owned(), 21)]));
    }

    #[test]
    fn where_nothing_was_answered_there_is_no_latency() {
        let nothing = Meters::new(None, None).read();
        let figure = Tally::new()
            .unwrap()
            .figure(Duration::from_secs(1), nothing, nothing);
        assert!(figure.latency.is_none());
    }
}
