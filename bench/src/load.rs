//! A closed loop: a fixed number of calls in flight, each followed at once by the next. What is called is the caller's
//! business; what is counted is the same for every row.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hdrhistogram::Histogram;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tonic::Status;

use crate::figure::{CpuPerCall, Figure};
use crate::process::Meters;

/// No row makes more calls than this, whatever the time: a bound for the rows that CreateTask leaves behind.
const MOST_CALLS: u64 = 1_000_000;
const LONGEST_LATENCY_US: u64 = 60_000_000;

/// One of the calls in flight.
pub(crate) trait Call: Send + 'static {
    /// Makes a call and waits for its answer.
    fn call(&mut self) -> impl Future<Output = Result<(), Status>> + Send;
}

/// How long a row is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// Keeps one call of each of `callers` in flight, and counts what is answered after the warm-up.
pub(crate) async fn run(callers: Vec<impl Call>, plan: Plan, meters: &Meters) -> anyhow::Result<Figure> {
    let phase = Arc::new(Phase::default());
    let most = MOST_CALLS / callers.len().max(1) as u64;
    let mut workers = JoinSet::new();
    for caller in callers {
        workers.spawn(work(caller, Arc::clone(&phase), most));
    }

    tokio::time::sleep(plan.warm_up).await;
    let before = meters.read();
    let begun = Instant::now();
    phase.set(MEASURING);
    // Either way the time that really passed is what counts.
    let _ = tokio::time::timeout(plan.measured, phase.used_up.notified()).await;
    phase.set(OVER);
    let elapsed = begun.elapsed();
    let after = meters.read();

    let mut tally = Tally::new()?;
    while let Some(worker) = workers.join_next().await {
        tally.add(worker.context("a worker panicked")??)?;
    }
    let answered = tally.latency.len() + tally.errors.values().sum::<u64>();
    Ok(Figure {
        per_second: tally.latency.len() as f64 / elapsed.as_secs_f64(),
        p50_ms: tally.latency.value_at_quantile(0.5) as f64 / 1e3,
        p99_ms: tally.latency.value_at_quantile(0.99) as f64 / 1e3,
        cpu: CpuPerCall::between(before, after, answered),
        errors: tally.errors,
    })
}

async fn work(mut caller: impl Call, phase: Arc<Phase>, most: u64) -> anyhow::Result<Tally> {
    let mut tally = Tally::new()?;
    for _ in 0..most {
        let begun = Instant::now();
        let answer = caller.call().await;
        match phase.get() {
            WARMING_UP => {}
            MEASURING => tally.record(&answer, begun.elapsed()),
            _ => return Ok(tally),
        }
    }
    // From here on fewer would be in flight than was promised.
    phase.used_up.notify_one();
    Ok(tally)
}

const WARMING_UP: u8 = 0;
const MEASURING: u8 = 1;
const OVER: u8 = 2;

#[derive(Default)]
struct Phase {
    now: AtomicU8,
    used_up: Notify,
}

impl Phase {
    fn set(&self, phase: u8) {
        self.now.store(phase, Ordering::Relaxed);
    }

    fn get(&self) -> u8 {
        self.now.load(Ordering::Relaxed)
    }
}

struct Tally {
    latency: Histogram<u64>,
    errors: BTreeMap<String, u64>,
}

impl Tally {
    fn new() -> anyhow::Result<Self> {
        let latency = Histogram::new_with_bounds(1, LONGEST_LATENCY_US, 3)?;
        Ok(Self {
            latency,
            errors: BTreeMap::new(),
        })
    }

    fn record(&mut self, answer: &Result<(), Status>, took: Duration) {
        match answer {
            Ok(()) => self
                .latency
                .saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX)),
            Err(status) => *self.errors.entry(format!("{:?}", status.code())).or_default() += 1,
        }
    }

    fn add(&mut self, other: Self) -> anyhow::Result<()> {
        self.latency.add(other.latency)?;
        for (code, count) in other.errors {
            *self.errors.entry(code).or_default() += count;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers at once; every second call fails.
    struct EverySecond(bool);

    impl Call for EverySecond {
        async fn call(&mut self) -> Result<(), Status> {
            tokio::task::yield_now().await;
            self.0 = !self.0;
            if self.0 {
                Ok(())
            } else {
                Err(Status::unavailable("on purpose"))
            }
        }
    }

    #[tokio::test]
    async fn a_failed_call_is_counted_by_its_status_and_never_as_throughput() {
        let plan = Plan {
            warm_up: Duration::ZERO,
            measured: Duration::from_millis(20),
        };
        let figure = run(
            vec![EverySecond(false), EverySecond(false)],
            plan,
            &Meters::new(None, None),
        )
        .await
        .unwrap();
        assert!(figure.per_second > 0.0);
        assert_eq!(figure.errors.keys().collect::<Vec<_>>(), ["Unavailable"]);
    }
}
