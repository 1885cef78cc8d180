//! `CompleteTask`, `ReopenTask`, `CancelTask`: which state leads to which, and what is recorded.

use proto::errors::v1::ErrorReason;
use proto::google::r#type::Date;
use proto::tasks::v1 as pb;
use proto::tasks::v1::task::State;
use tonic::Code;

use crate::harness::{Service, assert_refused, titled, uuid};

fn on(day: i32) -> Option<pb::When> {
    Some(pb::When {
        date: Some(Date {
            year: 2026,
            month: 12,
            day,
        }),
        ..Default::default()
    })
}

#[tokio::test]
async fn a_completed_task_is_done_and_its_due_is_recorded() {
    let service = Service::start().await;
    let alice = service.person();
    let task = pb::Task {
        title: "Rent".to_owned(),
        due: on(5),
        ..Default::default()
    };
    let made = alice
        .create(pb::CreateTaskRequest {
            task: Some(task),
            ..Default::default()
        })
        .await
        .unwrap();
    let reply = alice.complete(&made.id).await.unwrap();
    let (task, completion) = (reply.task.unwrap(), reply.completion.unwrap());
    assert_eq!(task.state(), State::Done);
    assert_eq!(task.complete_time, completion.complete_time);
    assert_eq!(
        (completion.task_id.as_str(), completion.occurrence),
        (made.id.as_str(), on(5))
    );
    assert!(completion.undo_time.is_none());
}

#[tokio::test]
async fn completing_what_is_done_returns_its_completion_and_changes_nothing() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Rent")).await.unwrap();
    let first = alice.complete(&made.id).await.unwrap();
    service.hand.advance(std::time::Duration::from_secs(60));
    assert_eq!(alice.complete(&made.id).await.unwrap(), first);
}

#[tokio::test]
async fn an_occurrence_that_was_never_due_is_refused() {
    let service = Service::start().await;
    let alice = service.person();
    let task = pb::Task {
        title: "Rent".to_owned(),
        due: on(5),
        ..Default::default()
    };
    let made = alice
        .create(pb::CreateTaskRequest {
            task: Some(task),
            ..Default::default()
        })
        .await
        .unwrap();
    let complete = |day| pb::CompleteTaskRequest {
        id: made.id.clone(),
        occurrence: on(day),
        ..Default::default()
    };
    let never = alice.client().complete_task(alice.request(complete(6))).await;
    assert_refused(never, Code::FailedPrecondition, ErrorReason::OccurrenceNeverDue);
    alice
        .client()
        .complete_task(alice.request(complete(5)))
        .await
        .unwrap();
    let again = alice.client().complete_task(alice.request(complete(6))).await;
    assert_refused(again, Code::FailedPrecondition, ErrorReason::OccurrenceNeverDue);
}

#[tokio::test]
async fn a_reopened_task_is_open_and_can_be_completed_anew() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Rent")).await.unwrap();
    let first = alice.complete(&made.id).await.unwrap().completion.unwrap();
    let opened = alice.reopen(&made.id).await.unwrap();
    assert_eq!(opened.state(), State::Open);
    assert!(opened.complete_time.is_none());
    let second = alice.complete(&made.id).await.unwrap().completion.unwrap();
    assert_ne!(first.id, second.id);
}

#[tokio::test]
async fn reopening_what_is_open_changes_nothing() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Rent")).await.unwrap();
    assert_eq!(alice.reopen(&made.id).await.unwrap(), made);
}

#[tokio::test]
async fn a_cancelled_task_is_not_completed_and_a_done_one_is_not_cancelled() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Rent")).await.unwrap();
    let cancelled = alice.cancel(&made.id).await.unwrap();
    assert_eq!(cancelled.state(), State::Cancelled);
    assert_eq!(alice.cancel(&made.id).await.unwrap(), cancelled);
    let refused = alice.complete(&made.id).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::StateNotAllowed);
    alice.reopen(&made.id).await.unwrap();
    alice.complete(&made.id).await.unwrap();
    assert_refused(
        alice.cancel(&made.id).await,
        Code::FailedPrecondition,
        ErrorReason::StateNotAllowed,
    );
}

#[tokio::test]
async fn the_trash_lets_no_state_change_through() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Rent")).await.unwrap();
    alice.delete(&made.id).await.unwrap();
    assert_refused(
        alice.complete(&made.id).await,
        Code::FailedPrecondition,
        ErrorReason::Deleted,
    );
    assert_refused(
        alice.cancel(&made.id).await,
        Code::FailedPrecondition,
        ErrorReason::Deleted,
    );
    assert_refused(
        alice.reopen(&made.id).await,
        Code::FailedPrecondition,
        ErrorReason::Deleted,
    );
}

#[tokio::test]
async fn a_repeated_completion_returns_the_same_one_even_after_a_reopen() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Rent")).await.unwrap();
    let request = pb::CompleteTaskRequest {
        id: made.id.clone(),
        request_id: uuid(1),
        ..Default::default()
    };
    let send = || async {
        alice
            .client()
            .complete_task(alice.request(request.clone()))
            .await
            .unwrap()
            .into_inner()
    };
    let first = send().await.completion.unwrap();
    alice.reopen(&made.id).await.unwrap();
    let reply = send().await;
    assert_eq!(reply.completion.as_ref().unwrap().id, first.id);
    assert!(reply.completion.unwrap().undo_time.is_some());
    assert_eq!(reply.task.unwrap().state(), State::Open, "the task as it is now");
}
