//! What is kept for a time only: it is there until then, and gone after it.

use std::time::Duration;

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;
use uuid::Uuid;

use crate::harness::{Service, assert_refused, titled, uuid};

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
    assert_eq!(service.sweep().await, 4);
    assert_eq!(
        (rows(&service, "tasks").await, rows(&service, "owners").await),
        (0, 0)
    );
}
