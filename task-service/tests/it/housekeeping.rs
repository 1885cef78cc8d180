//! What is kept for a time only: it is there until then, and gone after it.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;
use uuid::Uuid;

use crate::harness::trash::{list_in_the_trash, removals};
use crate::harness::{Service, assert_refused, part_of, titled, uuid};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn rows(service: &Service, table: &'static str) -> i64 {
    let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    let counted = sqlx::query_scalar(count)
        .fetch_one(&service.database.pool())
        .await;
    counted.expect("counted")
}

#[tokio::test]
async fn a_write_can_be_repeated_for_a_day_and_its_record_goes_after_it() {
    let service = Service::start().await;
    let id = Uuid::from_u128(1);
    let request = pb::CreateTaskRequest {
        request_id: uuid(1),
        ..titled("Once")
    };
    let made = service.person_of(id).create(request.clone()).await.unwrap();
    service.hand.advance(DAY);
    assert_eq!(service.sweep().await, 0);
    assert_eq!(service.person_of(id).create(request.clone()).await.unwrap(), made);
    service.hand.advance(Duration::from_secs(1));
    assert_eq!(service.sweep().await, 1);
    assert_eq!(
        (rows(&service, "requests").await, rows(&service, "tasks").await),
        (0, 1)
    );
}

#[tokio::test]
async fn the_trash_drops_a_task_with_its_completions_when_its_time_is_over() {
    let service = Service::start().await;
    let id = Uuid::from_u128(1);
    let alice = service.person_of(id);
    let kept = alice.create(titled("Kept")).await.unwrap();
    let old = alice.create(titled("Old")).await.unwrap();
    alice.complete(&old.id).await.unwrap();
    alice.delete(&old.id).await.unwrap();

    service.hand.advance(29 * DAY);
    assert_eq!(service.sweep().await, 0);
    service.person_of(id).get(&old.id).await.unwrap();

    service.hand.advance(DAY);
    assert_eq!(service.sweep().await, 1);
    let alice = service.person_of(id);
    assert_refused(alice.get(&old.id).await, Code::NotFound, ErrorReason::NotFound);
    assert_eq!(alice.get(&kept.id).await.unwrap(), kept);
    assert_eq!(rows(&service, "task_completions").await, 0);
}

#[tokio::test]
async fn a_task_that_was_taken_out_of_the_trash_stays() {
    let service = Service::start().await;
    let id = Uuid::from_u128(1);
    let made = service.person_of(id).create(titled("Back")).await.unwrap();
    service.person_of(id).delete(&made.id).await.unwrap();
    service.hand.advance(DAY);
    let back = service.person_of(id).undelete(&made.id).await.unwrap();
    service.hand.advance(40 * DAY);
    assert_eq!(service.sweep().await, 0);
    assert_eq!(service.person_of(id).get(&made.id).await.unwrap(), back);
}

#[tokio::test]
async fn everything_goes_in_steps_of_a_bounded_size() {
    let service = Service::start_deleting(2, 1).await;
    for person in 1..=3 {
        let alice = service.person_of(Uuid::from_u128(person));
        for number in 1..=3 {
            let request = pb::CreateTaskRequest {
                request_id: uuid(number),
                ..titled("Old")
            };
            let made = alice.create(request).await.unwrap();
            alice.delete(&made.id).await.unwrap();
        }
    }
    service.hand.advance(31 * DAY);
    assert_eq!(service.sweep().await, 18);
    assert_eq!(
        (rows(&service, "requests").await, rows(&service, "tasks").await),
        (0, 0)
    );
}

#[tokio::test]
async fn a_tombstone_stands_until_no_token_of_the_person_can_be_good_and_then_goes() {
    let service = Service::start().await;
    let id = Uuid::from_u128(1);
    assert!(service.purger().purge(&id.to_string()).await.unwrap());

    // Ten minutes of a token, five seconds of clocks, an hour.
    service.hand.advance(HOUR + Duration::from_secs(604));
    assert_eq!(service.sweep().await, 0);
    assert_refused(
        service.person_of(id).create(titled("Late")).await,
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
    );
    service.hand.advance(Duration::from_secs(1));
    assert_eq!(service.sweep().await, 1);
    assert_eq!(rows(&service, "owners").await, 0);

    // Nothing of the person is known any more; auth-service alone keeps a deleted id from signing in.
    service.person_of(id).create(titled("Anew")).await.unwrap();
}

#[tokio::test]
async fn a_purge_that_nobody_finished_is_finished_before_its_tombstone_goes() {
    let service = Service::start_deleting(1, 1).await;
    let id = Uuid::from_u128(1);
    for _ in 0..4 {
        service.person_of(id).create(titled("Hers")).await.unwrap();
    }
    assert!(!service.purger().purge(&id.to_string()).await.unwrap());
    service.hand.advance(2 * HOUR);
    assert_eq!(service.sweep().await, 8);
    assert_eq!(
        (rows(&service, "tasks").await, rows(&service, "owners").await),
        (0, 0)
    );
}

#[tokio::test]
async fn a_tree_goes_from_its_leaves_up_and_a_list_behind_its_tasks() {
    let service = Service::start_deleting(1, 1).await;
    let alice = service.person();
    let root = alice.create(titled("Root")).await.unwrap();
    let part = alice.create(part_of(&root, "Part")).await.unwrap();
    let leaf = alice.create(part_of(&part, "Leaf")).await.unwrap();
    alice.delete(&root.id).await.unwrap();
    let (list, in_it) = list_in_the_trash(&alice).await;
    service.hand.advance(30 * DAY);
    assert_eq!(service.sweep().await, 5);
    let gone: Vec<_> = removals(&service).await.into_iter().map(|gone| gone.2).collect();
    let place = |id: &String| gone.iter().position(|gone| gone == id);
    assert!(place(&leaf.id) < place(&part.id) && place(&part.id) < place(&root.id));
    assert!(place(&in_it.id) < place(&list.id) && place(&list.id).is_some());
    service.assert_counts_are_right().await;
}

#[tokio::test]
async fn a_list_whose_time_is_over_stays_for_as_long_as_a_task_is_in_it() {
    let service = Service::start().await;
    let alice = service.person();
    let (_, in_it) = list_in_the_trash(&alice).await;
    // As clocks of two replicas can make it.
    let late = "UPDATE tasks SET purge_time = purge_time + interval '1 day'";
    let late = sqlx::query(late);
    late.execute(&service.database.pool()).await.unwrap();
    service.hand.advance(30 * DAY);
    assert_eq!(service.sweep().await, 0);
    assert_eq!(
        (rows(&service, "tasks").await, rows(&service, "lists").await),
        (1, 1)
    );
    service.hand.advance(DAY);
    assert_eq!(service.sweep().await, 2);
    let gone = removals(&service).await;
    assert_eq!((gone[0].2.as_str(), gone[1].1), (in_it.id.as_str(), 2));
}

/// Revision and floor of a person's feed.
async fn feed(service: &Service, id: Uuid) -> (i64, i64) {
    let feed = "SELECT revision, floor_revision FROM owners WHERE owner_id = $1";
    let pool = service.database.pool();
    let feed = sqlx::query_as(feed).bind(id).fetch_one(&pool).await;
    feed.expect("an owner")
}

#[tokio::test]
async fn what_is_gone_is_known_for_ninety_days_and_the_floor_of_the_feed_rises_when_it_is_forgotten() {
    for rows_per_step in [1, 1000] {
        let service = Service::start_deleting(rows_per_step, 1).await;
        let (id, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for person in [id, other] {
            for _ in 0..2 {
                let made = service.person_of(person).create(titled("Old")).await.unwrap();
                service.person_of(person).delete(&made.id).await.unwrap();
                service.person_of(person).purge_task(&made.id).await.unwrap();
            }
            service.hand.advance(DAY);
        }
        let newest = removals(&service).await.iter().map(|gone| gone.0).max().unwrap();
        let later = service.person_of(id).create(titled("Later")).await.unwrap();
        let before = feed(&service, id).await;
        assert_eq!(before, (newest + 1, 0));

        service.hand.advance(88 * DAY);
        assert_eq!(service.sweep().await, 0);
        service.hand.advance(Duration::from_secs(1));
        assert_eq!(service.sweep().await, 2);
        assert_eq!(feed(&service, id).await, (newest + 1, newest));
        assert_eq!(feed(&service, other).await, (newest, 0));
        assert_eq!(rows(&service, "removals").await, 2);
        assert_eq!(service.person_of(id).get(&later.id).await.unwrap(), later);
        service.hand.advance(DAY);
        assert_eq!(service.sweep().await, 2);
        assert_eq!(feed(&service, other).await, (newest, newest));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undelete_that_races_the_sweep_keeps_what_it_restores_or_finds_nothing() {
    let service = Service::start_deleting(1, 1).await;
    for round in 1..=12 {
        let id = Uuid::from_u128(round);
        let alice = service.person_of(id);
        let root = alice.create(titled("Root")).await.unwrap();
        for _ in 0..4 {
            alice.create(part_of(&root, "Part")).await.unwrap();
        }
        alice.delete(&root.id).await.unwrap();
        let due = "UPDATE tasks SET purge_time = '2026-11-21T12:00:00Z' WHERE owner_id = $1";
        let due = sqlx::query(due).bind(id);
        due.execute(&service.database.pool()).await.unwrap();

        let barrier = Barrier::new(2);
        // Connections of the pool end with the runtime that made them, so both threads use the one that stays.
        let runtime = tokio::runtime::Handle::current();
        let undeleted = tokio::task::block_in_place(|| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    barrier.wait();
                    runtime.block_on(service.sweep())
                });
                barrier.wait();
                // Somewhere among the five steps of the sweep.
                thread::sleep(Duration::from_millis(u64::try_from(round).expect("small")));
                runtime.block_on(alice.undelete(&root.id))
            })
        });
        service.sweep().await;
        let left = alice.list_all().await;
        match undeleted {
            Ok(task) => {
                // What went before the undelete is gone, the rest is whole and outside of the trash for good.
                assert!(left.contains(&task));
                assert!(left.iter().all(|task| task.delete_time.is_none()));
            }
            Err(_) => {
                assert_refused(undeleted, Code::NotFound, ErrorReason::NotFound);
                assert_eq!(left, []);
            }
        }
        service.assert_counts_are_right().await;
    }
}
