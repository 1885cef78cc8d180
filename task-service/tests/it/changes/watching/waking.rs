//! How a stream sees what is written elsewhere: by a word of the replica where it was, or by looking for itself.

use std::time::Duration;

use task_service::streams::Pace;
use tokio::time::{Instant, timeout};

use super::{ALICE, SOON, Watch, pace};
use crate::harness::{Service, titled};

/// What the metrics say of a replica that hears the others, and of one that does not.
const HEARS: &str = "\ntandem_tasks_notifications_heard 1\n";
const IS_DEAF: &str = "\ntandem_tasks_notifications_heard 0\n";

async fn until_it_says(replica: &Service, line: &str) {
    let end = Instant::now() + SOON;
    while !replica.metrics().contains(line) {
        assert!(Instant::now() < end, "no {line} in {}", replica.metrics());
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_write_at_another_replica_is_seen_long_before_the_next_look() {
    let service = Service::start_streaming(Pace {
        poll: Duration::from_secs(60),
        checkpoint: Duration::from_secs(60),
        ..pace()
    })
    .await;
    let other = service.replica().await;
    let mut watch = Watch::begin(&service.person_of(ALICE), "").await;
    assert_eq!(watch.titles().await, [""; 0]);
    for number in 0..5 {
        let title = number.to_string();
        other.person_of(ALICE).create(titled(&title)).await.unwrap();
        assert_eq!(watch.titles().await, [title]);
    }
}

#[tokio::test]
async fn a_write_that_nobody_tells_of_is_seen_at_the_next_look() {
    let service = Service::start_streaming(Pace {
        // Words are heard, so that there is a look before each checkpoint and none in between.
        poll: Duration::from_secs(60),
        checkpoint: Duration::from_millis(100),
        ..pace()
    })
    .await;
    let alice = service.person_of(ALICE);
    alice.create(titled("Hers")).await.unwrap();
    let mut watch = Watch::begin(&alice, "").await;
    assert_eq!(watch.titles().await, ["Hers"]);
    let silently = "UPDATE tasks SET title = 'Silently', revision = 2; UPDATE owners SET revision = 2";
    sqlx::raw_sql(silently)
        .execute(&service.database.pool())
        .await
        .unwrap();
    while watch.titles().await != ["Silently"] {}
}

#[tokio::test]
async fn a_replica_that_no_word_reaches_knows_it_and_its_streams_look_for_themselves() {
    let service = Service::start().await;
    until_it_says(&service, HEARS).await;
    let (deaf, proxy) = service
        .deaf_replica(Pace {
            poll: Duration::from_millis(50),
            // What is seen before is seen by a look of the deaf.
            checkpoint: Duration::from_secs(3600),
            retry: Duration::from_millis(50),
            ..pace()
        })
        .await;
    let own_word = timeout(SOON, proxy.notification_kept());
    own_word.await.expect("it listens, and has said its word");
    let mut watch = Watch::begin(&deaf.person_of(ALICE), "").await;
    assert_eq!(watch.titles().await, [""; 0]);
    let writer = service.person_of(ALICE);
    for number in 0..3 {
        let title = number.to_string();
        writer.create(titled(&title)).await.unwrap();
        assert_eq!(watch.titles().await, [title]);
        let others_word = timeout(SOON, proxy.notification_kept());
        others_word.await.expect("it was told of");
    }
    assert!(deaf.metrics().contains(IS_DEAF), "{}", deaf.metrics());

    // Once words come through it hears, over the next connection, and still sees what is written.
    proxy.keep_notifications(false);
    proxy.cut();
    let lost = deaf.person_of(ALICE).create(titled("Lost")).await;
    assert!(lost.is_err(), "{lost:?}");
    proxy.restore();
    until_it_says(&deaf, HEARS).await;
    writer.create(titled("Heard")).await.unwrap();
    assert_eq!(watch.titles().await, ["Heard"]);
}
