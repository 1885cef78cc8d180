//! Slows guessing down. An attempt takes a place in each of its counts before it is looked at, and gives it back when
//! it was right, so that failures alone are counted and no number of attempts at once gets more than the limit.
//!
//! Right attempts at once must not refuse each other: where the places are merely taken by attempts that may yet turn
//! out right, the next one waits its turn (docs/adr/0007). What may never be put here: what is right.

mod metrics;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use chassis::{Clock, Metrics};
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, sleep};

use crate::domain::{Counter, Kind, Limits};
use crate::error::Error;
use crate::store::throttles::{self, Entry, Full};
use crate::store::users;
use metrics::ThrottleMetrics;

/// Attempts that may wait for their turn; one more is refused, as with the queue of the hashes. They have a place there
/// meanwhile, so half of it at the most waits for nothing but itself.
const MOST_WAITING: usize = 128;
/// How often the one at the head of a line looks whether there is room.
const LOOK: Duration = Duration::from_millis(5);
/// How long an attempt waits for its turn, unless its call ends before.
const PATIENCE: Duration = Duration::from_secs(10);
const LINES: usize = 64;

/// Counts attempts, in Postgres and so across replicas.
#[derive(Clone)]
pub(crate) struct Throttle(Arc<Inner>);

struct Inner {
    /// None when it is switched off.
    limits: Option<Limits>,
    pool: PgPool,
    clock: Clock,
    metrics: ThrottleMetrics,
    waiting: Semaphore,
    /// Who waits for the same count stands in one line, and only its head asks the database.
    lines: [Mutex<()>; LINES],
}

impl Throttle {
    /// None as limits lets everything pass.
    pub(crate) fn new(limits: Option<Limits>, pool: PgPool, clock: Clock, metrics: &Metrics) -> Self {
        Self(Arc::new(Inner {
            limits,
            pool,
            clock,
            metrics: metrics.register(ThrottleMetrics::register),
            waiting: Semaphore::new(MOST_WAITING),
            lines: [const { Mutex::const_new(()) }; LINES],
        }))
    }

    /// Takes a place in each count, before an attempt is looked at. Counts must always be given from the narrow to the
    /// wide: what a narrow one refuses then costs the wide one nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Limited`] when failures have used a count up; [`Error::Overloaded`] when too many wait.
    pub(crate) async fn begin(&self, counters: impl IntoIterator<Item = Counter>) -> Result<Attempt, Error> {
        self.begin_entered(counters, None, || ()).await
    }

    /// What a look-up of credentials enters an attempt with. By account and by device as many pass.
    pub(crate) fn entry_of_password(&self, by_email: &Counter) -> users::Entry {
        let (limits, now) = (self.0.limits.as_ref(), self.0.clock.now());
        let limit = limits.map(|limits| limits.of(by_email.kind()));
        users::Entry {
            by_email: *by_email.key(),
            most: limit.map(|limit| limit.most),
            now,
            end: limit.map_or(now, |limit| now + limit.window),
        }
    }

    /// As [`Self::begin`], for an attempt that may be in the first of its counts already, until that end; and for who
    /// holds something that others need and can let go of it when the attempt must wait its turn.
    ///
    /// # Errors
    ///
    /// Those of [`Self::begin`].
    pub(crate) async fn begin_entered(
        &self,
        counters: impl IntoIterator<Item = Counter>,
        entered: Option<DateTime<Utc>>,
        mut let_go: impl FnMut(),
    ) -> Result<Attempt, Error> {
        let mut counters = counters.into_iter();
        let mut attempt = Attempt {
            throttle: self.clone(),
            places: entered
                .and_then(|end| Some((counters.next()?, end)))
                .into_iter()
                .collect(),
        };
        if let Some(limits) = &self.0.limits {
            for counter in counters {
                match self.0.reserve(limits, &counter, &mut let_go).await {
                    Ok(end) => attempt.places.push((counter, end)),
                    Err(error) => {
                        attempt.passed().await;
                        return Err(error);
                    }
                }
            }
        }
        Ok(attempt)
    }

    /// Counts something that is limited whatever comes of it, or a failure that was looked at first: one with a secret
    /// that nobody can guess. Must come before the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Limited`] when a count is used up.
    pub(crate) async fn count(&self, counters: impl IntoIterator<Item = Counter>) -> Result<(), Error> {
        let Some(limits) = &self.0.limits else {
            return Ok(());
        };
        for counter in counters {
            while let Err(full) = self.0.enter(limits, &counter, Entry::Counted).await? {
                match full {
                    Full::Until(time) => return Err(self.0.limited(&counter, time)),
                    Full::Busy => sleep(LOOK).await,
                }
            }
        }
        Ok(())
    }
}

impl Inner {
    async fn reserve(
        &self,
        limits: &Limits,
        counter: &Counter,
        let_go: &mut impl FnMut(),
    ) -> Result<DateTime<Utc>, Error> {
        let full = match self.enter(limits, counter, Entry::Reserved).await? {
            Ok(end) => return Ok(end),
            Err(full) => full,
        };
        if let Full::Until(time) = full {
            return Err(self.limited(counter, time));
        }
        let_go();
        let patience = Instant::now() + PATIENCE;
        let _waiting = self.waiting.try_acquire().map_err(|_| Error::Overloaded)?;
        let line = &self.lines[usize::from(counter.key()[0]) % LINES];
        let _head = tokio::time::timeout_at(patience, line.lock())
            .await
            .map_err(|_| Error::Overloaded)?;
        loop {
            match self.enter(limits, counter, Entry::Reserved).await? {
                Ok(end) => return Ok(end),
                Err(Full::Until(time)) => return Err(self.limited(counter, time)),
                Err(Full::Busy) if Instant::now() >= patience => return Err(Error::Overloaded),
                Err(Full::Busy) => sleep(LOOK).await,
            }
        }
    }

    async fn enter(
        &self,
        limits: &Limits,
        counter: &Counter,
        entry: Entry,
    ) -> Result<Result<DateTime<Utc>, Full>, Error> {
        let (limit, now) = (limits.of(counter.kind()), self.clock.now());
        match throttles::insert(&self.pool, counter, limit, entry, now).await? {
            Some(end) => Ok(Ok(end)),
            None => Ok(Err(throttles::find_full(&self.pool, counter, limit, now).await?)),
        }
    }

    fn limited(&self, counter: &Counter, room: DateTime<Utc>) -> Error {
        self.metrics.refused(counter.kind());
        let left = (room - self.clock.now()).to_std().unwrap_or_default();
        // Whole seconds, rounded up: a client that waits as long as it was told must find room.
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        Error::Limited {
            retry_after: Duration::from_secs(seconds),
        }
    }

    /// A failure to do so is no reason to fail the call: the place then counts until its window is over.
    async fn give_back(&self, places: Vec<(Counter, DateTime<Utc>)>) {
        for (counter, end) in places {
            if let Err(error) = throttles::update_given_back(&self.pool, &counter, end).await {
                tracing::warn!(error = ?error, "an attempt that was right counts as a failure");
            }
        }
    }
}

/// An attempt that has its places. Dropped unsettled, because the call ended without an answer, it gives them back:
/// who got no answer has learnt nothing. If the process dies they count.
#[must_use = "an attempt is settled by saying how it went"]
pub(crate) struct Attempt {
    throttle: Throttle,
    places: Vec<(Counter, DateTime<Utc>)>,
}

impl Attempt {
    /// Its place in the count of a device, by key and end, for a statement that gives it back beside what it is for.
    pub(crate) fn place_on_device(&self) -> Option<(&[u8; 32], DateTime<Utc>)> {
        let place = self.places.iter().find(|(counter, _)| is_of_device(counter));
        place.map(|(counter, end)| (counter.key(), *end))
    }

    /// That statement was committed.
    pub(crate) fn was_given_back_on_device(&mut self) {
        self.places.retain(|(counter, _)| !is_of_device(counter));
    }

    /// It was wrong: it counts. Must come before the answer.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached; the call must then fail with this error.
    pub(crate) async fn failed(mut self) -> Result<(), Error> {
        let (inner, places) = (&self.throttle.0, std::mem::take(&mut self.places));
        let Some(limits) = &inner.limits else {
            return Ok(());
        };
        for (counter, end) in places {
            let (limit, now) = (limits.of(counter.kind()), inner.clock.now());
            throttles::update_failed(&inner.pool, &counter, limit, end, now).await?;
        }
        Ok(())
    }

    /// It was right, or was not looked at: it does not count.
    pub(crate) async fn passed(mut self) {
        let places = std::mem::take(&mut self.places);
        self.throttle.0.give_back(places).await;
    }
}

fn is_of_device(counter: &Counter) -> bool {
    counter.kind() == Kind::PasswordOnDevice
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let places = std::mem::take(&mut self.places);
        if let (false, Ok(runtime)) = (places.is_empty(), tokio::runtime::Handle::try_current()) {
            let throttle = self.throttle.clone();
            runtime.spawn(async move { throttle.0.give_back(places).await });
        }
    }
}
