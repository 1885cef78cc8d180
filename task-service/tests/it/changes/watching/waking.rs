//! How a stream sees what is written elsewhere: by a word of the replica where it was, or by looking for itself.

use std::time::Duration;

use task_service::streams::Pace;

use super::{ALICE, Watch, pace};
use crate::harness::{Service, titled};

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
