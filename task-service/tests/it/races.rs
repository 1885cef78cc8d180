//! The same write from many threads at once, each with a runtime of its own.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use proto::tasks::v1 as pb;
use proto::tasks::v1::move_task_request::Position;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::harness::{Person, Service, titled, uuid};
use crate::recurring;

const THREADS: usize = 8;

/// Runs the call on every thread at the same moment.
fn at_once<T: Send, F>(call: impl Fn() -> F + Sync) -> Vec<Result<T, Status>>
where
    F: Future<Output = Result<T, Status>>,
{
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .expect("it works");
                    barrier.wait();
                    runtime.block_on(call())
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    })
}

async fn all(person: &Person<'_>) -> Vec<pb::Task> {
    person
        .list(pb::ListTasksRequest::default())
        .await
        .expect("it works")
        .tasks
}

#[tokio::test(flavor = "multi_thread")]
async fn creates_with_one_request_id_make_one_task() {
    let service = Service::start().await;
    let alice = service.person();
    let request = pb::CreateTaskRequest {
        request_id: uuid(1),
        ..titled("Once")
    };
    let replies = tokio::task::block_in_place(|| at_once(|| alice.create(request.clone())));
    let made = all(&alice).await;
    assert_eq!(made.len(), 1);
    assert!(
        replies
            .iter()
            .all(|reply| reply.as_ref().is_ok_and(|task| *task == made[0])),
        "{replies:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn creates_with_one_chosen_id_make_one_task() {
    let service = Service::start().await;
    let alice = service.person();
    let request = pb::CreateTaskRequest {
        task_id: uuid(1),
        ..titled("Once")
    };
    let replies = tokio::task::block_in_place(|| at_once(|| alice.create(request.clone())));
    assert_eq!(all(&alice).await.len(), 1);
    assert!(replies.iter().all(Result::is_ok), "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_at_once_are_one_completion() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Once")).await.unwrap();
    let replies = tokio::task::block_in_place(|| at_once(|| alice.complete(&made.id)));
    let first = replies[0].as_ref().unwrap().completion.as_ref().unwrap();
    assert!(
        replies
            .iter()
            .all(|reply| reply.as_ref().unwrap().completion.as_ref() == Some(first))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_of_one_occurrence_at_once_complete_it_once_whichever_replica() {
    let service = Service::start().await;
    let replica = service.replica().await;
    let id = Uuid::from_u128(7);
    let (here, there) = (service.person_of(id), replica.person_of(id));
    let due = recurring::on(2026, 12, 1);
    let task = recurring::made(&here, recurring::recurring("FREQ=DAILY", due.clone())).await;
    let turn = AtomicUsize::new(0);
    let replies = tokio::task::block_in_place(|| {
        at_once(|| {
            let person = [&here, &there][turn.fetch_add(1, Ordering::Relaxed) % 2];
            recurring::complete_of(person, &task.id, due.clone())
        })
    });
    let first = replies[0].as_ref().unwrap().completion.clone();
    assert!(
        replies
            .iter()
            .all(|reply| reply.as_ref().unwrap().completion == first)
    );
    let now = there.get(&task.id).await.unwrap();
    assert_eq!(now.due, Some(recurring::on(2026, 12, 2)), "one step on");
    assert_eq!(here.completions(&task.id).await, first.as_slice());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_updates_with_one_etag_one_wins() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Old")).await.unwrap();
    let task = pb::Task {
        id: made.id.clone(),
        etag: made.etag.clone(),
        title: "New".to_owned(),
        ..Default::default()
    };
    let request = pb::UpdateTaskRequest {
        task: Some(task),
        ..Default::default()
    };
    let replies = tokio::task::block_in_place(|| {
        at_once(|| async {
            alice
                .client()
                .update_task(alice.request(request.clone()))
                .await
                .map(drop)
        })
    });
    let (won, lost): (Vec<_>, Vec<_>) = replies.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(
        lost.iter()
            .all(|reply| reply.as_ref().is_err_and(|status| status.code() == Code::Aborted))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_become_a_part_of_each_other_at_once_one_does() {
    let service = Service::start().await;
    let alice = service.person();
    let (a, b) = (
        alice.create(titled("a")).await.unwrap(),
        alice.create(titled("b")).await.unwrap(),
    );
    let turn = AtomicUsize::new(0);
    let replies = tokio::task::block_in_place(|| {
        at_once(|| {
            let (part, whole) = match turn.fetch_add(1, Ordering::Relaxed) % 2 {
                0 => (&a, &b),
                _ => (&b, &a),
            };
            alice.move_task(pb::MoveTaskRequest {
                id: part.id.clone(),
                parent_id: Some(whole.id.clone()),
                ..Default::default()
            })
        })
    });
    let parts: Vec<_> = all(&alice)
        .await
        .into_iter()
        .filter(|task| !task.parent_id.is_empty())
        .collect();
    assert_eq!(parts.len(), 1, "{parts:?}");
    for reply in replies {
        match reply {
            Ok(moved) => assert_eq!(moved.id, parts[0].id),
            Err(status) => assert_eq!(status.code(), Code::FailedPrecondition),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_to_the_front_at_once_leave_one_order_with_a_rank_each() {
    let service = Service::start().await;
    let alice = service.person();
    let mut made = Vec::new();
    for title in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        made.push(alice.create(titled(title)).await.unwrap());
    }
    let turn = AtomicUsize::new(0);
    tokio::task::block_in_place(|| {
        at_once(|| {
            let task = &made[turn.fetch_add(1, Ordering::Relaxed) % made.len()];
            alice.move_task(pb::MoveTaskRequest {
                id: task.id.clone(),
                position: Some(Position::First(true)),
                ..Default::default()
            })
        })
    });
    let mut ranks: Vec<_> = all(&alice).await.into_iter().map(|task| task.rank).collect();
    assert!(ranks.is_sorted(), "{ranks:?}");
    ranks.dedup();
    assert_eq!(ranks.len(), made.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_changed_row_has_a_revision_of_its_own_and_none_is_left_out() {
    let service = Service::start().await;
    let alice = service.person();
    tokio::task::block_in_place(|| at_once(|| alice.create(titled("One of many"))));
    let mut revisions: Vec<i64> = all(&alice)
        .await
        .iter()
        .map(|task| task.etag.trim_start_matches('r').parse().unwrap())
        .collect();
    revisions.sort_unstable();
    assert_eq!(revisions, (1..=THREADS as i64).collect::<Vec<_>>());
}
