//! An open loop: a call is begun when its time has come, whether or not those before it were answered, and its time counts
//! from then. So a server that stands still for a moment is charged with every call that would have come meanwhile, and
//! not with one alone (coordinated omission).

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::tally::Tally;
use super::{Call, Plan};
use crate::figure::Figure;
use crate::process::Meters;

/// A rate of arrivals, all as far apart.
#[derive(Debug, Clone, Copy)]
struct Schedule {
    per_second: f64,
}

impl Schedule {
    /// When the call of that number is due, from the beginning. Reckoned from the beginning, so that no error adds up.
    fn due(self, number: u64) -> Duration {
        Duration::from_secs_f64(number as f64 / self.per_second)
    }
}

/// Begins so many calls a second, by one of `callers` after the other, and counts those that are due after the warm-up.
/// Returns when all are answered; what was offered beyond what goes through shows as waiting.
pub(crate) async fn open<C: Call + Clone>(
    callers: Vec<C>,
    per_second: f64,
    plan: Plan,
    meters: &Meters,
) -> anyhow::Result<Figure> {
    ensure!(
        per_second.is_normal() && per_second > 0.0,
        "nothing would ever be due"
    );
    let schedule = Schedule { per_second };
    let counted = Arc::new(Mutex::new(Tally::new()?));
    let calls = TaskTracker::new();
    // When this is dropped half way, the pacer ends too.
    let ended = CancellationToken::new();
    let _end = ended.clone().drop_guard();

    let (all_begun, pacing) = oneshot::channel();
    let begin = {
        let (runtime, calls, counted) = (Handle::current(), calls.clone(), Arc::clone(&counted));
        let mut turns = callers.into_iter().cycle();
        move |due: Instant, counts: bool| {
            let Some(mut caller) = turns.next() else { return };
            let counted = Arc::clone(&counted);
            let call = async move {
                let answer = caller.call().await;
                if counts {
                    let took = due.elapsed();
                    let mut tally = counted.lock().unwrap_or_else(PoisonError::into_inner);
                    tally.record(&answer, took);
                }
            };
            calls.spawn_on(call, &runtime);
        }
    };
    let start = Instant::now();
    thread::spawn(move || {
        pace(start, schedule, plan, &ended, begin);
        // Nobody is there to hear it when the run was given up.
        let _ = all_begun.send(());
    });

    tokio::time::sleep(plan.warm_up).await;
    let before = meters.read();
    pacing.await.context("the pacer panicked")?;
    calls.close();
    calls.wait().await;
    let elapsed = start.elapsed().saturating_sub(plan.warm_up).max(plan.measured);
    let after = meters.read();
    let mut counted = counted.lock().unwrap_or_else(PoisonError::into_inner);
    let tally = std::mem::replace(&mut *counted, Tally::new()?);
    Ok(tally.figure(elapsed, before, after))
}

/// A thread of its own: the timers of the runtime are a millisecond apart, which is longer than most calls take.
fn pace(
    start: Instant,
    schedule: Schedule,
    plan: Plan,
    ended: &CancellationToken,
    mut begin: impl FnMut(Instant, bool),
) {
    // Sleeps of 50 us too long are how the system saves power; without this they are only less exact.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1));
    for number in 0.. {
        let due = schedule.due(number);
        if due >= plan.warm_up + plan.measured || ended.is_cancelled() {
            return;
        }
        // Overslept, all that are due by now begin at once.
        let early = (start + due).saturating_duration_since(Instant::now());
        if !early.is_zero() {
            thread::sleep(early);
        }
        begin(start + due, due >= plan.warm_up);
    }
}

#[cfg(test)]
mod tests {
    use tonic::Status;

    use super::*;

    #[test]
    fn due_times_do_not_drift_however_odd_the_rate() {
        let schedule = Schedule { per_second: 7.0 };
        assert_eq!(schedule.due(0), Duration::ZERO);
        assert_eq!(schedule.due(7_000_000), Duration::from_secs(1_000_000));
        let schedule = Schedule {
            per_second: 12_345.678,
        };
        let apart = schedule.due(1).as_secs_f64();
        assert!((apart - 1.0 / 12_345.678).abs() < 1e-9, "{apart}");
    }

    #[test]
    fn every_call_of_the_time_is_begun_once_in_order_and_none_before_it_is_due() {
        let plan = Plan {
            warm_up: Duration::from_millis(10),
            measured: Duration::from_millis(20),
        };
        let schedule = Schedule { per_second: 1_000.0 };
        let mut begun = Vec::new();
        let start = Instant::now();
        let running = CancellationToken::new();
        pace(start, schedule, plan, &running, |due, counts| {
            assert!(Instant::now() >= due);
            begun.push((due - start, counts));
        });
        let expected: Vec<_> = (0..30).map(|ms| (Duration::from_millis(ms), ms >= 10)).collect();
        assert_eq!(begun, expected);
    }

    /// A server with one place, which each call holds for 2 ms.
    #[derive(Clone)]
    struct OneAtATime(Arc<tokio::sync::Mutex<()>>);

    impl Call for OneAtATime {
        async fn call(&mut self) -> Result<(), Status> {
            let _place = self.0.lock().await;
            tokio::time::sleep(Duration::from_millis(2)).await;
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_call_is_charged_with_the_time_it_waited_for_those_before_it() {
        let plan = Plan {
            warm_up: Duration::ZERO,
            measured: Duration::from_millis(50),
        };
        let callers = vec![OneAtATime(Arc::default())];
        // Four times as many as go through at most, so that the last ones wait three times as long as calls arrive.
        let figure = open(callers, 2_000.0, plan, &Meters::new(None, None))
            .await
            .unwrap();
        let latency = figure.latency.unwrap();
        assert!(latency.p99_ms > 100.0, "{latency:?}");
        assert!(figure.per_second <= 500.0, "{figure:?}");
    }
}
