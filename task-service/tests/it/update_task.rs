//! `UpdateTask`: masked fields and no others, and no lost update.

use proto::errors::v1::ErrorReason;
use proto::google::r#type::Date;
use proto::tasks::v1 as pb;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::harness::{Person, Service, assert_refused, assert_violations, titled, uuid};

fn full() -> pb::Task {
    let on = |day| {
        Some(pb::When {
            date: Some(Date {
                year: 2026,
                month: 12,
                day,
            }),
            ..Default::default()
        })
    };
    pb::Task {
        title: "Pay rent".to_owned(),
        notes: "By transfer".to_owned(),
        priority: pb::task::Priority::High.into(),
        start: on(1),
        due: on(5),
        ..Default::default()
    }
}

async fn create_full(person: &Person<'_>) -> pb::Task {
    person
        .create(pb::CreateTaskRequest {
            task: Some(full()),
            ..Default::default()
        })
        .await
        .expect("made")
}

fn update(task: pb::Task, paths: &[&str]) -> pb::UpdateTaskRequest {
    let paths = paths.iter().map(|&path| path.to_owned()).collect();
    pb::UpdateTaskRequest {
        task: Some(task),
        update_mask: Some(prost_types::FieldMask { paths }),
        request_id: String::new(),
    }
}

async fn send(person: &Person<'_>, request: pb::UpdateTaskRequest) -> Result<pb::Task, tonic::Status> {
    person
        .client()
        .update_task(person.request(request))
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test]
async fn only_the_masked_fields_change() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    let wanted = pb::Task {
        id: made.id.clone(),
        title: "Rent".to_owned(),
        ..Default::default()
    };
    let updated = send(&alice, update(wanted, &["title"])).await.unwrap();
    let expected = pb::Task {
        title: "Rent".to_owned(),
        etag: updated.etag.clone(),
        update_time: updated.update_time,
        ..made.clone()
    };
    assert_eq!(updated, expected);
    assert_ne!(updated.etag, made.etag);
    assert_eq!(alice.get(&made.id).await.unwrap(), updated);
}

#[tokio::test]
async fn a_masked_field_that_is_unset_is_cleared() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    let wanted = pb::Task {
        id: made.id,
        ..Default::default()
    };
    let updated = send(&alice, update(wanted, &["notes", "priority", "due"]))
        .await
        .unwrap();
    assert!(updated.notes.is_empty() && updated.priority == 0 && updated.due.is_none());
    assert!(updated.start.is_some());
}

#[tokio::test]
async fn an_empty_mask_means_the_fields_that_are_set_and_a_star_means_all() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    let wanted = pb::Task {
        id: made.id,
        title: "Rent".to_owned(),
        ..Default::default()
    };
    let kept = send(&alice, update(wanted.clone(), &[])).await.unwrap();
    assert_eq!(
        (kept.title.as_str(), kept.notes.as_str()),
        ("Rent", "By transfer")
    );
    let replaced = send(&alice, update(wanted, &["*"])).await.unwrap();
    assert!(replaced.notes.is_empty() && replaced.due.is_none() && replaced.priority == 0);
}

#[tokio::test]
async fn due_is_replaced_whole() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    let due = pb::When {
        date: Some(Date {
            year: 2027,
            month: 1,
            day: 1,
        }),
        time: Some(proto::google::r#type::TimeOfDay {
            hours: 9,
            ..Default::default()
        }),
        time_zone: "Europe/Zurich".to_owned(),
    };
    let wanted = pb::Task {
        id: made.id,
        due: Some(due.clone()),
        ..Default::default()
    };
    assert_eq!(
        send(&alice, update(wanted, &["due"])).await.unwrap().due,
        Some(due)
    );
}

#[tokio::test]
async fn paths_that_are_unknown_output_only_or_another_methods_are_refused() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    for path in [
        "state",
        "rank",
        "list_id",
        "parent_id",
        "id",
        "etag",
        "create_time",
        "due.date",
        "Title",
        "",
        "x",
    ] {
        let wanted = pb::Task {
            id: made.id.clone(),
            ..Default::default()
        };
        assert_violations(send(&alice, update(wanted, &[path])).await, &["update_mask"]);
    }
    assert_eq!(alice.get(&made.id).await.unwrap(), made);
}

#[tokio::test]
async fn a_wrong_path_is_named_in_plain_text_and_never_at_length() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    let long = format!("a\"\n\u{e9}{}", "x".repeat(100_000));
    let cut = format!("\"a\\\"\\n\\u{{e9}}{}...\"", "x".repeat(64 - 11));
    for (path, named) in [("state", "state"), ("due.date", "\"due.date\""), (&long, &cut)] {
        let wanted = pb::Task {
            id: made.id.clone(),
            ..Default::default()
        };
        let status = send(&alice, update(wanted, &[path])).await.unwrap_err();
        let violations = status.get_details_bad_request().unwrap().field_violations;
        let description = &violations[0].description;
        assert!(description.contains(named), "{description}");
        assert!(description.is_ascii() && description.len() < 200, "{description}");
    }
}

#[tokio::test]
async fn a_mask_of_many_paths_is_one_fault() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    let wanted = pb::Task {
        id: made.id,
        title: "New".to_owned(),
        ..Default::default()
    };
    let request = update(wanted.clone(), &["x"; 101]);
    assert_violations(send(&alice, request).await, &["update_mask"]);
    send(&alice, update(wanted, &["title"; 100])).await.unwrap();
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let service = Service::start().await;
    let alice = service.person();
    let wrong = pb::Task {
        id: "7".to_owned(),
        title: " ".to_owned(),
        notes: "\0".to_owned(),
        priority: 9,
        start: Some(pb::When::default()),
        due: Some(pb::When::default()),
        ..Default::default()
    };
    let mut fields = vec![
        "request_id",
        "task.due.date",
        "task.id",
        "task.notes",
        "task.priority",
        "task.start.date",
        "task.title",
    ];
    for mask in [&[][..], &["*"]] {
        let request = pb::UpdateTaskRequest {
            request_id: "x".to_owned(),
            ..update(wrong.clone(), mask)
        };
        assert_violations(send(&alice, request).await, &fields);
    }
    let request = pb::UpdateTaskRequest {
        request_id: "x".to_owned(),
        ..update(wrong, &["title", "notes", "priority", "start", "due", "state"])
    };
    fields.push("update_mask");
    assert_violations(send(&alice, request).await, &fields);
}

#[tokio::test]
async fn text_that_was_never_an_etag_is_as_stale_as_an_old_one() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    for etag in ["r999", "R1", "r01", "W/\"1\"", "*", " ", "\0"] {
        let wanted = pb::Task {
            id: made.id.clone(),
            title: "New".to_owned(),
            etag: etag.to_owned(),
            ..Default::default()
        };
        let refused = send(&alice, update(wanted, &["title"])).await;
        assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
    }
    assert_eq!(alice.get(&made.id).await.unwrap(), made);
}

#[tokio::test]
async fn a_stale_etag_is_refused_and_changes_nothing() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    let wanted = pb::Task {
        id: made.id.clone(),
        title: "One".to_owned(),
        etag: made.etag.clone(),
        ..Default::default()
    };
    let first = send(&alice, update(wanted.clone(), &["title"])).await.unwrap();
    let second = send(
        &alice,
        update(
            pb::Task {
                title: "Two".to_owned(),
                ..wanted
            },
            &["title"],
        ),
    )
    .await;
    assert_refused(second, Code::Aborted, ErrorReason::EtagMismatch);
    assert_eq!(alice.get(&made.id).await.unwrap(), first);
}

#[tokio::test]
async fn a_title_that_is_cleared_is_refused() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    let wanted = pb::Task {
        id: made.id,
        ..Default::default()
    };
    assert_violations(send(&alice, update(wanted, &["title"])).await, &["task.title"]);
}

#[tokio::test]
async fn a_task_in_the_trash_is_not_updated() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Old")).await.unwrap();
    alice.delete(&made.id).await.unwrap();
    let wanted = pb::Task {
        id: made.id,
        title: "New".to_owned(),
        ..Default::default()
    };
    assert_refused(
        send(&alice, update(wanted, &["title"])).await,
        Code::FailedPrecondition,
        ErrorReason::Deleted,
    );
}

#[tokio::test]
async fn an_update_is_safe_to_repeat() {
    let service = Service::start().await;
    let alice = service.person();
    let made = create_full(&alice).await;
    let wanted = pb::Task {
        id: made.id.clone(),
        title: "One".to_owned(),
        etag: made.etag,
        ..Default::default()
    };
    let request = pb::UpdateTaskRequest {
        request_id: uuid(3),
        ..update(wanted, &["title"])
    };
    let first = send(&alice, request.clone()).await.unwrap();
    assert_eq!(
        send(&alice, request).await.unwrap(),
        first,
        "although its etag is stale by now"
    );
}
