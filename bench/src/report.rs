//! What a run found out, as tables for people; `json` tells the same to programs.

mod json;

use std::collections::BTreeMap;

use crate::aim::Aim;
use crate::figure::{CpuPerCall, Figure, Latency, Spread};
use crate::finding::Findings;
use crate::footprint::Footprint;
use crate::machine::Machine;
use crate::rows::Row;
use crate::table::{decimals, markdown, whole};

pub(crate) use json::numbers;

/// The most memory that an idle service should take.
pub(crate) const IDLE_MB: Aim = Aim::AtMost(15.0);
/// The longest that a start should take.
pub(crate) const READY_MS: Aim = Aim::AtMost(100.0);

/// Everything that a run found out.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    /// How the load was made.
    pub(crate) conditions: Vec<String>,
    /// Every repetition of every row.
    pub(crate) rows: BTreeMap<Row, Vec<Figure>>,
    /// What is not a rate.
    pub(crate) findings: Findings,
    pub(crate) services: Vec<Footprint>,
    /// What a reader of the tables must know.
    pub(crate) notes: Vec<String>,
}

impl Report {
    /// Ratio to the limit, each repetition with its own.
    fn ratio(&self, row: Row) -> Option<Spread> {
        let ours = self.rows.get(&row)?;
        let limits = self.rows.get(&row.limit()?)?;
        Spread::of(
            ours.iter()
                .zip(limits)
                .map(|(ours, limit)| ours.per_second / limit.per_second),
        )
    }

    fn spread(&self, row: Row, value: impl Fn(&Figure) -> f64) -> Option<Spread> {
        Spread::of(self.rows.get(&row)?.iter().map(value))
    }

    fn latency(&self, row: Row, part: impl Fn(&Latency) -> f64) -> Option<Spread> {
        let latencies = self.rows.get(&row)?.iter().filter_map(|figure| figure.latency);
        Spread::of(latencies.map(|latency| part(&latency)))
    }

    fn cpu(&self, row: Row, part: impl Fn(&CpuPerCall) -> Option<f64>) -> Option<Spread> {
        Spread::of(self.rows.get(&row)?.iter().filter_map(|figure| part(&figure.cpu)))
    }

    fn errors(&self, row: Row) -> BTreeMap<&str, u64> {
        let mut sum = BTreeMap::new();
        for (code, count) in self
            .rows
            .get(&row)
            .into_iter()
            .flatten()
            .flat_map(|figure| &figure.errors)
        {
            *sum.entry(code.as_str()).or_default() += count;
        }
        sum
    }

    /// Three small tables and what went wrong.
    pub(crate) fn markdown(&self) -> String {
        let mut conditions = vec![self.machine.to_string()];
        conditions.extend(self.conditions.iter().cloned());
        let mut parts: Vec<String> = vec![conditions.join("; ")];
        parts.push(markdown(
            &[
                "what",
                "per s: min",
                "median",
                "max",
                "limit",
                "ratio",
                "aim",
                "met",
                "p50 ms",
                "p99 ms",
                "server us",
                "Postgres us",
                "driver us",
            ],
            Row::ALL.into_iter().map(|row| self.line(row)),
        ));
        parts.push(self.findings.markdown());
        parts.push(markdown(
            &[
                "service",
                "idle MB",
                "aim",
                "met",
                "after load MB",
                "ready ms: min",
                "median",
                "max",
                "aim",
                "met",
            ],
            self.services.iter().map(Footprint::line),
        ));
        parts.extend(self.notes.iter().cloned());
        parts.push(self.failures());
        parts.join("\n\n")
    }

    fn failures(&self) -> String {
        let errors = Row::ALL.into_iter().flat_map(|row| {
            let of_row = self.errors(row).into_iter();
            of_row
                .map(move |(code, count)| format!("{}: {count} x {code}", row.name()))
                .collect::<Vec<_>>()
        });
        let errors: Vec<String> = errors.collect();
        match errors.is_empty() {
            true => "No call failed.".to_owned(),
            false => format!("Failed calls, in no figure above: {}.", errors.join(", ")),
        }
    }

    fn line(&self, row: Row) -> Vec<String> {
        let rate = self.spread(row, |figure| figure.per_second);
        let ratio = self.ratio(row).map(|ratio| ratio.median);
        let median = |spread: Option<Spread>| spread.map(|spread| spread.median);
        vec![
            row.name().to_owned(),
            whole(rate.map(|rate| rate.min)),
            whole(rate.map(|rate| rate.median)),
            whole(rate.map(|rate| rate.max)),
            row.limit().map_or("-", Row::name).to_owned(),
            decimals(ratio, 2),
            Aim::text(row.aim()),
            Aim::verdict(row.aim(), ratio),
            decimals(median(self.latency(row, |latency| latency.p50_ms)), 2),
            decimals(median(self.latency(row, |latency| latency.p99_ms)), 2),
            decimals(median(self.cpu(row, |cpu| cpu.server)), 1),
            decimals(median(self.cpu(row, |cpu| cpu.postgres)), 1),
            decimals(median(self.cpu(row, |cpu| cpu.driver)), 1),
        ]
    }
}

impl Footprint {
    fn line(&self) -> Vec<String> {
        let ready = Spread::of(self.ready_ms.iter().copied());
        vec![
            self.name.to_owned(),
            decimals(self.idle_mb, 1),
            IDLE_MB.to_string(),
            Aim::verdict(Some(IDLE_MB), self.idle_mb),
            decimals(self.after_load_mb, 1),
            whole(ready.map(|ready| ready.min)),
            whole(ready.map(|ready| ready.median)),
            whole(ready.map(|ready| ready.max)),
            READY_MS.to_string(),
            Aim::verdict(Some(READY_MS), ready.map(|ready| ready.median)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(per_second: f64) -> Figure {
        Figure {
            per_second,
            ..Figure::default()
        }
    }

    #[test]
    fn each_repetition_is_compared_with_the_limit_of_its_own_time() {
        let rows = BTreeMap::from([
            (Row::BareEcho, vec![figure(100.0), figure(200.0), figure(400.0)]),
            (
                Row::VerifiedEcho,
                vec![figure(90.0), figure(160.0), figure(280.0)],
            ),
        ]);
        let ratio = Report {
            rows,
            ..Report::default()
        }
        .ratio(Row::VerifiedEcho)
        .unwrap();
        assert_eq!(
            ratio,
            Spread {
                min: 0.7,
                median: 0.8,
                max: 0.9
            }
        );
    }

    #[test]
    fn failed_calls_are_named_below_the_table() {
        let mut failed = figure(1.0);
        failed.errors.insert("Unavailable".to_owned(), 3);
        let report = Report {
            rows: BTreeMap::from([(Row::GetTask, vec![failed])]),
            ..Report::default()
        };
        assert!(report.markdown().ends_with("GetTask: 3 x Unavailable."));
    }

    #[test]
    fn what_was_not_measured_is_a_dash_and_no_verdict() {
        let text = Report::default().markdown();
        let line = text.lines().find(|line| line.starts_with("| GetTask ")).unwrap();
        assert!(!line.contains("missed"), "{line}");
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        assert_eq!(cells[1..3], ["GetTask", "-"], "{line}");
    }
}
