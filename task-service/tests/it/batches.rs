//! Batches: all of it or none, answered in order, and every fault with the place of its member.

mod refusals;
mod repeats;

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt as _;

use crate::harness::{Person, Service, assert_refused, titled, uuid};

impl Person<'_> {
    async fn batch_get(&self, ids: &[&str]) -> Result<Vec<pb::Task>, Status> {
        let requests = ids.iter().map(|id| pb::GetTaskRequest { id: (*id).to_owned() });
        let message = pb::BatchGetTasksRequest {
            requests: requests.collect(),
        };
        let reply = self.client().batch_get_tasks(self.request(message)).await;
        reply.map(Response::into_inner).map(|reply| reply.tasks)
    }

    pub(crate) async fn batch_create(
        &self,
        requests: &[pb::CreateTaskRequest],
        request_id: &str,
    ) -> Result<Vec<pb::Task>, Status> {
        let message = pb::BatchCreateTasksRequest {
            requests: requests.to_vec(),
            request_id: request_id.to_owned(),
        };
        let reply = self.client().batch_create_tasks(self.request(message)).await;
        reply.map(Response::into_inner).map(|reply| reply.tasks)
    }

    async fn batch_update(
        &self,
        requests: &[pb::UpdateTaskRequest],
        request_id: &str,
    ) -> Result<Vec<pb::Task>, Status> {
        let message = pb::BatchUpdateTasksRequest {
            requests: requests.to_vec(),
            request_id: request_id.to_owned(),
        };
        let reply = self.client().batch_update_tasks(self.request(message)).await;
        reply.map(Response::into_inner).map(|reply| reply.tasks)
    }

    async fn batch_delete(&self, ids: &[&str], request_id: &str) -> Result<Vec<pb::Task>, Status> {
        let requests = ids.iter().map(|id| pb::DeleteTaskRequest {
            id: (*id).to_owned(),
            ..Default::default()
        });
        let message = pb::BatchDeleteTasksRequest {
            requests: requests.collect(),
            request_id: request_id.to_owned(),
        };
        let reply = self.client().batch_delete_tasks(self.request(message)).await;
        reply.map(Response::into_inner).map(|reply| reply.tasks)
    }

    async fn count(&self) -> usize {
        let page = pb::ListTasksRequest {
            page_size: 1000,
            show_deleted: true,
            ..Default::default()
        };
        self.list(page).await.expect("a page").tasks.len()
    }
}

fn with_id(title: &str, id: &str) -> pb::CreateTaskRequest {
    pb::CreateTaskRequest {
        task_id: id.to_owned(),
        ..titled(title)
    }
}

fn part_of(parent: &str, title: &str) -> pb::CreateTaskRequest {
    let mut request = titled(title);
    request.task.as_mut().expect("a task").parent_id = parent.to_owned();
    request
}

fn retitled(task: &pb::Task, title: &str) -> pb::UpdateTaskRequest {
    pb::UpdateTaskRequest {
        task: Some(pb::Task {
            id: task.id.clone(),
            title: title.to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The place that a refusal names.
fn index_of(status: &Status) -> String {
    let info = status.get_details_error_info().expect("an ErrorInfo");
    info.metadata.get("index").cloned().unwrap_or_default()
}

fn titles(tasks: &[pb::Task]) -> Vec<&str> {
    tasks.iter().map(|task| task.title.as_str()).collect()
}

#[tokio::test]
async fn tasks_are_made_in_order_each_with_a_revision_of_its_own_and_as_one_by_one() {
    let service = Service::start().await;
    let alice = service.person();
    let mut full = titled("  Full ");
    let task = full.task.as_mut().unwrap();
    task.notes = "Words".to_owned();
    task.set_priority(pb::task::Priority::High);
    task.labels = vec!["home".to_owned(), "shop".to_owned()];
    task.due = Some(pb::When {
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
    });
    let single = alice.create(full.clone()).await.unwrap();
    let made = alice.batch_create(&[full, titled("Bare")], "").await.unwrap();
    assert_eq!(titles(&made), ["Full", "Bare"]);
    let as_the_single = pb::Task {
        id: single.id.clone(),
        rank: single.rank.clone(),
        etag: single.etag.clone(),
        ..made[0].clone()
    };
    assert_eq!(as_the_single, single);
    assert!(made[0].rank < made[1].rank && single.rank < made[0].rank);
    assert!(made[0].etag != made[1].etag);
    assert!(made[1].labels.is_empty() && made[1].due.is_none());
    assert_eq!(alice.batch_get(&[&made[0].id, &made[1].id]).await.unwrap(), made);
}

#[tokio::test]
async fn tasks_are_read_in_the_order_of_the_requests_also_twice_and_from_the_trash() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice
        .batch_create(&[titled("One"), titled("Two")], "")
        .await
        .unwrap();
    alice.delete(&made[0].id).await.unwrap();
    let (one, two) = (made[0].id.as_str(), made[1].id.as_str());
    let read = alice.batch_get(&[two, one, two]).await.unwrap();
    assert_eq!(titles(&read), ["Two", "One", "Two"]);
    assert!(read[1].delete_time.is_some());
    let status = assert_refused(
        alice.batch_get(&[one, &uuid(404)]).await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    assert_eq!(index_of(&status), "1");
}

#[tokio::test]
async fn a_task_can_be_part_of_one_that_the_same_batch_makes_before_it() {
    let service = Service::start().await;
    let alice = service.person();
    let mut requests = vec![with_id("Level 0", &uuid(10))];
    for level in 1..=5 {
        let mut request = with_id(&format!("Level {level}"), &uuid(10 + level));
        request.task.as_mut().unwrap().parent_id = uuid(9 + level);
        requests.push(request);
    }
    let made = alice.batch_create(&requests, "").await.unwrap();
    assert_eq!(made[5].parent_id, uuid(14));
    assert_eq!(alice.get(&uuid(15)).await.unwrap(), made[5]);

    // The sixth level is too deep, whoever stands above it was made now or before.
    for parent in [15, 21] {
        let mut above = with_id("Level 5, too", &uuid(21));
        above.task.as_mut().unwrap().parent_id = uuid(14);
        let refused = alice
            .batch_create(&[above, part_of(&uuid(parent), "Level 6")], "")
            .await;
        let status = assert_refused(refused, Code::FailedPrecondition, ErrorReason::TooDeep);
        assert_eq!(index_of(&status), "1");
    }
    let backwards = [part_of(&uuid(30), "Part"), with_id("Whole", &uuid(30))];
    let status = assert_refused(
        alice.batch_create(&backwards, "").await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    assert_eq!(index_of(&status), "0");
}

#[tokio::test]
async fn the_same_task_twice_is_changed_twice_the_second_on_top_of_the_first() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("One")).await.unwrap();
    let mut noted = retitled(&made, "");
    noted.task.as_mut().unwrap().notes = "Noted".to_owned();
    let updated = alice
        .batch_update(&[retitled(&made, "Two"), noted.clone()], "")
        .await
        .unwrap();
    assert_eq!(titles(&updated), ["Two", "Two"]);
    assert_eq!(
        (updated[0].notes.as_str(), updated[1].notes.as_str()),
        ("", "Noted")
    );
    assert_ne!(updated[0].etag, updated[1].etag);
    assert_eq!(alice.get(&made.id).await.unwrap(), updated[1]);

    // What the second knew is over once the first is done.
    let mut first = retitled(&made, "Three");
    first.task.as_mut().unwrap().etag = updated[1].etag.clone();
    let mut second = noted;
    second.task.as_mut().unwrap().etag = updated[1].etag.clone();
    let refused = alice.batch_update(&[first, second], "").await;
    let status = assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
    assert_eq!(index_of(&status), "1");
}

#[tokio::test]
async fn tasks_go_to_the_trash_each_in_a_deletion_of_its_own() {
    let service = Service::start().await;
    let alice = service.person();
    let requests = [
        with_id("Whole", &uuid(1)),
        part_of(&uuid(1), "Part"),
        titled("Other"),
        titled("Kept"),
    ];
    let made = alice.batch_create(&requests, "").await.unwrap();
    let [whole, part, other, kept] = [0, 1, 2, 3].map(|place: usize| made[place].id.as_str());
    let status = assert_refused(
        alice.batch_delete(&[kept, &uuid(404)], "").await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    assert_eq!(index_of(&status), "1");
    let ids = [whole, part, other, whole];
    let deleted = alice.batch_delete(&ids, &uuid(9)).await.unwrap();
    assert!(deleted.iter().all(|task| task.delete_time.is_some()));
    assert_eq!(deleted[0], deleted[3]);
    assert_eq!(alice.batch_get(&ids).await.unwrap(), deleted);
    assert!(alice.get(kept).await.unwrap().delete_time.is_none());
    assert_eq!(alice.batch_delete(&ids, &uuid(9)).await.unwrap(), deleted);

    alice.undelete(whole).await.unwrap();
    let left = alice.batch_get(&[whole, part, other]).await.unwrap();
    let in_trash: Vec<_> = left.iter().map(|task| task.delete_time.is_some()).collect();
    assert_eq!(in_trash, [false, false, true]);
}

#[tokio::test]
async fn a_thousand_tasks_at_once_are_made_changed_read_and_deleted() {
    let service = Service::start().await;
    let alice = service.person();
    let requests: Vec<_> = (0..1000)
        .map(|number| titled(&format!("Task {number}")))
        .collect();
    let made = alice.batch_create(&requests, &uuid(1)).await.unwrap();
    assert_eq!(made.len(), 1000);
    assert_eq!(made[999].title, "Task 999");
    let updates: Vec<_> = made.iter().map(|task| retitled(task, "New")).collect();
    let updated = alice.batch_update(&updates, &uuid(2)).await.unwrap();
    let ids: Vec<_> = made.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(alice.batch_get(&ids).await.unwrap(), updated);
    assert_eq!(alice.batch_create(&requests, &uuid(1)).await.unwrap(), updated);
    let deleted = alice.batch_delete(&ids, "").await.unwrap();
    assert!(deleted.iter().all(|task| task.delete_time.is_some()));
}
