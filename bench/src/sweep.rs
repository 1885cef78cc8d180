//! Latency against load: calls at fixed rates, from a tenth of what goes through at most to a tenth more than that. What goes
//! through is found by a closed loop just before; the rates are an open loop, where a call's time counts from when it was due.

mod plot;

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::figure::{Figure, Latency, Spread};
use crate::finding::Findings;
use crate::machine::Machine;
use crate::options::Options;
use crate::report::numbers;
use crate::rig::{Calm, Rig, Size};
use crate::table::{decimals, markdown, whole};
use crate::whole::{P99_BY_P50, add_calm};

/// Parts of the peak; the first that matters to a caller is the one where everybody still gets along.
const PERCENTS: [u32; 11] = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110];
const CALM_PERCENT: u32 = 70;

/// One call at every rate.
#[derive(Debug)]
struct Curve {
    call: Calm,
    /// Of the closed loop, answered per second.
    peak: Spread,
    points: Vec<Point>,
}

/// One rate, several times over.
#[derive(Debug)]
struct Point {
    percent: u32,
    /// Calls that come in a second.
    offered: f64,
    figures: Vec<Figure>,
}

/// The tables for people and the same for programs; `file` gets the plot.
pub(crate) async fn run(options: &Options, file: Option<&Path>) -> anyhow::Result<(String, Value)> {
    // What pgbench can do and how services start is for the table of rows.
    let size = Size {
        clients: &[],
        starts: 1,
        ..options.size()
    };
    let (rig, _) = Rig::start(size).await?;
    let machine = Machine::here().with_postgres(rig.postgres_version.clone());
    let mut curves = Vec::new();
    for call in Calm::ALL {
        let curve = sweep(&rig, call, options).await;
        curves.push(curve.with_context(|| call.row().name())?);
    }
    rig.stop().await?;

    let findings = findings(&curves);
    if let Some(file) = file {
        plot::draw(file, &curves).with_context(|| format!("drawing {}", file.display()))?;
    }
    let mut conditions = vec![machine.to_string()];
    conditions.extend(options.conditions());
    let mut text = vec![conditions.join("; ")];
    text.extend(curves.iter().map(Curve::markdown));
    text.push(findings.markdown());
    let figures = json!({
        "machine": machine.json(),
        "conditions": options.conditions(),
        "curves": curves.iter().map(Curve::json).collect::<Vec<_>>(),
        "findings": findings.json(),
    });
    Ok((text.join("\n\n"), figures))
}

async fn sweep(rig: &Rig, call: Calm, options: &Options) -> anyhow::Result<Curve> {
    let load = options.load();
    let mut peaks = Vec::new();
    for _ in 0..options.repetitions() {
        let figure = rig.measure(call.row(), load).await?;
        peaks.extend(figure.map(|figure| figure.per_second));
    }
    let peak = Spread::of(peaks).context("nothing was answered")?;
    eprintln!("{}: {:.0} per second at most", call.row().name(), peak.median);
    let mut points = PERCENTS.map(|percent| Point {
        percent,
        offered: peak.median * f64::from(percent) / 100.0,
        figures: Vec::new(),
    });
    for repetition in 1..=options.repetitions() {
        for point in &mut points {
            point.figures.push(rig.at_rate(call, point.offered, load).await?);
        }
        eprintln!("  repetition {repetition} of {}", options.repetitions());
    }
    Ok(Curve {
        call,
        peak,
        points: points.into(),
    })
}

fn findings(curves: &[Curve]) -> Findings {
    let mut findings = Findings::default();
    for curve in curves {
        let calm = curve.points.iter().find(|point| point.percent == CALM_PERCENT);
        for figure in calm.into_iter().flat_map(|point| &point.figures) {
            add_calm(&mut findings, curve.call, figure);
        }
    }
    findings
}

impl Point {
    fn latency(&self, part: impl Fn(&Latency) -> f64) -> Option<Spread> {
        let latencies = self.figures.iter().filter_map(|figure| figure.latency);
        Spread::of(latencies.map(|latency| part(&latency)))
    }

    fn answered(&self) -> Option<Spread> {
        Spread::of(self.figures.iter().map(|figure| figure.per_second))
    }

    fn failed(&self) -> u64 {
        self.figures
            .iter()
            .flat_map(|figure| figure.errors.values())
            .sum()
    }
}

impl Curve {
    fn markdown(&self) -> String {
        let head = [
            self.call.row().name(),
            "offered per s",
            "answered per s",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "p99 / p50",
            "failed",
        ];
        let median = |spread: Option<Spread>| spread.map(|spread| spread.median);
        let lines = self.points.iter().map(|point| {
            vec![
                format!("{} % of peak", point.percent),
                whole(Some(point.offered)),
                whole(median(point.answered())),
                decimals(median(point.latency(|latency| latency.p50_ms)), 2),
                decimals(median(point.latency(|latency| latency.p99_ms)), 2),
                decimals(median(point.latency(|latency| latency.p999_ms)), 2),
                decimals(median(point.latency(Latency::p99_by_p50)), 1),
                point.failed().to_string(),
            ]
        });
        markdown(&head, lines)
    }

    fn json(&self) -> Value {
        let points = self.points.iter().map(|point| {
            json!({
                "percent_of_peak": point.percent,
                "offered_per_second": point.offered,
                "answered_per_second": numbers(point.answered()),
                "p50_ms": numbers(point.latency(|latency| latency.p50_ms)),
                "p99_ms": numbers(point.latency(|latency| latency.p99_ms)),
                "p999_ms": numbers(point.latency(|latency| latency.p999_ms)),
                "repetitions": point.figures.iter().map(Figure::json).collect::<Vec<_>>(),
            })
        });
        json!({
            "what": self.call.row().name(),
            "peak_per_second": numbers(Some(self.peak)),
            "aim_of_p99_by_p50_at_70_percent": P99_BY_P50.to_string(),
            "points": points.collect::<Vec<_>>(),
        })
    }
}
