//! A thread per core at the lowest priority, and a bounded queue before them. Who wants work done takes a place in the
//! queue and waits there for a turn, before anything is looked up: so a flood looks up no more than the threads can hash.
//!
//! A job whose caller has gone is skipped. The memory of a thread is kept while there is work and given back in a lull.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;
use thread_priority::ThreadPriority;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::HashLimits;
use super::argon2::Memory;
use super::metrics::HashMetrics;
use crate::error::Error;

/// Turns for each thread: enough that none is idle while something is looked up for its next work, few enough that a
/// flood leaves the connections to the database to other calls.
const TURNS_PER_THREAD: usize = 4;
/// Turns for each thread that are over before as many are given again, while there is work ahead: hashes push everything
/// else out of the caches, so that of four look-ups at once the first alone finds them cold.
const GIVEN_TOGETHER: usize = 2;
/// A thread that had nothing to do for so long gives its 19 MiB back.
const LULL: Duration = Duration::from_secs(5);

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// A right to one piece of work, whose turn has come. Dropped, it is somebody else's.
#[must_use = "a place is for work"]
pub struct Place {
    asked: Instant,
    turn: Option<Turn>,
    waiting: Waiting,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Gives the turn to the next one. The place and the right to the work stay: for who must wait for something that
    /// has nothing to do with this queue.
    pub(crate) fn give_turn_away(&mut self) {
        self.turn = None;
    }
}

/// A part of what the threads can be made ready for. Dropped, it is over.
struct Turn(Arc<Shared>);

impl Drop for Turn {
    fn drop(&mut self) {
        let given = self.0.lock().turn_is_over(self.0.given_together);
        self.0.turns.add_permits(given);
    }
}

/// Is counted as long as it lives.
struct Waiting(Gauge);

impl Waiting {
    fn in_gauge(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.dec();
    }
}

pub(super) struct Pool {
    shared: Arc<Shared>,
    /// What is done and what waits.
    places: Arc<Semaphore>,
}

struct Shared {
    queue: Mutex<Queue>,
    work_or_end: Condvar,
    /// What is done, and what is looked up for it. Whoever asked first has the next.
    turns: Semaphore,
    given_together: usize,
    metrics: HashMetrics,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// Turns that are over and not given again yet.
    over: usize,
    ended: bool,
}

impl Queue {
    /// How many turns are to be given for it: none as long as there is work and too few to be given together.
    fn turn_is_over(&mut self, given_together: usize) -> usize {
        self.over += 1;
        match self.jobs.is_empty() || self.over >= given_together {
            true => std::mem::take(&mut self.over),
            false => 0,
        }
    }
}

impl Pool {
    pub(super) fn start(limits: HashLimits, metrics: HashMetrics) -> std::io::Result<Self> {
        let threads = limits.threads.max(1);
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            work_or_end: Condvar::new(),
            turns: Semaphore::new(TURNS_PER_THREAD * threads),
            given_together: GIVEN_TOGETHER * threads,
            metrics,
        });
        for number in 0..threads {
            let shared = shared.clone();
            thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(move || shared.work())?;
        }
        Ok(Self {
            shared,
            places: Arc::new(Semaphore::new(limits.queue + threads)),
        })
    }

    /// Refuses at once when the queue is full, and otherwise waits for a turn.
    pub(super) async fn place(&self) -> Result<Place, Error> {
        let metrics = &self.shared.metrics;
        let _permit = self.places.clone().try_acquire_owned().map_err(|_| {
            metrics.refused.inc();
            Error::Overloaded
        })?;
        let (asked, waiting) = (Instant::now(), Waiting::in_gauge(&metrics.waiting));
        self.shared
            .turns
            .acquire()
            .await
            .map_err(Error::internal)?
            .forget();
        Ok(Place {
            asked,
            turn: Some(Turn(self.shared.clone())),
            waiting,
            _permit,
        })
    }

    /// Runs a job when its turn comes.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let wait_seconds = self.shared.metrics.wait_seconds.clone();
        self.shared.push(Box::new(move |memory| {
            // Kept until the work is done, or skipped: who goes away does not make the queue longer.
            let Place {
                asked,
                waiting,
                turn: _turn,
                _permit,
            } = place;
            drop(waiting);
            if reply.is_closed() {
                return;
            }
            wait_seconds.observe(asked.elapsed().as_secs_f64());
            // A caller that went away meanwhile has no use for the answer.
            let _ = reply.send(work(memory));
        }));
        answer.await.map_err(Error::internal)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.work_or_end.notify_all();
    }
}

impl Shared {
    fn push(&self, job: Job) {
        self.lock().jobs.push_back(job);
        self.work_or_end.notify_one();
    }

    fn work(&self) {
        if let Err(error) = yield_to_everything_else() {
            tracing::warn!(?error, "hashing keeps the priority of everything else");
        }
        let mut memory = Memory::default();
        while let Some(job) = self.next(&mut memory) {
            if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
                // The panic hook has told of it, and its caller gets INTERNAL; the thread must live on.
                memory = Memory::default();
            }
        }
    }

    /// Waits for the next job; `None` is the end.
    fn next(&self, memory: &mut Memory) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.ended {
                return None;
            }
            let (woken, lull) = self
                .work_or_end
                .wait_timeout(queue, LULL)
                .unwrap_or_else(PoisonError::into_inner);
            queue = woken;
            if lull.timed_out() {
                *memory = Memory::default();
            }
        }
    }

    /// Nothing that can panic runs under this lock, so poison means nothing.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `SCHED_IDLE` (sched(7)): a core that only hashes counts as idle when the system looks for one for something else. With
/// the nicest of the usual priorities it does not, and Postgres, in a group of its own, waits behind hashes.
#[cfg(target_os = "linux")]
fn yield_to_everything_else() -> Result<(), thread_priority::Error> {
    use thread_priority::{NormalThreadSchedulePolicy, ThreadSchedulePolicy};
    thread_priority::set_thread_priority_and_policy(
        thread_priority::thread_native_id(),
        ThreadPriority::Min,
        ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle),
    )
}

#[cfg(not(target_os = "linux"))]
fn yield_to_everything_else() -> Result<(), thread_priority::Error> {
    ThreadPriority::Min.set_for_current()
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::registry::Registry;

    fn pool(threads: usize, queue: usize) -> Pool {
        let metrics = HashMetrics::register(&mut Registry::default());
        Pool::start(HashLimits { threads, queue }, metrics).expect("started")
    }

    /// Keeps the only thread busy until the sender is dropped; returns once it is.
    async fn occupy(pool: &Arc<Pool>) -> std::sync::mpsc::Sender<()> {
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (started, has_started) = oneshot::channel();
        let pool = pool.clone();
        tokio::spawn(async move {
            pool.run(pool.place().await.expect("free"), move |_| {
                let _ = started.send(());
                let _ = released.recv();
            })
            .await
        });
        has_started.await.expect("the thread took the job");
        release
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_says_when_to_come_again() {
        let pool = Arc::new(pool(1, 1));
        let release = occupy(&pool).await;
        let mut waiting = Box::pin(pool.run(pool.place().await.expect("free"), |_| 1));
        assert!(futures_poll(&mut waiting).await.is_none());
        assert!(matches!(pool.place().await, Err(Error::Overloaded)));
        drop(release);
        assert_eq!(waiting.await.expect("its turn came"), 1);
    }

    #[tokio::test]
    async fn a_place_that_is_not_used_is_free_again() {
        let pool = pool(1, 1);
        let both = (
            pool.place().await.expect("free"),
            pool.place().await.expect("free"),
        );
        assert!(matches!(pool.place().await, Err(Error::Overloaded)));
        drop(both);
        assert_eq!(
            pool.run(pool.place().await.expect("free"), |_| 4)
                .await
                .expect("room"),
            4
        );
    }

    #[tokio::test]
    async fn who_has_no_turn_waits_until_one_is_done_or_given_away() {
        let pool = pool(1, 8);
        let mut places = Vec::new();
        for _ in 0..TURNS_PER_THREAD {
            places.push(pool.place().await.expect("a turn"));
        }
        let mut next = Box::pin(pool.place());
        assert!(futures_poll(&mut next).await.is_none());
        assert_eq!(pool.shared.metrics.waiting.get(), 5);
        places[0].give_turn_away();
        let next = next.await.expect("its turn came");
        let mut after = Box::pin(pool.place());
        assert!(futures_poll(&mut after).await.is_none());
        pool.run(next, |_| ()).await.expect("done");
        let after = after.await.expect("its turn came");
        let given_away = places.remove(0);
        pool.run(given_away, |_| ()).await.expect("its place stayed");
        drop((after, places));
        assert_eq!(pool.shared.metrics.waiting.get(), 0);
    }

    #[tokio::test]
    async fn turns_are_given_together_while_there_is_work_ahead() {
        let pool = Arc::new(pool(1, 8));
        let release = occupy(&pool).await;
        let mut places = Vec::new();
        for _ in 1..TURNS_PER_THREAD {
            places.push(pool.place().await.expect("a turn"));
        }
        let mut ahead = Box::pin(pool.run(places.pop().expect("three"), |_| ()));
        assert!(futures_poll(&mut ahead).await.is_none());
        let mut next = Box::pin(pool.place());
        drop(places.pop());
        assert!(futures_poll(&mut next).await.is_none());
        drop(places.pop());
        let _next = next.await.expect("two were over");
        let _after = pool.place().await.expect("the second of the two");
        drop(release);
        ahead.await.expect("done");
        let mut with_nothing_ahead = pool.place().await.expect("each is given at once");
        for _ in 0..2 * TURNS_PER_THREAD {
            drop(with_nothing_ahead);
            with_nothing_ahead = pool.place().await.expect("each is given at once");
        }
    }

    #[tokio::test]
    async fn a_job_whose_caller_has_gone_is_skipped_and_keeps_its_place_until_then() {
        let pool = Arc::new(pool(1, 1));
        let release = occupy(&pool).await;
        let ran = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let seen = ran.clone();
        let work = move |_: &mut Memory| seen.store(true, std::sync::atomic::Ordering::SeqCst);
        let mut gone = Box::pin(pool.run(pool.place().await.expect("free"), work));
        assert!(futures_poll(&mut gone).await.is_none());
        drop(gone);
        assert!(matches!(pool.place().await, Err(Error::Overloaded)));
        drop(release);
        let behind = loop {
            match pool.place().await {
                Ok(place) => break place,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        pool.run(behind, |_| ()).await.expect("the job behind it");
        assert!(!ran.load(std::sync::atomic::Ordering::SeqCst));
        assert_eq!(pool.shared.metrics.waiting.get(), 0);
    }

    #[tokio::test]
    async fn a_job_that_panics_does_not_take_its_thread_along() {
        let pool = pool(1, 8);
        let place = pool.place().await.expect("free");
        let failed = pool.run(place, |_| -> () { panic!("on purpose") }).await;
        assert!(matches!(failed, Err(Error::Internal(_))));
        let place = pool.place().await.expect("free");
        assert_eq!(pool.run(place, |_| 3).await.expect("the thread lives"), 3);
    }

    /// Polls once.
    async fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        std::future::poll_fn(|context| match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        })
        .await
    }
}
