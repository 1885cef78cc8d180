//! Several who write at random at once, and one who keeps a copy by the feed alone.

use std::sync::atomic::{AtomicUsize, Ordering};

use proto::tasks::v1 as pb;
use uuid::Uuid;

use super::copy::{Copy, server_state};
use crate::harness::{MANY_CALLS, Person, Service, titled};

/// A small generator of its own, so that a run can be had again.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("small")
    }
}

/// Writes so many times. What another writer did before may refuse a write; that is no matter.
pub(super) async fn write_at_random(person: &Person<'_>, seed: u64, writes: usize) {
    let (mut dice, mut own) = (Dice::new(seed), Vec::new());
    for number in 0..writes {
        if own.is_empty() || dice.below(3) == 0 {
            let made = person.create(titled(&format!("{seed} {number}"))).await;
            own.push(made.expect("made").id);
            continue;
        }
        let id = own[dice.below(own.len())].clone();
        let refused = match dice.below(6) {
            0 => person.complete(&id).await.err(),
            1 => person.reopen(&id).await.err(),
            2 => person.cancel(&id).await.err(),
            3 => person.delete(&id).await.err(),
            4 => person.undelete(&id).await.err(),
            _ => {
                let task = pb::Task {
                    id,
                    title: format!("changed {number}"),
                    ..Default::default()
                };
                let request = pb::UpdateTaskRequest {
                    task: Some(task),
                    ..Default::default()
                };
                let request = person.request(request);
                person.client().update_task(request).await.err()
            }
        };
        if let Some(status) = refused {
            assert_eq!(status.code(), tonic::Code::FailedPrecondition, "{status:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_the_pages_while_others_write_ends_with_what_there_is() {
    const WRITERS: u64 = 6;
    let service = Service::start_with(&MANY_CALLS).await;
    let replica = service.replica().await;
    let id = Uuid::from_u128(0xa11ce);
    let writing = AtomicUsize::new(WRITERS as usize);
    let writers = futures_util::future::join_all((0..WRITERS).map(|seed| {
        let (service, replica, writing) = (&service, &replica, &writing);
        async move {
            let at = if seed % 2 == 0 { service } else { replica };
            write_at_random(&at.person_of(id), seed + 1, 200).await;
            writing.fetch_sub(1, Ordering::SeqCst);
        }
    }));
    let follower = async {
        let (mut copy, mut kept, mut dice) = (Copy::default(), Copy::default(), Dice::new(99));
        while writing.load(Ordering::SeqCst) > 0 {
            let at = if dice.below(2) == 0 { &service } else { &replica };
            let size = i32::try_from(1 + dice.below(40)).expect("small");
            let page = at.person_of(id).changes(&copy.token, size).await.expect("a page");
            copy.take_in(page.changes, page.next_sync_token);
            match dice.below(10) {
                // A crash: whatever was not kept is read again.
                0 => copy = kept.clone(),
                1..4 => kept = copy.clone(),
                _ => {}
            }
        }
        copy.catch_up(&service.person_of(id), 0).await;
        copy
    };
    let (_, copy) = tokio::join!(writers, follower);
    copy.assert_is(&server_state(&service, id).await);
    assert!(copy.tasks.len() > 100 && copy.completions.len() > 50);
}
