//! A closed loop: a fixed number of calls in flight, each followed at once by the next. It finds out how much goes through
//! at most; its latencies are waiting in line.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::tally::Tally;
use super::{Call, Plan};
use crate::figure::Figure;
use crate::process::Meters;

/// No row makes more calls than this, whatever the time: a bound for the rows that CreateTask leaves behind.
const MOST_CALLS: u64 = 2_000_000;

/// Keeps one call of each of `callers` in flight, and counts what is answered after the warm-up.
pub(crate) async fn closed(callers: Vec<impl Call>, plan: Plan, meters: &Meters) -> anyhow::Result<Figure> {
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
    Ok(tally.figure(elapsed, before, after))
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic::Status;

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
        let callers = vec![EverySecond(false), EverySecond(false)];
        let figure = closed(callers, plan, &Meters::new(None, None)).await.unwrap();
        assert!(figure.per_second > 0.0);
        assert_eq!(figure.errors.keys().collect::<Vec<_>>(), ["Unavailable"]);
    }
}
