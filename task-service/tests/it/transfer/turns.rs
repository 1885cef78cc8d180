//! How many imports are at work on a replica at once, whose they are, and that nobody keeps the others waiting for nothing.

use std::time::Duration;

use proto::tasks::v1 as pb;
use proto::tasks::v1::import_tasks_response::Step;
use proto::tasks::v1::transfer_service_client::TransferServiceClient;
use sqlx::{Postgres, Transaction};
use tokio::time::{Instant, timeout};
use tonic::Streaming;

use super::{all, counts, json_of, plain};
use crate::harness::{MANY_CALLS, Service, titled};

/// Long enough for a machine that has much else to do.
const SOON: Duration = Duration::from_secs(60);

/// Whoever wants to write for one of the people who are there by now waits until it is rolled back.
async fn hold_everybody(service: &Service) -> Transaction<'static, Postgres> {
    let mut held = service.database.pool().begin().await.expect("begun");
    sqlx::raw_sql("SELECT 1 FROM owners FOR UPDATE")
        .execute(&mut *held)
        .await
        .expect("held");
    held
}

async fn assert_at_work(steps: &mut Streaming<pb::ImportTasksResponse>) {
    let message = timeout(SOON, steps.message()).await.expect("its turn");
    let step = message.expect("no fault").and_then(|message| message.step);
    assert!(matches!(step, Some(Step::Progress(_))), "{step:?}");
}

/// Created, updated, skipped and left out, once it has ended.
async fn result_of(mut steps: Streaming<pb::ImportTasksResponse>) -> [i32; 4] {
    let mut last = None;
    loop {
        let message = timeout(SOON, steps.message()).await.expect("its turn");
        let Some(message) = message.expect("no fault") else {
            break;
        };
        last = message.step;
    }
    match last {
        Some(Step::Result(result)) => counts(&result),
        other => panic!("no result but {other:?}"),
    }
}

#[tokio::test]
async fn four_imports_are_at_work_at_once_and_the_fifth_begins_when_one_of_them_ends() {
    let service = Service::start().await;
    let first: Vec<_> = (0..4).map(|_| service.person()).collect();
    for person in &first {
        person.create(titled("Before")).await.unwrap();
    }
    let held = hold_everybody(&service).await;
    let mut at_work = Vec::new();
    for person in &first {
        let mut steps = person.importing(json_of(&plain(1), &[])).await.unwrap();
        assert_at_work(&mut steps).await;
        at_work.push(steps);
    }

    let eve = service.person();
    let mut fifth = eve.importing(json_of(&plain(2), &[])).await.unwrap();
    let other_calls = async {
        for _ in 0..100 {
            assert!(all(&eve).await.is_empty());
        }
    };
    tokio::select! {
        biased;
        message = fifth.message() => panic!("it did not wait: {message:?}"),
        () = other_calls => {}
    }

    drop(at_work.pop());
    assert_eq!(result_of(fifth).await, [2, 0, 0, 0]);
    held.rollback().await.unwrap();
    for steps in at_work {
        assert_eq!(result_of(steps).await, [1, 0, 0, 0]);
    }
    for person in &first[..3] {
        assert_eq!(all(person).await.len(), 2);
    }
}

#[tokio::test]
async fn one_persons_imports_are_at_work_one_after_another_and_leave_the_other_turns_to_others() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    alice.create(titled("Before")).await.unwrap();
    let held = hold_everybody(&service).await;
    let mut hers = Vec::new();
    for _ in 0..5 {
        hers.push(alice.importing(json_of(&plain(1), &[])).await.unwrap());
    }
    assert_at_work(&mut hers[0]).await;
    // More than all turns there are, by somebody else.
    for _ in 0..5 {
        let his = timeout(SOON, bob.import(json_of(&plain(1), &[])));
        tokio::select! {
            biased;
            message = hers[1].message() => panic!("it did not wait: {message:?}"),
            result = his => assert_eq!(counts(&result.expect("a turn").unwrap()), [1, 0, 0, 0]),
        }
    }

    // Who leaves lets the next one begin, although the others are still at it.
    drop(hers.remove(0));
    assert_at_work(&mut hers[0]).await;
    held.rollback().await.unwrap();
    for steps in hers {
        assert_eq!(result_of(steps).await, [1, 0, 0, 0]);
    }
}

#[tokio::test]
async fn readers_who_take_nothing_of_what_is_told_keep_nobody_elses_import_waiting() {
    let service = Service::start_with(&MANY_CALLS).await;
    // One import of each, since only one of a person's is at work.
    let slow: Vec<_> = (0..4).map(|_| service.person()).collect();
    let mut client = TransferServiceClient::new(service.channel_that_takes_nothing().await);
    let mut unread = Vec::new();
    for person in &slow {
        let request = person.request(json_of(&plain(2000), &[]));
        unread.push(client.import_tasks(request).await.unwrap());
    }
    let bob = service.person();
    let import = timeout(SOON, bob.import(json_of(&plain(1), &[])));
    assert_eq!(counts(&import.await.expect("its turn").unwrap()), [1, 0, 0, 0]);
    let end = Instant::now() + SOON;
    for person in &slow {
        while all(person).await.len() < 2000 {
            assert!(Instant::now() < end, "an import waits for its reader");
        }
    }
    drop(unread);
    assert_eq!(all(&bob).await.len(), 1);
}
