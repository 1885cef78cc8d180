//! Who waits for a person's next write, and how they hear of it: on this replica at once, on the others by a notification
//! that tells of the writes of some milliseconds together. It is a hint and no more: who waits looks by themselves now and
//! then, so that a lost one costs a delay. What may never be put here: what was written.

mod told;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chassis::{Entropy, Metrics};
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::owner::OwnerId;
use told::{Origin, Untold};

pub(crate) use told::run;

/// Wakes those who wait. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Wakeups(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Nobody is in here for whom nobody waits.
    waiting: Mutex<HashMap<Uuid, Waiting>>,
    /// Whose writes the other replicas have not heard of.
    untold: Mutex<Untold>,
    something_to_tell: Notify,
    /// 1, or 0.
    hears_others: Gauge,
    origin: Origin,
}

/// Those who wait for one person's writes.
#[derive(Debug, Default)]
struct Waiting {
    sender: watch::Sender<()>,
    /// Counted under the lock: the sender's own count still has those who are just going.
    number: usize,
}

impl Wakeups {
    pub(crate) fn new(entropy: &Entropy) -> Self {
        Self(Arc::new(Inner {
            waiting: Mutex::default(),
            untold: Mutex::default(),
            something_to_tell: Notify::new(),
            hears_others: Gauge::default(),
            origin: Origin::new(entropy.bytes()),
        }))
    }

    /// Shows among the metrics whether this replica hears the others.
    pub(crate) fn register(&self, metrics: &Metrics) {
        metrics.register(|registry| {
            registry.register(
                "tandem_tasks_notifications_heard",
                "1 where writes at other replicas are heard of, 0 where streams must look more often",
                self.0.hears_others.clone(),
            );
        });
    }

    /// Somebody wrote, here.
    pub(crate) fn written(&self, owner: OwnerId) {
        self.wake(&[owner.uuid()]);
        lock(&self.0.untold).add(owner);
        self.0.something_to_tell.notify_one();
    }

    /// From now on the person's writes are heard of.
    pub(crate) fn subscribe(&self, owner: OwnerId) -> Wakeup {
        let mut waiting = lock(&self.0.waiting);
        let waiting = waiting.entry(owner.uuid()).or_default();
        waiting.number += 1;
        let heard = waiting.sender.subscribe();
        Wakeup {
            heard,
            person: owner.uuid(),
            wakeups: self.clone(),
        }
    }

    /// Whether this replica hears of what is written at the others. If not, those who wait must look for themselves.
    pub(crate) fn hears_others(&self) -> bool {
        self.0.hears_others.get() == 1
    }

    fn wake(&self, people: &[Uuid]) {
        let waiting = lock(&self.0.waiting);
        for waiting in people.iter().filter_map(|person| waiting.get(person)) {
            waiting.sender.send_replace(());
        }
    }

    fn wake_everybody(&self) {
        for waiting in lock(&self.0.waiting).values() {
            waiting.sender.send_replace(());
        }
    }
}

/// Hears of a person's writes.
#[derive(Debug)]
pub(crate) struct Wakeup {
    heard: watch::Receiver<()>,
    person: Uuid,
    wakeups: Wakeups,
}

impl Wakeup {
    /// Comes when something was written since this last came, or since the subscription.
    pub(crate) async fn written(&mut self) {
        // The sender stands in the map for as long as we do.
        let _ = self.heard.changed().await;
    }
}

impl Drop for Wakeup {
    fn drop(&mut self) {
        let mut waiting = lock(&self.wakeups.0.waiting);
        if let Entry::Occupied(mut theirs) = waiting.entry(self.person) {
            theirs.get_mut().number -= 1;
            if theirs.get().number == 0 {
                theirs.remove();
            }
        }
    }
}

// Nobody panics with one of these locks in hand.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn has_heard(wakeup: &mut Wakeup) -> bool {
        wakeup.written().now_or_never().is_some()
    }

    #[test]
    fn a_write_wakes_those_who_wait_for_its_owner_once_and_nobody_else() {
        let wakeups = Wakeups::new(&Entropy::seeded(1));
        let [alice, bob] = [1, 2].map(OwnerId::of_test);
        wakeups.written(alice);
        let (mut first, mut second) = (wakeups.subscribe(alice), wakeups.subscribe(alice));
        let mut bobs = wakeups.subscribe(bob);
        assert!(!has_heard(&mut first), "that was before");
        wakeups.written(alice);
        wakeups.written(alice);
        assert!(has_heard(&mut first) && has_heard(&mut second));
        assert!(!has_heard(&mut first) && !has_heard(&mut bobs));
        wakeups.wake_everybody();
        assert!(has_heard(&mut second) && has_heard(&mut bobs));
    }

    #[test]
    fn nobody_is_kept_who_is_not_waited_for() {
        let wakeups = Wakeups::new(&Entropy::seeded(1));
        let alice = OwnerId::of_test(1);
        let first = wakeups.subscribe(alice);
        let mut second = wakeups.subscribe(alice);
        drop(first);
        wakeups.written(alice);
        assert!(has_heard(&mut second));
        drop(second);
        assert!(lock(&wakeups.0.waiting).is_empty());
    }
}
