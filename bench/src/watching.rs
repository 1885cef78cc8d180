//! How soon a watcher on one replica sees what was written at another, at a fixed rate of writes. An open loop: a write is
//! begun when its time has come, whether or not those before it were answered, and its time counts from then.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use hdrhistogram::Histogram;
use proto::tasks::v1::change::Change as Kind;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use proto::tasks::v1::{CreateTaskRequest, WatchChangesResponse};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

use crate::calls::{latest, request, task, watch};
use crate::house::House;
use crate::machine::Machine;
use crate::options::Options;
use crate::people::Person;
use crate::table;

/// Everybody has one watcher and their part of the writes.
const PEOPLE: usize = 20;
const WRITES_PER_SECOND: u32 = if cfg!(debug_assertions) { 50 } else { 500 };
/// What is not seen so long after the last write is lost.
const PATIENCE: Duration = Duration::from_secs(10);
const AIM_MS: f64 = 100.0;
/// Writes of this long do not count: connections to Postgres are opened meanwhile, and everybody's first write makes their row.
const WARM_UP: Duration = Duration::from_secs(2);

/// The table for people, and the same for programs.
pub(crate) async fn run(options: &Options) -> anyhow::Result<(String, Value)> {
    let (mut house, first) = House::start().await?;
    let other_replica = house.add_task_service(&first).await?;
    let auth = house.auth_channel().await?;
    let mut people = vec![first];
    for number in 1..PEOPLE {
        people.push(Person::sign_up(auth.clone(), number).await?);
    }
    let people: Vec<Arc<Person>> = people.into_iter().map(Arc::new).collect();
    // A stream has no end of its own here, and a deadline would be one.
    let watching = Endpoint::from_shared(format!("http://{other_replica}"))?
        .connect()
        .await?;

    let (seen, mut all_seen) = mpsc::unbounded_channel();
    let mut watchers = JoinSet::new();
    for person in &people {
        let sync_token = latest(watching.clone(), &person.bearer).await?;
        let changes = watch(watching.clone(), &person.bearer, sync_token).await?;
        watchers.spawn(report_changes(changes, seen.clone()));
    }
    let seconds = WARM_UP.as_secs() + options.load().plan.measured.as_secs();
    let begun = write(house.tasks_channel().await?, &people, seconds).await?;
    eprintln!("{} written", begun.len());
    let counts_from = *begun.first().context("nothing was written")? + WARM_UP;

    let mut latency = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
    let mut waited_for = begun.len();
    while waited_for > 0 {
        let next = timeout(PATIENCE, all_seen.recv()).await;
        let Ok(Some((number, at))) = next else {
            break;
        };
        let begun = *begun.get(number).context("a change that nobody wrote")?;
        if begun >= counts_from {
            latency.record(u64::try_from(at.duration_since(begun).as_micros())?)?;
        }
        waited_for -= 1;
    }
    watchers.abort_all();
    house.stop().await?;
    ensure!(
        waited_for == 0,
        "{waited_for} of {} writes were never seen",
        begun.len()
    );
    let machine = Machine::here();
    let ms = |quantile| latency.value_at_quantile(quantile) as f64 / 1e3;
    let figures = json!({
        "machine": machine.json(),
        "writes_per_second": WRITES_PER_SECOND,
        "writes": latency.len(),
        "p50_ms": ms(0.5),
        "p99_ms": ms(0.99),
        "p999_ms": ms(0.999),
        "most_ms": ms(1.0),
        "aim_of_p99_ms": AIM_MS,
    });
    Ok((format!("{machine}\n\n{}", markdown(&latency)), figures))
}

/// Tells which write was seen, and when.
async fn report_changes(
    mut changes: Streaming<WatchChangesResponse>,
    seen: mpsc::UnboundedSender<(usize, Instant)>,
) {
    while let Ok(Some(message)) = changes.message().await {
        let at = Instant::now();
        for change in message.changes {
            if let Some(Kind::Task(task)) = change.change
                && let Ok(number) = task.title.parse()
                && seen.send((number, at)).is_err()
            {
                return;
            }
        }
    }
}

/// Writes at the fixed rate, and says when each write was due.
async fn write(channel: Channel, people: &[Arc<Person>], seconds: u64) -> anyhow::Result<Vec<Instant>> {
    let client = TaskServiceClient::new(channel);
    let pause = Duration::from_secs(1) / WRITES_PER_SECOND;
    let start = Instant::now();
    let mut begun = Vec::new();
    let mut writes = JoinSet::new();
    let turns = people.iter().cycle();
    for (number, person) in (0..u64::from(WRITES_PER_SECOND) * seconds).zip(turns) {
        let due = start + pause * u32::try_from(number)?;
        sleep_until(due).await;
        begun.push(due);
        let message = CreateTaskRequest {
            task: Some(task(number.to_string())),
            ..CreateTaskRequest::default()
        };
        let (mut client, request) = (client.clone(), request(message, Some(&person.bearer)));
        writes.spawn(async move { client.create_task(request).await });
    }
    while let Some(written) = writes.join_next().await {
        written?.context("a write failed")?;
    }
    Ok(begun)
}

fn markdown(latency: &Histogram<u64>) -> String {
    let ms = |us: u64| us as f64 / 1e3;
    let p99 = ms(latency.value_at_quantile(0.99));
    let line = vec![
        "create to seen on another replica".to_owned(),
        format!("{WRITES_PER_SECOND}"),
        format!("{}", latency.len()),
        format!("{:.1}", ms(latency.value_at_quantile(0.5))),
        format!("{p99:.1}"),
        format!("{:.1}", ms(latency.max())),
        format!("< {AIM_MS}"),
    ];
    let head = [
        "what",
        "writes per s",
        "writes",
        "p50 ms",
        "p99 ms",
        "most ms",
        "aim for p99",
    ];
    table::markdown(&head, [line].into_iter())
}
