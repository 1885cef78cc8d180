//! What is wrong with a batch is told with the places of its members, and nothing of it is done.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{index_of, part_of, retitled, with_id};
use crate::harness::{Service, assert_refused, assert_violations, titled, uuid};

#[tokio::test]
async fn one_member_that_cannot_be_done_undoes_all_of_them() {
    let service = Service::start().await;
    let alice = service.person();
    let refused = alice
        .batch_create(&[titled("Fine"), part_of(&uuid(404), "Lost")], &uuid(1))
        .await;
    let status = assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
    assert_eq!(index_of(&status), "1");
    assert_eq!(alice.count().await, 0);

    let made = alice
        .batch_create(&[titled("One"), titled("Two")], &uuid(1))
        .await
        .unwrap();
    let mut stale = retitled(&made[1], "Newer");
    stale.task.as_mut().unwrap().etag = "r999".to_owned();
    let refused = alice.batch_update(&[retitled(&made[0], "New"), stale], "").await;
    let status = assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
    assert_eq!(index_of(&status), "1");
    assert_eq!(alice.get(&made[0].id).await.unwrap(), made[0]);

    alice.delete(&made[1].id).await.unwrap();
    let both = [retitled(&made[0], "New"), retitled(&made[1], "New")];
    let refused = alice.batch_update(&both, "").await;
    let status = assert_refused(refused, Code::FailedPrecondition, ErrorReason::Deleted);
    assert_eq!(index_of(&status), "1");
    assert_eq!(alice.get(&made[0].id).await.unwrap(), made[0]);
}

#[tokio::test]
async fn every_members_faults_are_told_at_once_under_its_place() {
    let service = Service::start().await;
    let alice = service.person();
    let own_id = pb::CreateTaskRequest {
        request_id: uuid(1),
        ..titled("Fine but for that")
    };
    let requests = [titled("Fine"), titled(" "), own_id, with_id("Odd", "7")];
    let refused = alice.batch_create(&requests, "x").await;
    assert_eq!(index_of(&refused.clone().unwrap_err()), "1");
    assert_violations(
        refused,
        &[
            "request_id",
            "requests[1].task.title",
            "requests[2].request_id",
            "requests[3].task_id",
        ],
    );
    assert_eq!(alice.count().await, 0);
    let update = pb::UpdateTaskRequest {
        request_id: uuid(1),
        ..Default::default()
    };
    assert_violations(
        alice.batch_update(&[update], "").await,
        &["requests[0].request_id", "requests[0].task"],
    );
    assert_violations(
        alice.batch_get(&["7", ""]).await,
        &["requests[0].id", "requests[1].id"],
    );
}

#[tokio::test]
async fn a_thousand_faults_are_told_as_far_as_they_fit_and_the_rest_is_counted() {
    let service = Service::start().await;
    let alice = service.person();
    let refused = alice.batch_create(&vec![titled(""); 1000], "").await;
    let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::FieldInvalid);
    assert!(status.details().len() < 6 * 1024);
    let told = status.get_details_bad_request().unwrap().field_violations.len();
    let info = status.get_details_error_info().unwrap();
    let left_out: usize = info.metadata["more_violations"].parse().unwrap();
    assert_eq!(told + left_out, 1000);
    assert_eq!(info.metadata["index"], "0");
}

#[tokio::test]
async fn a_batch_of_nothing_and_one_of_too_much_are_refused() {
    let service = Service::start().await;
    let alice = service.person();
    assert_violations(alice.batch_get(&[]).await, &["requests"]);
    assert_violations(alice.batch_create(&[], "").await, &["requests"]);
    assert_violations(alice.batch_update(&[], "").await, &["requests"]);
    assert_violations(alice.batch_delete(&[], "").await, &["requests"]);

    let too_large = |status: Result<Vec<pb::Task>, Status>| {
        assert_refused(status, Code::InvalidArgument, ErrorReason::BatchTooLarge);
    };
    too_large(alice.batch_create(&vec![titled("x"); 1001], "").await);
    let mut long = titled("Long");
    long.task.as_mut().unwrap().notes = "n".repeat(16 * 1024);
    // 192 notes of 16 KiB are 3 MiB; the rest of the messages brings them above.
    too_large(alice.batch_create(&vec![long.clone(); 192], "").await);
    assert_eq!(alice.count().await, 0);
    alice.batch_create(&vec![long.clone(); 150], "").await.unwrap();
    let made = alice.batch_create(&vec![long; 150], "").await.unwrap();
    let all: Vec<_> = made.iter().chain(&made).map(|task| task.id.as_str()).collect();
    too_large(alice.batch_get(&all).await);

    // A change that nobody could be told of is not made.
    let updates: Vec<_> = made
        .iter()
        .chain(&made)
        .map(|task| retitled(task, "New"))
        .collect();
    too_large(alice.batch_update(&updates, "").await);
    assert_eq!(alice.get(&made[0].id).await.unwrap(), made[0]);
}

#[tokio::test]
async fn a_batch_that_would_bring_somebody_above_a_limit_makes_nothing() {
    let service = Service::start_with(&[("TANDEM_TASKS_LIMIT_TASKS", "3")]).await;
    let alice = service.person();
    let tasks = [titled("One"), titled("Two")];
    alice.batch_create(&tasks, "").await.unwrap();
    let refused = alice.batch_create(&tasks, "").await;
    assert_refused(refused, Code::ResourceExhausted, ErrorReason::QuotaExceeded);
    assert_eq!(alice.count().await, 2);
    alice.create(titled("Three")).await.unwrap();
}
