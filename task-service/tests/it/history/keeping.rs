//! How long events are kept, and with what they go.

use std::time::Duration;

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;

use super::{ALICE, DAY, retitled, told};
use crate::harness::{Service, assert_refused, titled};

async fn rows(service: &Service) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM task_events");
    count.fetch_one(&service.database.pool()).await.expect("a count")
}

#[tokio::test]
async fn events_are_dropped_by_age_in_steps_and_what_is_younger_stays() {
    let service = Service::start_deleting(2, 1).await;
    let alice = service.person_of(ALICE);
    let made = alice.create(titled("0")).await.unwrap();
    for number in 1..=4 {
        alice
            .update(&made.id, retitled(&number.to_string()))
            .await
            .unwrap();
    }
    service.hand.advance(45 * DAY);
    let alice = service.person_of(ALICE);
    alice.update(&made.id, retitled("Young")).await.unwrap();
    service.hand.advance(45 * DAY);
    service.sweep().await;
    assert_eq!(rows(&service).await, 6, "ninety days are not over");
    service.hand.advance(Duration::from_secs(1));
    assert_eq!(service.sweep().await, 5);
    let alice = service.person_of(ALICE);
    let left: Vec<_> = alice.events(&made.id).await.iter().map(told).collect();
    assert_eq!(left, ["UpdateTask title: 4 > Young"]);
}

#[tokio::test]
async fn the_deployment_says_how_long_events_are_kept() {
    let service = Service::start_with(&[("TANDEM_TASKS_HISTORY_DAYS", "1")]).await;
    let alice = service.person();
    alice.create(titled("Bread")).await.unwrap();
    service.hand.advance(DAY + Duration::from_secs(1));
    service.sweep().await;
    assert_eq!(rows(&service).await, 0);
}

#[tokio::test]
async fn a_history_goes_with_its_task_and_with_its_person_and_counts_for_nothing() {
    let service = Service::start().await;
    let claims = service.claims();
    let alice = service.person_with(&service.header(), &claims);
    let made = alice.create(titled("Whole")).await.unwrap();
    let mut part = titled("Part");
    part.task.as_mut().unwrap().parent_id = made.id.clone();
    let part = alice.create(part).await.unwrap();
    alice.delete(&part.id).await.unwrap();
    alice.delete(&made.id).await.unwrap();
    let purge = pb::PurgeTaskRequest {
        id: made.id.clone(),
        ..Default::default()
    };
    alice.client().purge_task(alice.request(purge)).await.unwrap();
    // What is left of the history is that of the part, which now belongs nowhere.
    let of_part: Vec<_> = alice.events(&part.id).await.iter().map(told).collect();
    assert_eq!(of_part[0], format!("PurgeTask parent_id: {} > ", made.id));
    assert_eq!(rows(&service).await, 3);
    let gone = pb::ListTaskEventsRequest {
        id: made.id,
        ..Default::default()
    };
    assert_refused(
        alice.events_page(gone).await,
        Code::NotFound,
        ErrorReason::NotFound,
    );

    assert!(service.purger().purge(&claims.sub).await.unwrap());
    assert_eq!(rows(&service).await, 0);
}
