//! What a call costs as the work grows: the same calls of a person with 100 tasks while the table has 1,000, 100,000 and
//! 1,000,000, and then of a person who has 100,000. One call at a time, so that a latency is work and not waiting.

mod calls;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

use self::calls::{Kind, Operation};
use crate::house::House;
use crate::load::{self, Plan};
use crate::machine::Machine;
use crate::options::Options;
use crate::people::Person;
use crate::process::Meters;
use crate::seeding::Table;
use crate::table;

/// Tasks of the person whose calls are measured while others' tasks grow.
const SMALL: u32 = 100;
/// Tasks of the person who has many.
const LARGE: u32 = if cfg!(debug_assertions) { 2_000 } else { 100_000 };
/// Rows of the table, everybody's. A debug build only tries the program.
const TABLE_SIZES: [i64; 3] = match cfg!(debug_assertions) {
    true => [1_000, 2_000, 3_000],
    false => [1_000, 100_000, 1_000_000],
};
/// A cost that an index holds is at most this many times that of the smallest table.
const FLAT: f64 = 2.0;

/// The table for people, and the same for programs.
pub(crate) async fn run(options: &Options) -> anyhow::Result<(String, Value)> {
    let plan = Plan {
        warm_up: Duration::from_millis(300),
        ..options.load().plan
    };
    let (house, small) = House::start().await?;
    let table = Table::open(&house.tasks_url()).await?;
    let large = Person::sign_up(house.auth_channel().await?, 1).await?;
    table.add_tasks(&[small.user_id()?], SMALL.into()).await?;
    let small = Arc::new(small.with_tasks(SMALL.into()));

    // The first calls of a new service wait for connections and plans, which is no matter of size.
    eprintln!("warming up");
    measure(&house, &small, plan).await?;
    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    for size in TABLE_SIZES {
        eprintln!("filling the table to {size} tasks");
        table.fill_to(size).await?;
        let column = measure(&house, &small, plan).await?;
        columns.push((format!("{size} in the table"), column));
    }
    eprintln!("a person with {LARGE} tasks");
    table.add_tasks(&[large.user_id()?], LARGE.into()).await?;
    table.settle().await?;
    let large = Arc::new(large.with_tasks(LARGE.into()));
    let column = measure(&house, &large, plan).await?;
    columns.push((format!("person with {LARGE}"), column));
    let machine = Machine::here().with_postgres(table.server_version().await?);
    house.stop().await?;
    let figures = json!({
        "machine": machine.json(),
        "median_ms": columns.iter().map(json).collect::<Vec<_>>(),
    });
    let text = format!("{machine}; one call at a time\n\n{}", markdown(&columns));
    Ok((text, figures))
}

/// The median of each kind of call, in milliseconds.
async fn measure(house: &House, person: &Arc<Person>, plan: Plan) -> anyhow::Result<Vec<f64>> {
    let channel = house.tasks_channel().await?;
    let mut medians = Vec::new();
    for kind in Kind::ALL {
        let caller = Operation::new(kind, channel.clone(), Arc::clone(person))
            .await
            .with_context(|| kind.name())?;
        let figure = load::closed(vec![caller], plan, &Meters::new(None, None)).await?;
        anyhow::ensure!(figure.errors.is_empty(), "{}: {:?}", kind.name(), figure.errors);
        let median_ms = figure.latency.context("nothing was answered")?.p50_ms;
        eprintln!("  {}: {median_ms:.2} ms", kind.name());
        medians.push(median_ms);
    }
    Ok(medians)
}

/// Median milliseconds, a line for each call, with the dearest column as a multiple of the first.
fn json((name, medians): &(String, Vec<f64>)) -> Value {
    let medians = Kind::ALL.iter().map(|kind| kind.name().to_owned()).zip(medians);
    json!({ "at": name, "calls": medians.collect::<BTreeMap<_, _>>() })
}

fn markdown(columns: &[(String, Vec<f64>)]) -> String {
    let mut head = vec!["median ms"];
    head.extend(columns.iter().map(|(name, _)| name.as_str()));
    head.extend(["most / first", "aim"]);
    let lines = Kind::ALL.into_iter().enumerate().map(|(number, kind)| {
        let medians: Vec<f64> = columns.iter().map(|(_, medians)| medians[number]).collect();
        let most = medians.iter().copied().fold(0.0, f64::max);
        let mut line = vec![kind.name().to_owned()];
        line.extend(medians.iter().map(|median| format!("{median:.2}")));
        line.push(format!("{:.1}", most / medians[0]));
        line.push(match kind.is_to_be_flat() {
            true => format!("<= {FLAT}"),
            false => "-".to_owned(),
        });
        line
    });
    table::markdown(&head, lines)
}
