//! `ListTaskEvents`: who changed what of a task, and when.

mod keeping;
mod pages;

use std::collections::BTreeSet;
use std::time::Duration;

use proto::access_token::{Actor, Claims};
use proto::tasks::v1 as pb;
use tonic::{Response, Status};
use uuid::Uuid;

use crate::harness::{Person, Service, titled, uuid};

const ALICE: Uuid = Uuid::from_u128(0xa11ce);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Person<'_> {
    async fn events_page(
        &self,
        request: pb::ListTaskEventsRequest,
    ) -> Result<pb::ListTaskEventsResponse, Status> {
        let reply = self.client().list_task_events(self.request(request)).await;
        reply.map(Response::into_inner)
    }

    async fn events(&self, id: &str) -> Vec<pb::TaskEvent> {
        let request = pb::ListTaskEventsRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        self.events_page(request).await.expect("events").events
    }

    async fn update(&self, id: &str, task: pb::Task) -> Result<pb::Task, Status> {
        let request = pb::UpdateTaskRequest {
            task: Some(pb::Task {
                id: id.to_owned(),
                ..task
            }),
            ..Default::default()
        };
        let reply = self.client().update_task(self.request(request)).await;
        reply.map(Response::into_inner)
    }
}

fn retitled(title: &str) -> pb::Task {
    pb::Task {
        title: title.to_owned(),
        ..Default::default()
    }
}

/// The method, and each change as `field: old > new`.
fn told(event: &pb::TaskEvent) -> String {
    let changes = event
        .changes
        .iter()
        .map(|change| format!("{}: {} > {}", change.field, change.old_value, change.new_value));
    format!("{} {}", event.method, changes.collect::<Vec<_>>().join(", "))
}

#[tokio::test]
async fn a_recurrence_is_told_as_its_rule_and_its_basis_without_prefix() {
    let service = Service::start().await;
    let alice = service.person();
    let mut request = titled("Water the plants");
    let task = request.task.as_mut().unwrap();
    let date = proto::google::r#type::Date {
        year: 2026,
        month: 12,
        day: 24,
    };
    task.due = Some(pb::When {
        date: Some(date),
        ..Default::default()
    });
    task.recurrence = Some(pb::Recurrence {
        rrule: "FREQ=WEEKLY".to_owned(),
        ..Default::default()
    });
    let made = alice.create(request).await.unwrap();
    let updated = pb::Task {
        recurrence: Some(pb::Recurrence {
            rrule: "FREQ=DAILY".to_owned(),
            basis: pb::recurrence::Basis::Completion.into(),
        }),
        ..Default::default()
    };
    alice.update(&made.id, updated).await.unwrap();
    let newest = &alice.events(&made.id).await[0];
    let expected = "UpdateTask recurrence: FREQ=WEEKLY DUE > FREQ=DAILY COMPLETION";
    assert_eq!(told(newest), expected);
}

#[tokio::test]
async fn every_change_is_told_with_its_fields_before_and_after_the_newest_first() {
    let service = Service::start().await;
    let alice = service.person_of(ALICE);
    let mut request = titled("Bread");
    let task = request.task.as_mut().unwrap();
    task.set_priority(pb::task::Priority::High);
    task.labels = vec!["home".to_owned(), "shop".to_owned()];
    let made = alice.create(request).await.unwrap();
    service.hand.advance(DAY);
    let due = pb::When {
        date: Some(proto::google::r#type::Date {
            year: 2026,
            month: 12,
            day: 24,
        }),
        time: Some(proto::google::r#type::TimeOfDay {
            hours: 18,
            ..Default::default()
        }),
        time_zone: "Europe/Zurich".to_owned(),
    };
    let wanted = pb::Task {
        due: Some(due),
        ..retitled("Rye bread")
    };
    let alice = service.person_of(ALICE);
    let updated = alice.update(&made.id, wanted).await.unwrap();
    alice.complete(&made.id).await.unwrap();
    alice.reopen(&made.id).await.unwrap();
    alice.cancel(&made.id).await.unwrap();
    alice.delete(&made.id).await.unwrap();
    alice.undelete(&made.id).await.unwrap();
    let events = alice.events(&made.id).await;
    let all: Vec<_> = events.iter().map(told).collect();
    assert_eq!(
        all,
        [
            "UndeleteTask deleted: true > false",
            "DeleteTask deleted: false > true",
            "CancelTask state: OPEN > CANCELLED",
            "ReopenTask state: DONE > OPEN",
            "CompleteTask state: OPEN > DONE",
            "UpdateTask title: Bread > Rye bread, due:  > 2026-12-24T18:00:00[Europe/Zurich]",
            "CreateTask title:  > Bread, state:  > OPEN, priority:  > HIGH, labels:  > home\nshop",
        ]
    );
    assert_eq!(events[6].event_time, made.create_time);
    assert_eq!(events[5].event_time, updated.update_time);
    assert!(events.iter().all(|event| event.actor == "person"));
    assert!(events.iter().all(|event| event.task_id == made.id));
    let ids: BTreeSet<_> = events.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), 7);
}

#[tokio::test]
async fn a_service_that_acts_for_a_person_is_named() {
    let service = Service::start().await;
    let claims = service.claims();
    let act = Some(Actor {
        sub: "service:reports".to_owned(),
    });
    let alice = service.person_with(&service.header(), &claims);
    let delegate = service.person_with(&service.header(), &Claims { act, ..claims });
    let made = alice.create(titled("Hers")).await.unwrap();
    delegate.update(&made.id, retitled("Its")).await.unwrap();
    let actors: Vec<_> = alice
        .events(&made.id)
        .await
        .into_iter()
        .map(|event| event.actor)
        .collect();
    assert_eq!(actors, ["service:reports", "person"]);
}

#[tokio::test]
async fn what_changes_nothing_and_what_is_refused_is_not_told() {
    let service = Service::start().await;
    let alice = service.person();
    let request = pb::CreateTaskRequest {
        request_id: uuid(1),
        ..titled("Bread")
    };
    let made = alice.create(request.clone()).await.unwrap();
    alice.create(request).await.unwrap();
    alice.update(&made.id, retitled("Bread")).await.unwrap();
    let stale = pb::Task {
        etag: "r999".to_owned(),
        ..retitled("Cake")
    };
    alice.update(&made.id, stale).await.unwrap_err();
    alice.undelete(&made.id).await.unwrap();
    assert_eq!(alice.events(&made.id).await.len(), 1);
}

#[tokio::test]
async fn long_values_are_kept_in_part_and_that_is_said() {
    let service = Service::start().await;
    let alice = service.person();
    let mut request = titled("Long");
    request.task.as_mut().unwrap().notes = "ü".repeat(1025);
    let made = alice.create(request).await.unwrap();
    let events = alice.events(&made.id).await;
    let [title, notes, _] = &events[0].changes[..] else {
        panic!("{events:?}");
    };
    assert!(!title.cut && notes.cut);
    assert_eq!(
        (notes.field.as_str(), notes.new_value.as_str()),
        ("notes", "ü".repeat(1024).as_str())
    );
}

#[tokio::test]
async fn each_task_of_a_batch_and_of_a_subtree_has_its_own_history() {
    let service = Service::start().await;
    let alice = service.person();
    let whole = alice.create(titled("Whole")).await.unwrap();
    let mut part = titled("Part");
    part.task.as_mut().unwrap().parent_id = whole.id.clone();
    let made = alice.batch_create(&[part, titled("Other")], "").await.unwrap();
    alice.delete(&whole.id).await.unwrap();
    let of_part: Vec<_> = alice.events(&made[0].id).await.iter().map(told).collect();
    let made_as = format!(
        "BatchCreateTasks title:  > Part, state:  > OPEN, parent_id:  > {}",
        whole.id
    );
    assert_eq!(of_part, ["DeleteTask deleted: false > true", made_as.as_str()]);
    let of_other: Vec<_> = alice.events(&made[1].id).await.iter().map(told).collect();
    assert_eq!(of_other, ["BatchCreateTasks title:  > Other, state:  > OPEN"]);

    let request = |id: &str, title: &str| pb::UpdateTaskRequest {
        task: Some(pb::Task {
            id: id.to_owned(),
            ..retitled(title)
        }),
        ..Default::default()
    };
    let twice = pb::BatchUpdateTasksRequest {
        requests: vec![request(&made[1].id, "Once"), request(&made[1].id, "Twice")],
        ..Default::default()
    };
    alice
        .client()
        .batch_update_tasks(alice.request(twice))
        .await
        .unwrap();
    let of_other: Vec<_> = alice.events(&made[1].id).await.iter().map(told).collect();
    assert_eq!(
        of_other[..2],
        [
            "BatchUpdateTasks title: Once > Twice",
            "BatchUpdateTasks title: Other > Once"
        ]
    );
}

#[tokio::test]
async fn a_label_that_is_renamed_and_subtasks_that_move_along_are_told_for_each_task() {
    let service = Service::start().await;
    let alice = service.person();
    let list = pb::CreateListRequest {
        list: Some(pb::List {
            title: "Home".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let request = alice.request(list);
    let mut lists = proto::tasks::v1::list_service_client::ListServiceClient::new(alice.channel());
    let list = lists.create_list(request).await.unwrap().into_inner();
    let whole = alice.create(titled("Whole")).await.unwrap();
    let mut part = titled("Part");
    let task = part.task.as_mut().unwrap();
    task.parent_id = whole.id.clone();
    task.labels = vec!["home".to_owned()];
    let part = alice.create(part).await.unwrap();
    let wanted = pb::MoveTaskRequest {
        id: whole.id,
        list_id: Some(list.id.clone()),
        ..Default::default()
    };
    alice.client().move_task(alice.request(wanted)).await.unwrap();
    let rename = pb::RenameLabelRequest {
        name: "home".to_owned(),
        new_name: "house".to_owned(),
        ..Default::default()
    };
    let mut labels = proto::tasks::v1::label_service_client::LabelServiceClient::new(alice.channel());
    labels.rename_label(alice.request(rename)).await.unwrap();
    let of_part: Vec<_> = alice.events(&part.id).await.iter().map(told).collect();
    let moved = format!("MoveTask list_id:  > {}", list.id);
    assert_eq!(of_part[..2], ["RenameLabel labels: home > house", moved.as_str()]);
}
