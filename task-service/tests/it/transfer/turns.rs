//! How many imports are at work on a replica at once, and that nobody keeps the others waiting for nothing.

use std::time::Duration;

use proto::tasks::v1::import_tasks_response::Step;
use proto::tasks::v1::transfer_service_client::TransferServiceClient;
use tokio::time::{Instant, timeout};

use super::{all, counts, json_of, plain};
use crate::harness::{MANY_CALLS, Service, titled};

/// Long enough for a machine that has much else to do.
const SOON: Duration = Duration::from_secs(60);

#[tokio::test]
async fn four_imports_are_at_work_at_once_and_the_fifth_begins_when_one_of_them_ends() {
    let service = Service::start().await;
    let first: Vec<_> = (0..4).map(|_| service.person()).collect();
    for person in &first {
        person.create(titled("Before")).await.unwrap();
    }
    // Whoever wants to write one of these waits for it.
    let mut held = service.database.pool().begin().await.unwrap();
    sqlx::raw_sql("SELECT 1 FROM owners FOR UPDATE")
        .execute(&mut *held)
        .await
        .unwrap();
    let mut at_work = Vec::new();
    for person in &first {
        let mut steps = person.importing(json_of(&plain(1), &[])).await.unwrap();
        let step = steps.message().await.unwrap().unwrap().step;
        assert!(matches!(step, Some(Step::Progress(_))), "{step:?}");
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
    let mut last = None;
    while let Some(message) = timeout(SOON, fifth.message()).await.expect("its turn").unwrap() {
        last = message.step;
    }
    let Some(Step::Result(result)) = last else {
        panic!("no result but {last:?}");
    };
    assert_eq!(counts(&result), [2, 0, 0, 0]);
    held.rollback().await.unwrap();
    for mut steps in at_work {
        while steps.message().await.expect("it goes on").is_some() {}
    }
    for person in &first[..3] {
        assert_eq!(all(person).await.len(), 2);
    }
}

#[tokio::test]
async fn readers_who_take_nothing_of_what_is_told_keep_nobody_elses_import_waiting() {
    let service = Service::start_with(&MANY_CALLS).await;
    let mallory = service.person();
    let mut client = TransferServiceClient::new(service.channel_that_takes_nothing().await);
    let mut unread = Vec::new();
    for _ in 0..4 {
        let request = mallory.request(json_of(&plain(2000), &[]));
        unread.push(client.import_tasks(request).await.unwrap());
    }
    let bob = service.person();
    let import = timeout(SOON, bob.import(json_of(&plain(1), &[])));
    assert_eq!(counts(&import.await.expect("its turn").unwrap()), [1, 0, 0, 0]);
    let end = Instant::now() + SOON;
    while all(&mallory).await.len() < 8000 {
        assert!(Instant::now() < end, "an import waits for its reader");
    }
    drop(unread);
    assert_eq!(all(&bob).await.len(), 1);
}
