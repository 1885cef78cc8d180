//! The whole table: every row beside its limit, several times over, and what is no rate.

use anyhow::Context as _;
use serde_json::Value;

use crate::aim::Aim;
use crate::figure::Figure;
use crate::finding::Findings;
use crate::machine::{Machine, cores};
use crate::options::Options;
use crate::report::Report;
use crate::rig::{Calm, Rig};
use crate::rows::Row;

/// The part of the peak at which calls are looked at that nobody should wait for.
const CALM: f64 = 0.7;
pub(crate) const P99_BY_P50: Aim = Aim::AtMost(8.0);
const ALONE: Aim = Aim::AtMost(1.3);
const REFRESHES: Aim = Aim::AtLeast(1_000.0);

/// The tables for people, and the same for programs.
pub(crate) async fn run(options: &Options) -> anyhow::Result<(String, Value)> {
    eprintln!("starting Postgres and both services");
    let (rig, services) = Rig::start(options.size()).await?;
    let mut report = Report {
        machine: Machine::here().with_postgres(rig.postgres_version.clone()),
        conditions: options.conditions(),
        services,
        notes: rig.notes(),
        ..Report::default()
    };
    for repetition in 1..=options.repetitions() {
        eprintln!("repetition {repetition} of {}", options.repetitions());
        repeat(&rig, options, &mut report).await?;
    }
    rig.weigh_again(&mut report.services);
    rig.stop().await?;
    Ok((report.markdown(), report.json()))
}

async fn repeat(rig: &Rig, options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let load = options.load();
    for row in options.rows() {
        let figure = rig.measure(row, load).await.context(row.name())?;
        let Some(figure) = figure else { continue };
        eprintln!("  {}: {:.0} per second", row.name(), figure.per_second);
        if row == Row::RefreshSession {
            let per_core = figure.per_second / cores() as f64;
            let findings = &mut report.findings;
            findings.add("RefreshSession, per second and core", Some(REFRESHES), per_core);
        }
        let peak = figure.per_second;
        report.rows.entry(row).or_default().push(figure);
        // At once, while the peak is what it was.
        let call = Calm::ALL.into_iter().find(|call| call.row() == row);
        if let Some(call) = call.filter(|_| peak > 0.0) {
            let calm = rig.at_rate(call, peak * CALM, load).await?;
            add_calm(&mut report.findings, call, &calm);
        }
    }
    if options.is_partial() {
        return Ok(());
    }
    add_alone(rig, options, &mut report.findings).await
}

async fn add_alone(rig: &Rig, options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let alone = rig.alone(options.load()).await.context("one at a time")?;
    findings.add("GetTask alone, p50 in ms", None, alone.get_task);
    findings.add("bare echo alone, p50 in ms", None, alone.bare_echo);
    if let Some(ms) = alone.point_read {
        findings.add("pgbench point read alone, mean in ms", None, ms);
    }
    if let Some(ratio) = alone.ratio() {
        let what = "GetTask alone / (bare echo + point read)";
        findings.add(what, Some(ALONE), ratio);
    }
    Ok(())
}

/// What was measured at that part of the peak.
pub(crate) fn add_calm(findings: &mut Findings, call: Calm, calm: &Figure) {
    let what = match call {
        Calm::GetTask => "GetTask, p99 / p50 at 70 % of peak",
        Calm::CreateTask => "CreateTask, p99 / p50 at 70 % of peak",
    };
    if let Some(latency) = calm.latency {
        findings.add(what, Some(P99_BY_P50), latency.p99_by_p50());
    }
}
