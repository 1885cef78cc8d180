//! What an idle stream costs: thousands of WatchChanges streams on one replica where nothing is written. A stream looks for
//! itself every few seconds and says a word every fifteen, so idle is not asleep: its CPU time is told too.
//!
//! No limit is raised for it: ten streams for each owner (32 are allowed) over connections that hold a hundred each (of 128).

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use proto::tasks::v1::WatchChangesResponse;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

use crate::aim::Aim;
use crate::calls::{latest, watch};
use crate::finding::Findings;
use crate::house::House;
use crate::machine::Machine;
use crate::options::Options;
use crate::process;
use crate::seeding::Table;
use crate::town::Town;

const EACH_OWNER: usize = 10;
const EACH_CONNECTION: usize = 100;
/// Streams that begin at the same moment.
const AT_ONCE: usize = 64;
/// Longer than a stream waits before it looks for itself, and than what its beginning leaves behind takes to go.
const REST: Duration = Duration::from_secs(15);
const TASKS_EACH: i64 = 10;
const KB: Aim = Aim::AtMost(20.0);

/// The table for people, and the same for programs.
pub(crate) async fn run(options: &Options, streams: usize) -> anyhow::Result<(String, Value)> {
    let streams = if options.quick { EACH_CONNECTION } else { streams };
    let streams = streams.next_multiple_of(EACH_CONNECTION);
    let (house, _) = House::start().await?;
    let table = Table::open(&house.tasks_url()).await?;
    let owners = u64::try_from(streams / EACH_OWNER)?;
    let town = Town::settle(&house, &table, owners, TASKS_EACH).await?;
    table.settle().await?;
    let pid = house.tasks[0].pid().context("task-service runs")?;
    let pss_mb = || process::pss_mb(pid).context("the system does not tell what memory a process has");

    // A stream has no end of its own here, and a deadline would be one.
    let endpoint = Endpoint::from_shared(format!("http://{}", house.tasks[0].address))?;
    tokio::time::sleep(REST).await;
    let at_rest = pss_mb()?;
    let connections = stream::iter(0..streams / EACH_CONNECTION)
        .map(|_| endpoint.connect())
        .buffered(AT_ONCE);
    let connections: Vec<Channel> = connections.try_collect().await?;
    let tokens = stream::iter(0..town.owners())
        .map(|owner| latest(connections[owner % connections.len()].clone(), town.bearer(owner)))
        .buffered(AT_ONCE);
    let tokens: Vec<String> = tokens.try_collect().await?;
    tokio::time::sleep(REST).await;
    let with_connections = pss_mb()?;

    eprintln!("opening {streams} streams over {} connections", connections.len());
    let begun = std::time::Instant::now();
    let opened = stream::iter(0..streams)
        .map(|number| {
            let owner = number % town.owners();
            let channel = connections[number / EACH_CONNECTION].clone();
            watch(channel, town.bearer(owner), tokens[owner].clone())
        })
        .buffer_unordered(AT_ONCE);
    let opened: Vec<Streaming<WatchChangesResponse>> = opened.try_collect().await?;
    let opening = begun.elapsed();
    let mut readers = JoinSet::new();
    for stream in opened {
        readers.spawn(read(stream));
    }
    tokio::time::sleep(REST).await;
    let before = process::cpu_time(pid).context("the system does not tell CPU time")?;
    tokio::time::sleep(REST).await;
    let after = process::cpu_time(pid).context("the system does not tell CPU time")?;
    let with_streams = pss_mb()?;
    // Each lives two minutes, so where opening took long the first are gone.
    let mut ended: BTreeMap<String, u64> = BTreeMap::new();
    while let Some(end) = readers.try_join_next() {
        *ended.entry(end?).or_default() += 1;
    }
    let open = readers.len();
    ensure!(open > 0, "all streams ended before they could be looked at");
    readers.abort_all();
    let version = table.server_version().await?;
    house.stop().await?;

    let kb_each = |mb: f64| mb * 1e3 / open as f64;
    let mut findings = Findings::default();
    findings.add("task-service at rest, MB", None, at_rest);
    findings.add("with the connections, MB", None, with_connections);
    findings.add("with the streams too, MB", None, with_streams);
    let all = kb_each(with_streams - at_rest);
    findings.add("each stream, its part of a connection too, KB", Some(KB), all);
    let without = kb_each(with_streams - with_connections);
    findings.add("each stream without its connection, KB", None, without);
    let cpu = (after - before).as_secs_f64() / REST.as_secs_f64();
    findings.add("cores at work while all are idle", None, cpu);
    findings.add("seconds to open them all", None, opening.as_secs_f64());
    findings.add("streams still open at the end", None, open as f64);
    let machine = Machine::here().with_postgres(version);
    let text = format!(
        "{machine}; {streams} idle streams of {} owners over {} connections\n\n{}\n\n{}",
        town.owners(),
        connections.len(),
        findings.markdown(),
        match ended.is_empty() {
            true => "No stream ended before its time.".to_owned(),
            false => format!("Streams that ended meanwhile, by their last word: {ended:?}."),
        }
    );
    let figures = json!({
        "machine": machine.json(),
        "streams": streams,
        "owners": town.owners(),
        "connections": connections.len(),
        "findings": findings.json(),
        "ended": ended,
    });
    Ok((text, figures))
}

/// Reads as a client would, until the stream ends, and tells how it did.
async fn read(mut stream: Streaming<WatchChangesResponse>) -> String {
    loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            Ok(None) => return "Ok".to_owned(),
            Err(status) => return format!("{:?}: {}", status.code(), status.message()),
        }
    }
}
