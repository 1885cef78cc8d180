//! `CreateTask`: what is made, and what makes it safe to repeat.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;

use crate::harness::{Service, assert_refused, assert_violations, titled, uuid};

fn with_request_id(title: &str, request_id: &str) -> pb::CreateTaskRequest {
    pb::CreateTaskRequest {
        request_id: request_id.to_owned(),
        ..titled(title)
    }
}

fn with_id(title: &str, task_id: &str) -> pb::CreateTaskRequest {
    pb::CreateTaskRequest {
        task_id: task_id.to_owned(),
        ..titled(title)
    }
}

#[tokio::test]
async fn a_new_task_is_open_trimmed_and_last() {
    let service = Service::start().await;
    let alice = service.person();
    let first = alice.create(titled("  Water the plants ")).await.unwrap();
    let second = alice.create(titled("Buy bread")).await.unwrap();
    assert_eq!(first.title, "Water the plants");
    assert_eq!(first.state(), pb::task::State::Open);
    assert_eq!(first.create_time, first.update_time);
    assert!(first.rank < second.rank);
    assert!(!first.etag.is_empty() && first.etag != second.etag);
    assert!(first.delete_time.is_none() && first.complete_time.is_none());
}

#[tokio::test]
async fn a_repeat_with_the_same_request_id_returns_the_task_as_it_is_now() {
    let service = Service::start().await;
    let alice = service.person();
    let request = with_request_id("Buy bread", &uuid(1));
    let made = alice.create(request.clone()).await.unwrap();
    let cancelled = alice.cancel(&made.id).await.unwrap();
    assert_eq!(alice.create(request).await.unwrap(), cancelled);
    assert_eq!(
        alice
            .list(pb::ListTasksRequest::default())
            .await
            .unwrap()
            .tasks
            .len(),
        1
    );
}

#[tokio::test]
async fn a_request_id_with_another_body_or_method_is_refused() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice
        .create(with_request_id("Buy bread", &uuid(1)))
        .await
        .unwrap();
    let other_body = alice.create(with_request_id("Buy cake", &uuid(1))).await;
    assert_refused(other_body, Code::AlreadyExists, ErrorReason::RequestIdReused);
    let delete = pb::DeleteTaskRequest {
        id: made.id,
        request_id: uuid(1),
        ..Default::default()
    };
    let other_method = alice.client().delete_task(alice.request(delete)).await;
    assert_refused(other_method, Code::AlreadyExists, ErrorReason::RequestIdReused);
}

#[tokio::test]
async fn a_refused_request_leaves_its_request_id_unused() {
    let service = Service::start().await;
    let alice = service.person();
    assert!(alice.create(with_request_id("", &uuid(1))).await.is_err());
    alice
        .create(with_request_id("Buy bread", &uuid(1)))
        .await
        .unwrap();
}

#[tokio::test]
async fn two_people_may_use_the_same_request_id_and_the_same_task_id() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let request = |title: &str| pb::CreateTaskRequest {
        task_id: uuid(7),
        ..with_request_id(title, &uuid(1))
    };
    let of_alice = alice.create(request("Hers")).await.unwrap();
    let of_bob = bob.create(request("His")).await.unwrap();
    assert_eq!(
        (of_alice.id.as_str(), of_bob.id.as_str()),
        (uuid(7).as_str(), uuid(7).as_str())
    );
    assert_eq!(alice.get(&uuid(7)).await.unwrap().title, "Hers");
}

#[tokio::test]
async fn a_chosen_id_is_kept_and_safe_to_repeat_with_the_same_body_only() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(with_id("Buy bread", &uuid(7))).await.unwrap();
    assert_eq!(made.id, uuid(7));
    assert_eq!(alice.create(with_id("Buy bread", &uuid(7))).await.unwrap(), made);
    let other = alice.create(with_id("Buy cake", &uuid(7))).await;
    assert_refused(other, Code::AlreadyExists, ErrorReason::IdTaken);
    let servers_own = alice.create(titled("Buy milk")).await.unwrap();
    let taken = alice.create(with_id("Buy milk", &servers_own.id)).await;
    assert_refused(taken, Code::AlreadyExists, ErrorReason::IdTaken);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let service = Service::start().await;
    let alice = service.person();
    let request = pb::CreateTaskRequest {
        task: Some(pb::Task {
            title: " ".to_owned(),
            notes: "\0".to_owned(),
            priority: 9,
            start: Some(pb::When {
                time_zone: "Mars/Olympus".to_owned(),
                ..Default::default()
            }),
            due: Some(pb::When {
                date: Some(proto::google::r#type::Date {
                    year: 2026,
                    month: 2,
                    day: 30,
                }),
                time: Some(proto::google::r#type::TimeOfDay {
                    hours: 24,
                    minutes: 0,
                    seconds: 0,
                    nanos: 0,
                }),
                time_zone: String::new(),
            }),
            ..Default::default()
        }),
        task_id: "7".to_owned(),
        request_id: "x".to_owned(),
    };
    let fields = [
        "request_id",
        "task.due.date",
        "task.due.time",
        "task.notes",
        "task.priority",
        "task.start.date",
        "task.start.time_zone",
        "task.title",
        "task_id",
    ];
    assert_violations(alice.create(request).await, &fields);
    assert_violations(alice.create(pb::CreateTaskRequest::default()).await, &["task"]);
}

#[tokio::test]
async fn limits_hold_to_the_character() {
    let service = Service::start().await;
    let alice = service.person();
    alice.create(titled(&"ü".repeat(500))).await.unwrap();
    assert_violations(alice.create(titled(&"ü".repeat(501))).await, &["task.title"]);
    let noted = |bytes: usize| pb::CreateTaskRequest {
        task: Some(pb::Task {
            title: "Long".to_owned(),
            notes: "n".repeat(bytes),
            ..Default::default()
        }),
        ..Default::default()
    };
    alice.create(noted(16 * 1024)).await.unwrap();
    assert_violations(alice.create(noted(16 * 1024 + 1)).await, &["task.notes"]);
}

#[tokio::test]
async fn labels_are_kept_as_given_and_each_once() {
    let service = Service::start().await;
    let alice = service.person();
    let mut request = titled("Buy bread");
    request.task.as_mut().unwrap().labels = vec![" home ".to_owned(), "shop".to_owned(), "home".to_owned()];
    let made = alice.create(request).await.unwrap();
    assert_eq!(made.labels, ["home", "shop"]);
    assert_eq!(alice.get(&made.id).await.unwrap(), made);
}

#[tokio::test]
async fn a_subtask_is_in_its_parents_list_and_five_levels_down_at_the_most() {
    let service = Service::start().await;
    let alice = service.person();
    let part_of = |parent: &pb::Task| {
        let mut request = titled("A part");
        request.task.as_mut().unwrap().parent_id = parent.id.clone();
        request
    };
    let mut task = alice.create(titled("The whole")).await.unwrap();
    for _ in 0..5 {
        let part = alice.create(part_of(&task)).await.unwrap();
        assert_eq!(part.parent_id, task.id);
        task = part;
    }
    assert_refused(
        alice.create(part_of(&task)).await,
        Code::FailedPrecondition,
        ErrorReason::TooDeep,
    );
    let trashed = alice.create(titled("Away")).await.unwrap();
    alice.delete(&trashed.id).await.unwrap();
    assert_refused(
        alice.create(part_of(&trashed)).await,
        Code::FailedPrecondition,
        ErrorReason::Deleted,
    );
}
