//! One task-service and two on the same tables, under the same load. Where both share the cores with Postgres and the driver
//! their sum cannot double; what is looked for is that a second replica takes nothing away.

use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};
use tonic::transport::Channel;

use crate::calls::{CreateTask, GetTask};
use crate::figure::{Figure, Spread};
use crate::house::House;
use crate::load::{self, Load};
use crate::machine::Machine;
use crate::options::Options;
use crate::process::Meters;
use crate::report::numbers;
use crate::rig::Calm;
use crate::seeding::Table;
use crate::table::{decimals, markdown, whole};
use crate::town::Town;

const OWNERS: u64 = 1_000;
const TASKS_EACH: i64 = 100;

/// One call, at one replica and at two.
struct Comparison {
    call: Calm,
    one: Vec<Figure>,
    two: Vec<Figure>,
}

/// The table for people, and the same for programs.
pub(crate) async fn run(options: &Options) -> anyhow::Result<(String, Value)> {
    let (mut house, person) = House::start().await?;
    house.add_task_service(&person).await?;
    let table = Table::open(&house.tasks_url()).await?;
    let owners = if options.quick { 50 } else { OWNERS };
    let town = Arc::new(Town::settle(&house, &table, owners, TASKS_EACH).await?);
    table.settle().await?;

    let mut comparisons = Calm::ALL.map(|call| Comparison {
        call,
        one: Vec::new(),
        two: Vec::new(),
    });
    for repetition in 1..=options.repetitions() {
        eprintln!("repetition {repetition} of {}", options.repetitions());
        for comparison in &mut comparisons {
            let call = comparison.call;
            let measured = async {
                let one = measure(&house, &town, call, 1, options.load()).await?;
                anyhow::Ok((one, measure(&house, &town, call, 2, options.load()).await?))
            };
            let (one, two) = measured.await.with_context(|| call.row().name())?;
            comparison.one.push(one);
            comparison.two.push(two);
        }
    }
    let machine = Machine::here().with_postgres(table.server_version().await?);
    house.stop().await?;

    let load = options.load();
    let head = [
        "what",
        "one replica, per s",
        "two, per s",
        "two / one",
        "server us, one",
        "two",
        "p99 ms, one",
        "two",
        "failed",
    ];
    let text = format!(
        "{machine}; {} in flight over {} connections; {} repetitions of {} s\n\n{}",
        load.in_flight,
        load.connections.max(2),
        options.repetitions(),
        load.plan.measured.as_secs(),
        markdown(&head, comparisons.iter().map(Comparison::line))
    );
    let figures = json!({
        "machine": machine.json(),
        "comparisons": comparisons.iter().map(Comparison::json).collect::<Vec<_>>(),
    });
    Ok((text, figures))
}

/// The same callers and connections, dealt over so many replicas.
async fn measure(
    house: &House,
    town: &Arc<Town>,
    call: Calm,
    replicas: usize,
    load: Load,
) -> anyhow::Result<Figure> {
    let replicas = &house.tasks[..replicas];
    let load = Load {
        connections: load.connections.max(2),
        ..load
    };
    let mut channels: Vec<Channel> = Vec::new();
    for number in 0..load.connections {
        channels.push(replicas[number % replicas.len()].connect().await?);
    }
    let channels = channels.iter().cycle().take(load.in_flight).cloned();
    let pids = [
        replicas[0].pid(),
        replicas.get(1).and_then(|replica| replica.pid()),
    ];
    let meters = Meters::of_replicas(pids, house.postmaster());
    let town = || Arc::clone(town);
    match call {
        Calm::GetTask => {
            let callers = channels.map(|channel| GetTask::new(channel, town()));
            load::closed(callers.collect(), load.plan, &meters).await
        }
        Calm::CreateTask => {
            let callers = channels.map(|channel| CreateTask::new(channel, town()));
            load::closed(callers.collect(), load.plan, &meters).await
        }
    }
}

impl Comparison {
    /// Each repetition with its own.
    fn ratio(&self) -> Option<Spread> {
        let pairs = self.one.iter().zip(&self.two);
        Spread::of(pairs.map(|(one, two)| two.per_second / one.per_second))
    }

    fn line(&self) -> Vec<String> {
        let median = |figures: &[Figure], part: fn(&Figure) -> Option<f64>| {
            let spread = Spread::of(figures.iter().filter_map(part));
            spread.map(|spread| spread.median)
        };
        let rate = |figure: &Figure| Some(figure.per_second);
        let p99 = |figure: &Figure| Some(figure.latency?.p99_ms);
        let cpu = |figure: &Figure| figure.cpu.server;
        let failed = self.one.iter().chain(&self.two).map(Figure::failed);
        vec![
            self.call.row().name().to_owned(),
            whole(median(&self.one, rate)),
            whole(median(&self.two, rate)),
            decimals(self.ratio().map(|ratio| ratio.median), 2),
            decimals(median(&self.one, cpu), 1),
            decimals(median(&self.two, cpu), 1),
            decimals(median(&self.one, p99), 2),
            decimals(median(&self.two, p99), 2),
            failed.sum::<u64>().to_string(),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "what": self.call.row().name(),
            "ratio": numbers(self.ratio()),
            "one": self.one.iter().map(Figure::json).collect::<Vec<_>>(),
            "two": self.two.iter().map(Figure::json).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_median_of_the_repetitions_own_ratios() {
        let figures = |rates: [f64; 3]| {
            rates.map(|per_second| Figure {
                per_second,
                ..Figure::default()
            })
        };
        let comparison = Comparison {
            call: Calm::GetTask,
            one: figures([100.0, 10.0, 1_000.0]).into(),
            two: figures([200.0, 11.0, 900.0]).into(),
        };
        // The ratio of the medians would be 2.
        assert_eq!(comparison.ratio().unwrap().median, 1.1);
    }
}
