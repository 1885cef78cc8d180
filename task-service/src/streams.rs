//! How many streams each person has open on this replica, so that nobody takes them all. A place is held by a guard,
//! which belongs into what is sent: a stream that nobody reads keeps its place until its connection ends. And how many
//! look for changes at the same moment: ten thousand that are woken together must not take every connection from calls.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chassis::Metrics;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::domain::Quota;
use crate::error::Error;
use crate::owner::OwnerId;

/// The times of streams. Tests have shorter ones.
#[derive(Debug, Clone)]
pub struct Pace {
    /// How long a stream lives; each takes a time within, so that those who began together do not end together. Browsers
    /// hold a stream's whole answer until it ends.
    pub life: Range<Duration>,
    /// After this long without a message there is a checkpoint.
    pub checkpoint: Duration,
    /// How often a stream looks for itself whether something was written, while the other replicas are not heard.
    pub poll: Duration,
    /// Between two looks, however much is written.
    pub gap: Duration,
    /// How long a reader may leave a message lie.
    pub reader: Duration,
    /// How long a stream outlives the loss of Postgres, from the first look that failed.
    pub outage: Duration,
    /// Between two tries while Postgres is away.
    pub retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            life: Duration::from_secs(110)..Duration::from_secs(130),
            checkpoint: Duration::from_secs(15),
            poll: Duration::from_secs(5),
            gap: Duration::from_millis(20),
            reader: Duration::from_secs(30),
            outage: Duration::from_secs(20),
            retry: Duration::from_secs(1),
        }
    }
}

impl Pace {
    /// The life of one stream, from some random bytes.
    pub(crate) fn life_of_one(&self, random: [u8; 4]) -> Duration {
        let part = f64::from(u32::from_be_bytes(random)) / f64::from(u32::MAX);
        self.life.start + (self.life.end - self.life.start).mul_f64(part)
    }
}

/// Fewer than the connections to Postgres that a replica has unless told otherwise.
const LOOKS_AT_ONCE: usize = 4;

/// The open streams of everybody. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Streams(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: u32,
    /// Nobody is in here without a stream.
    open: Mutex<HashMap<OwnerId, u32>>,
    gauge: Gauge,
    looks: Semaphore,
}

impl Streams {
    /// None are open; `most` are the most of one person.
    pub(crate) fn new(most: u32, metrics: &Metrics) -> Self {
        let gauge = Gauge::default();
        metrics.register(|registry| {
            registry.register(
                "tandem_tasks_streams_open",
                "Streams that people have open",
                gauge.clone(),
            );
        });
        Self(Arc::new(Inner {
            most,
            open: Mutex::default(),
            gauge,
            looks: Semaphore::new(LOOKS_AT_ONCE),
        }))
    }

    /// Comes when it is a stream's turn to look for changes: first come, first served.
    pub(crate) async fn turn(&self) -> SemaphorePermit<'_> {
        self.0.looks.acquire().await.expect("it is never closed")
    }

    /// A place for one more stream, held by the guard. Fails with [`Error::QuotaExceeded`] when the person has the most.
    pub(crate) fn acquire(&self, owner: OwnerId) -> Result<OpenStream, Error> {
        let mut open = self.0.open();
        let count = open.get(&owner).copied().unwrap_or(0);
        if count >= self.0.most {
            return Err(Error::QuotaExceeded(Quota::Streams));
        }
        open.insert(owner, count + 1);
        self.0.gauge.inc();
        Ok(OpenStream {
            streams: self.clone(),
            owner,
        })
    }

    /// How many the person has open here.
    pub(crate) fn count(&self, owner: OwnerId) -> u32 {
        self.0.open().get(&owner).copied().unwrap_or(0)
    }
}

impl Inner {
    // Nobody panics with the lock in hand.
    fn open(&self) -> MutexGuard<'_, HashMap<OwnerId, u32>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of an open stream; free again once this is dropped.
#[derive(Debug)]
pub(crate) struct OpenStream {
    streams: Streams,
    owner: OwnerId,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.streams.0.gauge.dec();
        if let Entry::Occupied(mut held) = self.streams.0.open().entry(self.owner) {
            match held.get() {
                0 | 1 => drop(held.remove()),
                _ => *held.get_mut() -= 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_lives_for_110_to_130_seconds_as_chance_has_it() {
        let life = |random| Pace::default().life_of_one(random).as_secs_f64();
        assert_eq!((life([0; 4]), life([255; 4])), (110.0, 130.0));
        assert!((119.9..120.1).contains(&life([128, 0, 0, 0])));
    }

    #[test]
    fn each_person_has_so_many_places_and_gets_back_what_is_let_go() {
        let streams = Streams::new(2, &Metrics::new());
        let [alice, bob] = [1, 2].map(OwnerId::of_test);
        let first = streams.acquire(alice).expect("a place");
        let _second = streams.acquire(alice).expect("a place");
        assert!(matches!(
            streams.acquire(alice),
            Err(Error::QuotaExceeded(Quota::Streams))
        ));
        assert_eq!((streams.count(alice), streams.count(bob)), (2, 0));
        let bobs = streams.acquire(bob).expect("somebody else's place");
        drop(first);
        assert_eq!(streams.count(alice), 1);
        let _again = streams.acquire(alice).expect("a place again");
        drop(bobs);
        assert!(
            !streams.0.open().contains_key(&bob),
            "nobody is kept without a stream"
        );
        assert_eq!(streams.0.gauge.get(), 2);
    }
}
