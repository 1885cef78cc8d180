//! What connections cost: the same calls in flight over one connection, ten, a hundred and a thousand, each caller taking its
//! connections in turn, so that all of them are at work.

use std::sync::Arc;

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use tonic::Status;
use tonic::transport::Channel;

use crate::calls::GetTask;
use crate::figure::{Figure, Spread};
use crate::house::House;
use crate::load::{self, Call, Load};
use crate::machine::Machine;
use crate::options::Options;
use crate::process::{self, Meters};
use crate::report::numbers;
use crate::seeding::Table;
use crate::service::endpoint;
use crate::table::{decimals, markdown, whole};
use crate::town::Town;

const NUMBERS: [usize; 4] = [1, 10, 100, 1_000];
const OWNERS: u64 = 1_000;
const TASKS_EACH: i64 = 100;
/// Connections that are made at the same moment.
const AT_ONCE: usize = 32;

/// A caller with several connections.
struct InTurn<C> {
    callers: Vec<C>,
    next: usize,
}

impl<C: Call> Call for InTurn<C> {
    async fn call(&mut self) -> Result<(), Status> {
        self.next = (self.next + 1) % self.callers.len();
        self.callers[self.next].call().await
    }
}

/// A number of connections, measured.
struct Point {
    connections: usize,
    figures: Vec<Figure>,
    /// Of the server, while they are open.
    server_mb: Option<f64>,
}

/// The table for people, and the same for programs.
pub(crate) async fn run(options: &Options) -> anyhow::Result<(String, Value)> {
    let (house, _) = House::start().await?;
    let table = Table::open(&house.tasks_url()).await?;
    let owners = if options.quick { 50 } else { OWNERS };
    let town = Arc::new(Town::settle(&house, &table, owners, TASKS_EACH).await?);
    table.settle().await?;
    let mut points = Vec::new();
    for connections in NUMBERS {
        let point = measure(&house, &town, connections, options).await;
        points.push(point.with_context(|| format!("{connections} connections"))?);
    }
    let machine = Machine::here().with_postgres(table.server_version().await?);
    house.stop().await?;

    let load = options.load();
    let text = format!(
        "{machine}; GetTask, {} in flight; {} repetitions of {} s\n\n{}",
        load.in_flight,
        options.repetitions(),
        load.plan.measured.as_secs(),
        markdown(
            &[
                "connections",
                "per s: min",
                "median",
                "max",
                "p50 ms",
                "p99 ms",
                "server us",
                "driver us",
                "server MB",
                "KB each",
                "failed",
            ],
            points.iter().map(|point| point.line(&points[0])),
        )
    );
    let figures = json!({
        "machine": machine.json(),
        "in_flight": load.in_flight,
        "points": points.iter().map(Point::json).collect::<Vec<_>>(),
    });
    Ok((text, figures))
}

async fn measure(
    house: &House,
    town: &Arc<Town>,
    connections: usize,
    options: &Options,
) -> anyhow::Result<Point> {
    let service = &house.tasks[0];
    let endpoint = endpoint(service.address)?;
    let made = stream::iter(0..connections)
        .map(|_| endpoint.connect())
        .buffered(AT_ONCE);
    let channels: Vec<Channel> = made.try_collect().await?;
    let load = options.load();
    let mut point = Point {
        connections,
        figures: Vec::new(),
        server_mb: None,
    };
    for _ in 0..options.repetitions() {
        let callers = dealt(&channels, load)
            .into_iter()
            .map(|channels| InTurn {
                callers: channels
                    .into_iter()
                    .map(|channel| GetTask::new(channel, Arc::clone(town)))
                    .collect(),
                next: 0,
            })
            .collect();
        let meters = Meters::new(service.pid(), house.postmaster());
        point
            .figures
            .push(load::closed(callers, load.plan, &meters).await?);
    }
    point.server_mb = service.pid().and_then(process::pss_mb);
    let rate = Spread::of(point.figures.iter().map(|figure| figure.per_second));
    eprintln!(
        "{connections} connections: {} per second",
        whole(rate.map(|rate| rate.median))
    );
    Ok(point)
}

/// For each call in flight its connections: every one has somebody, and everybody has one.
fn dealt<T: Clone>(channels: &[T], load: Load) -> Vec<Vec<T>> {
    (0..load.in_flight)
        .map(|caller| {
            let own = channels.iter().skip(caller).step_by(load.in_flight);
            let own: Vec<T> = own.cloned().collect();
            match own.is_empty() {
                true => vec![channels[caller % channels.len()].clone()],
                false => own,
            }
        })
        .collect()
}

impl Point {
    fn spread(&self, part: impl Fn(&Figure) -> Option<f64>) -> Option<Spread> {
        Spread::of(self.figures.iter().filter_map(part))
    }

    /// Beyond what the server held with `first`, which is mostly itself.
    fn kb_each(&self, first: &Self) -> Option<f64> {
        let more = self.connections.checked_sub(first.connections)?;
        (more > 0).then_some((self.server_mb? - first.server_mb?) * 1e3 / more as f64)
    }

    fn line(&self, first: &Self) -> Vec<String> {
        let median = |part: fn(&Figure) -> Option<f64>| self.spread(part).map(|spread| spread.median);
        let rate = self.spread(|figure| Some(figure.per_second));
        vec![
            self.connections.to_string(),
            whole(rate.map(|rate| rate.min)),
            whole(rate.map(|rate| rate.median)),
            whole(rate.map(|rate| rate.max)),
            decimals(median(|figure| Some(figure.latency?.p50_ms)), 2),
            decimals(median(|figure| Some(figure.latency?.p99_ms)), 2),
            decimals(median(|figure| figure.cpu.server), 1),
            decimals(median(|figure| figure.cpu.driver), 1),
            decimals(self.server_mb, 1),
            decimals(self.kb_each(first), 0),
            self.figures.iter().map(Figure::failed).sum::<u64>().to_string(),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "connections": self.connections,
            "per_second": numbers(self.spread(|figure| Some(figure.per_second))),
            "server_mb": self.server_mb,
            "repetitions": self.figures.iter().map(Figure::json).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_connection_has_a_caller_and_every_caller_a_connection() {
        let load = Load {
            in_flight: 64,
            connections: 1,
            plan: load::Plan {
                warm_up: std::time::Duration::ZERO,
                measured: std::time::Duration::ZERO,
            },
        };
        for connections in NUMBERS {
            let all: Vec<usize> = (0..connections).collect();
            let dealt = dealt(&all, load);
            assert_eq!(dealt.len(), 64);
            assert!(dealt.iter().all(|own| !own.is_empty()));
            let used: BTreeSet<usize> = dealt.into_iter().flatten().collect();
            assert_eq!(used.len(), connections);
        }
    }
}
