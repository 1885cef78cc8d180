//! What many people ask for at the same moment becomes one statement and one commit. Nobody waits for company: a call that
//! finds a runner free is worked on at once, and those that come while all of them are busy are taken together. Nobody
//! suffers for others either: whatever is not plain in a gathered call is handed back, and its caller goes the ordinary way.
//! What may never be put here: what is asked for.

mod changes;
mod creates;
mod pages;
mod reads;
mod writing;

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use chassis::{Clock, Entropy};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::timeout;
use uuid::Uuid;

use crate::domain::Limits;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::Pool;

pub(crate) use changes::Change;
pub(crate) use creates::Creation;
pub(crate) use writing::Repeat;

/// How long a batch of reads may take, and each statement of a batch of writes. The members' own deadlines can be shorter;
/// they are kept by whoever asked.
const PATIENCE: Duration = Duration::from_secs(5);
/// Whoever was not taken into a batch after this long goes alone: where Postgres is away each batch takes as long as a connection
/// is waited for, and those who queue are to hear of it before their deadlines.
const QUEUEING: Duration = Duration::from_secs(2);

/// The calls that are gathered.
pub(crate) struct Gatherings {
    /// Tasks that are read.
    pub(crate) reads: Gathering<reads::Reads>,
    /// Tasks that are listed.
    pub(crate) pages: Gathering<pages::Pages>,
    /// Tasks that are made.
    pub(crate) creates: Gathering<creates::Creates>,
    /// Tasks that are changed.
    pub(crate) changes: Gathering<changes::Changes>,
}

impl Gatherings {
    /// Over this pool, with these limits on what people may have.
    pub(crate) fn new(pool: &Pool, clock: &Clock, entropy: &Entropy, limits: Limits) -> Self {
        let writing = writing::Writing {
            pool: pool.clone(),
            clock: clock.clone(),
            limits,
        };
        // More of them would find less to take together. While one waits for the disk another can work.
        let cores = available_parallelism().map_or(1, usize::from);
        let (readers, writers) = (cores.div_ceil(2), cores.max(2));
        let creates = creates::Creates {
            writing: writing.clone(),
            entropy: entropy.clone(),
        };
        Self {
            reads: Gathering::new(reads::Reads(pool.clone()), readers),
            pages: Gathering::new(pages::Pages(pool.clone()), cores),
            creates: Gathering::new(creates, writers),
            changes: Gathering::new(changes::Changes(writing), writers),
        }
    }
}

/// What is done for a batch.
pub(crate) trait Work: Send + Sync + 'static {
    /// What one call asks for.
    type Asked: Send + 'static;
    /// What it is answered with.
    type Answer: Send + 'static;
    /// Whether a batch has one call of each owner at the most, and no other batch has one of them meanwhile.
    const ONE_OF_EACH_OWNER: bool;
    /// How many are taken together at the most. A statement of more than this is hardly cheaper for each.
    const MOST_TOGETHER: usize = 64;

    /// Works on a batch, and answers in its order.
    fn run(
        &self,
        batch: Vec<(OwnerId, Self::Asked)>,
    ) -> impl Future<Output = Vec<Outcome<Self::Asked, Self::Answer>>> + Send;
}

/// What is read for a batch. None where each is to hear for itself: one of the owners may be a tombstone, or Postgres is away.
async fn together<T>(reading: impl Future<Output = Result<T, Error>>) -> Option<T> {
    match timeout(PATIENCE, reading).await {
        Ok(Ok(found)) => return Some(found),
        Ok(Err(Error::OwnerPurged)) => {}
        Ok(Err(error)) => {
            tracing::warn!(error = ?error, "a batch of reads failed, and each of them goes alone")
        }
        Err(_) => tracing::warn!("a batch of reads took too long, and each of them goes alone"),
    }
    None
}

/// How a call in a batch ended.
pub(crate) enum Outcome<Asked, Answer> {
    /// It was done, or nobody knows whether it was.
    Done(Result<Answer, Error>),
    /// Nothing was done for it: it must go alone.
    Alone(Asked),
}

/// Gathers calls for one kind of work.
pub(crate) struct Gathering<W: Work>(Arc<Inner<W>>);

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
    /// Whose calls are being worked on.
    busy: HashSet<Uuid>,
    runners: usize,
}

struct Call<W: Work> {
    number: u64,
    owner: OwnerId,
    asked: W::Asked,
    answer: oneshot::Sender<Outcome<W::Asked, W::Answer>>,
}

impl<W: Work> Gathering<W> {
    pub(crate) fn new(work: W, most_runners: usize) -> Self {
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
    pub(crate) async fn ask(&self, owner: OwnerId, asked: W::Asked) -> Outcome<W::Asked, W::Answer> {
        let (answer, mut answered) = oneshot::channel();
        let (number, needs_runner) = {
            let mut queue = self.0.queue();
            let number = queue.next_number;
            queue.next_number += 1;
            queue.waiting.push_back(Call {
                number,
                owner,
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
        let lost = |_| Outcome::Done(Err(Error::internal("a batch ended without an answer")));
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
            if W::ONE_OF_EACH_OWNER && !self.busy.insert(call.owner.uuid()) {
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
                owners: calls.iter().map(|call| call.owner.uuid()).collect(),
            };
            let (batch, answers): (Vec<_>, Vec<_>) = calls
                .into_iter()
                .map(|call| ((call.owner, call.asked), call.answer))
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

/// Lets the next calls of these owners be taken, also when a batch ends in a panic.
struct Busy<'a, W: Work> {
    inner: &'a Inner<W>,
    owners: Vec<Uuid>,
}

impl<W: Work> Drop for Busy<'_, W> {
    fn drop(&mut self) {
        if W::ONE_OF_EACH_OWNER {
            let mut queue = self.inner.queue();
            for owner in &self.owners {
                queue.busy.remove(owner);
            }
        }
    }
}
