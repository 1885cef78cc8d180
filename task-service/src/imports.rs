//! Turns for imports: a file in memory is many times as large as on the wire, so that few are worked on at a time. Each
//! person has one turn at the most, and waits for the next behind themselves: who brings many files holds up nobody else.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::owner::OwnerId;

/// One of 16 MiB takes about 100 MiB.
const AT_ONCE: usize = 4;

/// Who has a turn on this replica, and who waits for one.
#[derive(Debug)]
pub(crate) struct Imports {
    turns: Arc<Semaphore>,
    /// Nobody is in here without an import.
    people: Mutex<HashMap<OwnerId, Importer>>,
}

#[derive(Debug)]
struct Importer {
    /// The turn of their own, for which their imports queue.
    turn: Arc<Semaphore>,
    /// At work or waiting.
    imports: u32,
}

impl Imports {
    /// Nobody imports.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            people: Mutex::default(),
        })
    }

    /// Comes when the person has no other import at work and there is a turn: first come, first served.
    pub(crate) async fn turn(self: &Arc<Self>, owner: OwnerId) -> Turn {
        let (place, own) = self.queue(owner);
        let own = own.acquire_owned().await.expect("it is never closed");
        let turns = self.turns.clone();
        let of_all = turns.acquire_owned().await.expect("it is never closed");
        Turn {
            _of_all: of_all,
            _own: own,
            _place: place,
        }
    }

    fn queue(self: &Arc<Self>, owner: OwnerId) -> (Place, Arc<Semaphore>) {
        let mut people = self.people();
        let importer = people.entry(owner).or_insert_with(|| Importer {
            turn: Arc::new(Semaphore::new(1)),
            imports: 0,
        });
        importer.imports += 1;
        let place = Place {
            imports: self.clone(),
            owner,
        };
        (place, importer.turn.clone())
    }

    // Nobody panics with the lock in hand.
    fn people(&self) -> MutexGuard<'_, HashMap<OwnerId, Importer>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever holds it may have a file in memory. It goes along to wherever the file is.
#[derive(Debug)]
pub(crate) struct Turn {
    _of_all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    _place: Place,
}

/// Of an import that is at work or waits.
#[derive(Debug)]
struct Place {
    imports: Arc<Imports>,
    owner: OwnerId,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Entry::Occupied(mut importer) = self.imports.people().entry(self.owner) {
            match importer.get().imports {
                0 | 1 => drop(importer.remove()),
                _ => importer.get_mut().imports -= 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn each_person_has_one_turn_and_who_waits_for_the_next_takes_none_from_others() {
        let imports = Imports::new();
        let people = [1, 2, 3, 4, 5].map(OwnerId::of_test);
        let first = imports.turn(people[0]).await;
        let mut waiting = vec![
            Box::pin(imports.turn(people[0])),
            Box::pin(imports.turn(people[0])),
        ];
        for next in &mut waiting {
            assert!(next.now_or_never().is_none(), "a second of the same person");
        }
        let mut others = Vec::new();
        for person in &people[1..4] {
            others.push(imports.turn(*person).now_or_never().expect("a turn"));
        }
        let mut fifth = Box::pin(imports.turn(people[4]));
        assert!((&mut fifth).now_or_never().is_none(), "four are at work");

        drop(first);
        let fifth = fifth
            .now_or_never()
            .expect("it came before the second file of somebody else");
        assert!((&mut waiting[0]).now_or_never().is_none());
        drop(fifth);
        let second = (&mut waiting[0]).now_or_never().expect("a turn");
        assert!((&mut waiting[1]).now_or_never().is_none());
        drop((second, others));
    }

    #[tokio::test]
    async fn who_gives_up_waiting_is_passed_over_and_nobody_is_kept_without_an_import() {
        let imports = Imports::new();
        let alice = OwnerId::of_test(1);
        let first = imports.turn(alice).await;
        let mut gives_up = Box::pin(imports.turn(alice));
        assert!((&mut gives_up).now_or_never().is_none());
        let mut third = Box::pin(imports.turn(alice));
        assert!((&mut third).now_or_never().is_none());
        drop((first, gives_up));
        let third = third.now_or_never().expect("a turn");
        assert_eq!(imports.people().len(), 1);
        drop(third);
        assert!(imports.people().is_empty());
        assert_eq!(imports.turns.available_permits(), AT_ONCE);
    }
}
