//! Postgres cut off, slow, and gone in the moment of a commit.

use std::time::Duration;

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::{Code, Request};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt as _;

use crate::harness::{Service, assert_refused, titled, uuid};

#[tokio::test]
async fn without_postgres_calls_are_unavailable_with_a_delay_and_the_service_stays_up() {
    let (service, proxy) = Service::start_behind_proxy().await;
    let alice = service.person();
    let made = alice.create(titled("Before")).await.unwrap();
    proxy.cut();
    let status = assert_refused(
        alice.get(&made.id).await,
        Code::Unavailable,
        ErrorReason::DatabaseUnavailable,
    );
    assert!(
        status
            .get_details_retry_info()
            .is_some_and(|info| info.retry_delay.is_some())
    );
    for name in ["", "tandem.tasks.v1.TaskService"] {
        assert_eq!(service.health(name).await, ServingStatus::Serving, "{name:?}");
    }
    proxy.restore();
    // A call can still meet a connection attempt that began before; a client tries again, as it was told to.
    for _ in 0..100 {
        match alice.get(&made.id).await {
            Ok(read) => return assert_eq!(read, made),
            Err(status) => assert_eq!(status.code(), Code::Unavailable, "{status:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the service does not find its database again");
}

#[tokio::test]
async fn a_database_that_is_too_slow_is_a_deadline_and_not_an_outage() {
    let (service, proxy) = Service::start_behind_proxy().await;
    let alice = service.person();
    proxy.delay(Duration::from_secs(2));
    let mut request: Request<_> = alice.request(pb::ListTasksRequest::default());
    request.set_timeout(Duration::from_millis(300));
    let status = alice.client().list_tasks(request).await.expect_err("too slow");
    // The client's own timer may fire first, and says CANCELLED.
    assert!(
        matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled),
        "{status:?}"
    );
    proxy.delay(Duration::ZERO);
    alice.list(pb::ListTasksRequest::default()).await.unwrap();
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_whole_and_a_repeat_finds_out() {
    let (service, proxy) = Service::start_behind_proxy().await;
    let alice = service.person();
    let request = pb::CreateTaskRequest {
        request_id: uuid(1),
        ..titled("In doubt")
    };
    let lost = proxy.lose_answer_to("COMMIT");
    let status = alice.create(request.clone()).await.expect_err("nobody can know");
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    lost.await.expect("the commit was sent");
    let found = alice.create(request).await.unwrap();
    assert_eq!(
        alice.list(pb::ListTasksRequest::default()).await.unwrap().tasks,
        [found]
    );
}

#[tokio::test]
async fn a_replica_that_vanishes_in_a_write_does_not_keep_the_owner_locked() {
    let (service, proxy) = Service::start_behind_proxy().await;
    let alice = service.person();
    let vanished = proxy.vanish_at("INSERT INTO tasks");
    let mut request = alice.request(titled("Never made"));
    request.set_timeout(Duration::from_secs(1));
    assert!(alice.client().create_task(request).await.is_err());
    vanished.await.expect("its lock was taken");
    // It waits for the lock, which ends with the time of the first call and long before that of its own.
    let made = alice.create(titled("Made")).await.unwrap();
    assert_eq!(
        alice.list(pb::ListTasksRequest::default()).await.unwrap().tasks,
        [made]
    );
}

#[tokio::test]
async fn a_write_without_its_answer_is_whole_or_absent() {
    let (service, proxy) = Service::start_behind_proxy().await;
    let alice = service.person();
    let lost = proxy.lose_answer_to("COMMIT");
    assert!(alice.create(titled("In doubt")).await.is_err());
    lost.await.expect("the commit was sent");
    let tasks = alice.list(pb::ListTasksRequest::default()).await.unwrap().tasks;
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM tasks")
        .fetch_one(&service.database.pool())
        .await
        .unwrap();
    assert_eq!(rows, tasks.len() as i64);
}
