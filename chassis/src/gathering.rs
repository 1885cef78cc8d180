//! What many ask for at the same moment becomes one piece of work, such as one statement and one commit. Nobody waits for
//! company: a call that finds a runner free is worked on at once, and those that come while all of them are busy are taken
//! together. Nobody suffers for others either: what is not plain in a gathered call is handed back, and its caller goes the
//! ordinary way.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::timeout;

/// Whoever was not taken into a batch after this long goes alone: where Postgres is away each batch takes as long as a connection
/// is waited for, and those who queue are to hear of it before their deadlines.
const QUEUEING: Duration = Duration::from_secs(2);

/// How many batches that write are worth working on at the same time: while one waits for the disk another can work, and with
/// more of them there would be less to take together.
pub fn writers() -> usize {
    available_parallelism().map_or(1, usize::from).max(2)
}

/// What is done for a batch.
pub trait Work: Send + Sync + 'static {
    /// Whose call it is, or what it is about.
    type Key: Copy + Eq + Hash + Send + Sync + 'static;
    /// What one call asks for.
    type Asked: Send + 'static;
    /// What it is answered with.
    type Answer: Send + 'static;
    /// Whether a batch has one call with each key at the most, and no other batch has one with it meanwhile.
    const ONE_OF_EACH: bool;
    /// How many are taken together at the most. A statement of more than this is hardly cheaper for each.
    const MOST_TOGETHER: usize = 64;

    /// Works on a batch, and answers in its order.
    fn run(
        &self,
        batch: Vec<(Self::Key, Self::Asked)>,
    ) -> impl Future<Output = Vec<Outcome<Self::Asked, Self::Answer>>> + Send;

    /// The answer to those whose batch ended without one, as it does in a panic.
    fn lost() -> Self::Answer;
}

/// How a call in a batch ended.
#[derive(Debug)]
pub enum Outcome<Asked, Answer> {
    /// It was done, or nobody knows whether it was.
    Done(Answer),
    /// Nothing was done for it, or the ordinary way finds out what was: it must go alone.
    Alone(Asked),
}

/// Gathers calls for one kind of work.
pub struct Gathering<W: Work>(Arc<Inner<W>>);

struct Inner<W: Work> {
    work: W,
    /// Batches that are worked on at the same time.
    most_runners: usize,
    queue: Mutex<Queue<W>>,
}

struct Queue<W: Work> {
    waiting: VecDeque<Call<W>>,
    /// Of the calls, for who stops waiting to find theirs.
    next_number: u64,
    /// The keys of what is being worked on.
    busy: HashSet<W::Key>,
    runners: usize,
}

struct Call<W: Work> {
    number: u64,
    key: W::Key,
    asked: W::Asked,
    answer: oneshot::Sender<Outcome<W::Asked, W::Answer>>,
}

impl<W: Work> Gathering<W> {
    /// Gathers for this work, with so many batches at the same time at the most.
    pub fn new(work: W, most_runners: usize) -> Self {
        Self(Arc::new(Inner {
            work,
            most_runners,
            queue: Mutex::new(Queue {
                waiting: VecDeque::new(),
                next_number: 0,
                busy: HashSet::new(),
                runners: 0,
            }),
        }))
    }

    /// Has it done with what others ask for. What was begun is ended, although its caller goes away.
    pub async fn ask(&self, key: W::Key, asked: W::Asked) -> Outcome<W::Asked, W::Answer> {
        let (answer, mut answered) = oneshot::channel();
        let (number, needs_runner) = {
            let mut queue = self.0.queue();
            let number = queue.next_number;
            queue.next_number += 1;
            queue.waiting.push_back(Call {
                number,
                key,
                asked,
                answer,
            });
            let needs_runner = queue.runners < self.0.most_runners;
            queue.runners += usize::from(needs_runner);
            (number, needs_runner)
        };
        if needs_runner {
            let runner = Runner {
                inner: self.0.clone(),
                counts: true,
            };
            tokio::spawn(runner.run());
        }
        let lost = |_| Outcome::Done(W::lost());
        match timeout(QUEUEING, &mut answered).await {
            Ok(answer) => answer.unwrap_or_else(lost),
            Err(_) => {
                if let Some(call) = self.0.queue().withdraw(number) {
                    return Outcome::Alone(call.asked);
                }
                answered.await.unwrap_or_else(lost)
            }
        }
    }
}

impl<W: Work> fmt::Debug for Gathering<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gathering")
    }
}

impl<W: Work> Inner<W> {
    // Nobody panics with the lock in hand.
    fn queue(&self) -> MutexGuard<'_, Queue<W>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Work> Queue<W> {
    /// A call that is not being worked on, back.
    fn withdraw(&mut self, number: u64) -> Option<Call<W>> {
        let place = self.waiting.iter().position(|call| call.number == number)?;
        self.waiting.remove(place)
    }

    /// The calls to be worked on next, the oldest first. Those whose callers went away are forgotten.
    fn take(&mut self) -> Vec<Call<W>> {
        let mut taken = Vec::new();
        let mut left = VecDeque::new();
        while let Some(call) = self.waiting.pop_front() {
            if call.answer.is_closed() {
                continue;
            }
            if W::ONE_OF_EACH && !self.busy.insert(call.key) {
                left.push_back(call);
                continue;
            }
            taken.push(call);
            if taken.len() == W::MOST_TOGETHER {
                break;
            }
        }
        // Those that were passed over came before those that were not looked at.
        left.append(&mut self.waiting);
        self.waiting = left;
        taken
    }
}

/// Works on batch after batch for as long as anybody waits.
struct Runner<W: Work> {
    inner: Arc<Inner<W>>,
    /// Whether it is still among those that the queue counts.
    counts: bool,
}

impl<W: Work> Runner<W> {
    async fn run(mut self) {
        loop {
            // Those who can ask already do so first.
            yield_now().await;
            let Some(calls) = self.take() else {
                break;
            };
            let _busy = Busy {
                inner: &self.inner,
                keys: calls.iter().map(|call| call.key).collect(),
            };
            let (batch, answers): (Vec<_>, Vec<_>) = calls
                .into_iter()
                .map(|call| ((call.key, call.asked), call.answer))
                .unzip();
            let outcomes = self.inner.work.run(batch).await;
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                // Who went away does not hear it.
                let _ = answer.send(outcome);
            }
        }
    }

    /// The next batch. Without one this ends, and whoever comes from now on knows it.
    fn take(&mut self) -> Option<Vec<Call<W>>> {
        let mut queue = self.inner.queue();
        let calls = queue.take();
        if calls.is_empty() {
            queue.runners -= 1;
            self.counts = false;
            return None;
        }
        Some(calls)
    }
}

impl<W: Work> Drop for Runner<W> {
    fn drop(&mut self) {
        // Only after a panic.
        if self.counts {
            self.inner.queue().runners -= 1;
        }
    }
}

/// Lets the next calls with these keys be taken, also when a batch ends in a panic.
struct Busy<'a, W: Work> {
    inner: &'a Inner<W>,
    keys: Vec<W::Key>,
}

impl<W: Work> Drop for Busy<'_, W> {
    fn drop(&mut self) {
        if W::ONE_OF_EACH {
            let mut queue = self.inner.queue();
            for key in &self.keys {
                queue.busy.remove(key);
            }
        }
    }
}
