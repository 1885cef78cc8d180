//! The table for people, in Markdown so that it can be kept, and the same as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::figure::{CpuPerCall, Figure, Spread};
use crate::footprint::Footprint;
use crate::rows::Row;

/// The most memory that an idle service should take.
const IDLE_MB: f64 = 25.0;
/// The longest that a start should take.
const READY_MS: f64 = 300.0;

/// Everything that a run found out.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Processor, program and how the load was made.
    pub(crate) conditions: Vec<String>,
    /// Every repetition of every row.
    pub(crate) rows: BTreeMap<Row, Vec<Figure>>,
    pub(crate) services: Vec<Footprint>,
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

    fn cpu(&self, row: Row, part: impl Fn(&CpuPerCall) -> Option<f64>) -> Option<f64> {
        let values = self.rows.get(&row)?.iter().filter_map(|figure| part(&figure.cpu));
        Spread::of(values).map(|spread| spread.median)
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
        let mut parts: Vec<String> = vec![self.conditions.join("; ")];
        parts.push(table(
            &[
                "what",
                "per s: min",
                "median",
                "max",
                "limit",
                "ratio",
                "aim",
                "p50 ms",
                "p99 ms",
                "server us",
                "Postgres us",
                "driver us",
            ],
            Row::ALL.into_iter().map(|row| self.line(row)),
        ));
        parts.push(table(
            &[
                "service",
                "idle MB",
                "aim",
                "after load MB",
                "ready ms: min",
                "median",
                "max",
                "aim",
            ],
            self.services.iter().map(Footprint::line),
        ));
        let errors = Row::ALL.into_iter().flat_map(|row| {
            let of_row = self.errors(row).into_iter();
            of_row
                .map(move |(code, count)| format!("{}: {count} x {code}", row.name()))
                .collect::<Vec<_>>()
        });
        let errors: Vec<String> = errors.collect();
        parts.push(match errors.is_empty() {
            true => "No call failed.".to_owned(),
            false => format!("Failed calls, in no figure above: {}.", errors.join(", ")),
        });
        parts.join("\n\n")
    }

    fn line(&self, row: Row) -> Vec<String> {
        let rate = self.spread(row, |figure| figure.per_second);
        let median = |value: fn(&Figure) -> f64| self.spread(row, value).map(|spread| spread.median);
        vec![
            row.name().to_owned(),
            whole(rate.map(|rate| rate.min)),
            whole(rate.map(|rate| rate.median)),
            whole(rate.map(|rate| rate.max)),
            row.limit().map_or("-", Row::name).to_owned(),
            decimals(self.ratio(row).map(|ratio| ratio.median), 2),
            at_least(row.aim()),
            decimals(median(|figure| figure.p50_ms), 2),
            decimals(median(|figure| figure.p99_ms), 2),
            decimals(self.cpu(row, |cpu| cpu.server), 1),
            decimals(self.cpu(row, |cpu| cpu.postgres), 1),
            decimals(self.cpu(row, |cpu| cpu.driver), 1),
        ]
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        let rows = Row::ALL.into_iter().map(|row| {
            let spread = |value: fn(&Figure) -> f64| numbers(self.spread(row, value));
            json!({
                "what": row.name(),
                "per_second": spread(|figure| figure.per_second),
                "limit": row.limit().map(Row::name),
                "ratio": numbers(self.ratio(row)),
                "aim": row.aim(),
                "p50_ms": spread(|figure| figure.p50_ms),
                "p99_ms": spread(|figure| figure.p99_ms),
                "cpu_us": {
                    "server": self.cpu(row, |cpu| cpu.server),
                    "postgres": self.cpu(row, |cpu| cpu.postgres),
                    "driver": self.cpu(row, |cpu| cpu.driver),
                },
                "errors": self.errors(row),
            })
        });
        let services = self.services.iter().map(|service| {
            json!({
                "name": service.name,
                "idle_mb": service.idle_mb,
                "after_load_mb": service.after_load_mb,
                "ready_ms": numbers(Spread::of(service.ready_ms.iter().copied())),
            })
        });
        json!({
            "conditions": self.conditions,
            "rows": rows.collect::<Vec<_>>(),
            "services": services.collect::<Vec<_>>(),
        })
    }
}

impl Footprint {
    fn line(&self) -> Vec<String> {
        let ready = Spread::of(self.ready_ms.iter().copied());
        vec![
            self.name.to_owned(),
            decimals(self.idle_mb, 1),
            format!("< {IDLE_MB}"),
            decimals(self.after_load_mb, 1),
            whole(ready.map(|ready| ready.min)),
            whole(ready.map(|ready| ready.median)),
            whole(ready.map(|ready| ready.max)),
            format!("< {READY_MS}"),
        ]
    }
}

fn numbers(spread: Option<Spread>) -> Value {
    spread.map_or(
        Value::Null,
        |spread| json!({ "min": spread.min, "median": spread.median, "max": spread.max }),
    )
}

fn whole(value: Option<f64>) -> String {
    decimals(value, 0)
}

fn decimals(value: Option<f64>, places: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.places$}"))
}

fn at_least(aim: Option<f64>) -> String {
    aim.map_or_else(|| "-".to_owned(), |aim| format!(">= {aim}"))
}

/// The first column is text, the others are numbers.
pub(crate) fn table(head: &[&str], lines: impl Iterator<Item = Vec<String>>) -> String {
    let lines: Vec<Vec<String>> = lines.collect();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column)).map(String::len);
        cells.chain([head[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let row = |cells: Vec<&str>| {
        let padded = cells
            .into_iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
        format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.iter().enumerate().map(|(column, width)| match column {
        0 => "-".repeat(*width),
        _ => format!("{}:", "-".repeat(width - 1)),
    });
    let rule: Vec<String> = rule.collect();
    let mut text = vec![row(head.to_vec()), row(rule.iter().map(String::as_str).collect())];
    text.extend(
        lines
            .iter()
            .map(|line| row(line.iter().map(String::as_str).collect())),
    );
    text.join("\n")
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
    fn what_was_not_measured_is_a_dash() {
        assert!(
            Report::default()
                .markdown()
                .contains("| GetTask                |          - |")
        );
    }
}
