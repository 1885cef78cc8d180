//! `LabelService`: the labels in use, other names for them, and their end.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::{Code, Status};

use crate::harness::{Person, Service, assert_refused, assert_violations, revision, titled, uuid};

fn labelled(labels: &[&str]) -> pb::CreateTaskRequest {
    let mut request = titled("A task");
    let task = request.task.as_mut().expect("just given");
    task.labels = labels.iter().map(|&label| label.to_owned()).collect();
    request
}

async fn make(person: &Person<'_>, labels: &[&str]) -> pb::Task {
    person.create(labelled(labels)).await.expect("made")
}

async fn rename(person: &Person<'_>, name: &str, new_name: &str) -> Result<Option<pb::Label>, Status> {
    let message = pb::RenameLabelRequest {
        name: name.to_owned(),
        new_name: new_name.to_owned(),
        request_id: String::new(),
    };
    person.rename_label(message).await
}

async fn delete(person: &Person<'_>, name: &str) -> Result<(), Status> {
    let message = pb::DeleteLabelRequest {
        name: name.to_owned(),
        request_id: String::new(),
    };
    person.delete_label(message).await
}

/// Names and counts, read in pages of that size.
async fn labels_in_pages(person: &Person<'_>, page_size: i32) -> Vec<(String, i64)> {
    let (mut found, mut page_token) = (Vec::new(), String::new());
    loop {
        let message = pb::ListLabelsRequest {
            page_size,
            page_token,
        };
        let page = person.list_labels(message).await.expect("a page");
        found.extend(
            page.labels
                .into_iter()
                .map(|label| (label.name, label.task_count)),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

async fn labels(person: &Person<'_>) -> Vec<(String, i64)> {
    labels_in_pages(person, 0).await
}

fn counted(label: &str, tasks: i64) -> (String, i64) {
    (label.to_owned(), tasks)
}

/// That sizes and labels stand alike wherever they stand.
async fn assert_books_are_right(service: &Service) {
    let sizes = "SELECT count(*) FROM owners WHERE stored_bytes <> (
             SELECT sum(octet_length(title) + octet_length(notes) + octet_length(array_to_string(labels, '')))
             FROM tasks WHERE tasks.owner_id = owners.owner_id)";
    let parts = "SELECT count(*) FROM owners WHERE stored_bytes <> (
             SELECT sum(size_bytes) FROM tasks WHERE tasks.owner_id = owners.owner_id)";
    let shown = "SELECT count(*) FROM (
             (SELECT owner_id, id, unnest(labels) FROM tasks EXCEPT SELECT owner_id, task_id, label FROM task_labels)
             UNION ALL
             (SELECT owner_id, task_id, label FROM task_labels EXCEPT SELECT owner_id, id, unnest(labels) FROM tasks)
         ) strays";
    for sql in [sizes, parts, shown] {
        let wrong: i64 = sqlx::query_scalar(sql)
            .fetch_one(&service.database.pool())
            .await
            .expect("counted");
        assert_eq!(wrong, 0, "{sql}");
    }
}

#[tokio::test]
async fn labels_in_use_are_listed_by_name_with_the_living_tasks_that_have_them() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    make(&alice, &["home", "Garden"]).await;
    make(&alice, &["home", "\u{e9}t\u{e9}"]).await;
    let gone = make(&alice, &["home", "old"]).await;
    alice.delete(&gone.id).await.unwrap();
    make(&bob, &["home", "his"]).await;
    let expected = [
        counted("Garden", 1),
        counted("home", 2),
        counted("old", 0),
        counted("\u{e9}t\u{e9}", 1),
    ];
    for size in [0, 1, 2, 3, 4, 5000] {
        assert_eq!(labels_in_pages(&alice, size).await, expected, "{size}");
    }
    let negative = pb::ListLabelsRequest {
        page_size: -1,
        ..Default::default()
    };
    assert_violations(alice.list_labels(negative).await, &["page_size"]);
}

#[tokio::test]
async fn a_page_of_labels_is_its_persons_own() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    for person in [&alice, &bob] {
        make(person, &["home", "work"]).await;
    }
    let first = pb::ListLabelsRequest {
        page_size: 1,
        ..Default::default()
    };
    let page_token = bob.list_labels(first).await.unwrap().next_page_token;
    let second = pb::ListLabelsRequest {
        page_token,
        page_size: 1,
    };
    assert_refused(
        alice.list_labels(second.clone()).await,
        Code::InvalidArgument,
        ErrorReason::PageTokenInvalid,
    );
    assert_eq!(bob.list_labels(second).await.unwrap().labels[0].name, "work");
}

#[tokio::test]
async fn a_label_is_renamed_in_its_place_on_every_task_and_on_nobody_elses() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let first = make(&alice, &["a", "home", "z"]).await;
    let trashed = make(&alice, &["home"]).await;
    let other = make(&alice, &["Home"]).await;
    alice.delete(&trashed.id).await.unwrap();
    let bobs = make(&bob, &["home"]).await;
    service.hand.advance(std::time::Duration::from_secs(1));

    let renamed = rename(&alice, " home ", "house").await.unwrap();
    assert_eq!(
        renamed.map(|label| (label.name, label.task_count)),
        Some(counted("house", 1))
    );
    let after = alice.get(&first.id).await.unwrap();
    assert_eq!(after.labels, ["a", "house", "z"]);
    assert!(after.update_time.unwrap().seconds > first.update_time.unwrap().seconds);
    let trashed = alice.get(&trashed.id).await.unwrap();
    assert_eq!(trashed.labels, ["house"]);
    assert!(revision(&after) > revision(&other) && revision(&after) != revision(&trashed));
    assert_eq!(alice.get(&other.id).await.unwrap(), other);
    assert_eq!(bob.get(&bobs.id).await.unwrap(), bobs);
    assert_books_are_right(&service).await;
}

#[tokio::test]
async fn a_label_renamed_to_one_in_use_is_merged_and_no_task_has_it_twice() {
    let service = Service::start().await;
    let alice = service.person();
    let mut tasks = Vec::new();
    for labels in [
        &["old", "x", "new"][..],
        &["new", "x", "old"],
        &["x", "old"],
        &["x", "new"],
    ] {
        tasks.push(make(&alice, labels).await);
    }
    let merged = rename(&alice, "old", "new").await.unwrap();
    assert_eq!(merged.map(|label| label.task_count), Some(4));
    let expected = [&["new", "x"][..], &["new", "x"], &["x", "new"], &["x", "new"]];
    for (task, expected) in tasks.iter().zip(expected) {
        assert_eq!(alice.get(&task.id).await.unwrap().labels, expected);
    }
    assert_eq!(
        alice.get(&tasks[3].id).await.unwrap(),
        tasks[3],
        "it had no old one"
    );
    assert_eq!(labels(&alice).await, [counted("new", 4), counted("x", 4)]);
    assert_books_are_right(&service).await;
}

#[tokio::test]
async fn a_label_that_no_task_has_cannot_be_renamed_and_bad_names_are_told_at_once() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    make(&bob, &["his"]).await;
    let task = make(&alice, &["hers"]).await;
    let of_bob = assert_refused(
        rename(&alice, "his", "hers").await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    let of_nobody = assert_refused(
        rename(&alice, "none", "hers").await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    assert_eq!(of_bob.message(), of_nobody.message());
    let wrong = pb::RenameLabelRequest {
        name: String::new(),
        new_name: "x".repeat(101),
        request_id: "7".to_owned(),
    };
    assert_violations(
        alice.rename_label(wrong).await,
        &["name", "new_name", "request_id"],
    );
    let same = rename(&alice, "hers", "hers").await.unwrap();
    assert_eq!(same.map(|label| label.task_count), Some(1));
    assert_eq!(alice.get(&task.id).await.unwrap(), task);
}

#[tokio::test]
async fn a_deleted_label_is_off_every_task_and_deleting_it_again_changes_nothing() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let task = make(&alice, &["a", "home", "z"]).await;
    let trashed = make(&alice, &["home"]).await;
    alice.delete(&trashed.id).await.unwrap();
    let bobs = make(&bob, &["home"]).await;
    delete(&alice, "home").await.unwrap();
    let after = alice.get(&task.id).await.unwrap();
    assert_eq!(after.labels, ["a", "z"]);
    assert!(alice.get(&trashed.id).await.unwrap().labels.is_empty());
    assert_eq!(labels(&alice).await, [counted("a", 1), counted("z", 1)]);
    delete(&alice, "home").await.unwrap();
    assert_eq!(alice.get(&task.id).await.unwrap(), after);
    assert_eq!(bob.get(&bobs.id).await.unwrap(), bobs);
    assert_violations(delete(&alice, " ").await, &["name"]);
    assert_books_are_right(&service).await;
}

#[tokio::test]
async fn under_its_request_id_a_label_is_renamed_and_deleted_once() {
    let service = Service::start().await;
    let alice = service.person();
    let task = make(&alice, &["a"]).await;
    let renaming = pb::RenameLabelRequest {
        name: "a".to_owned(),
        new_name: "b".to_owned(),
        request_id: uuid(1),
    };
    let deleting = pb::DeleteLabelRequest {
        name: "c".to_owned(),
        request_id: uuid(2),
    };
    alice.rename_label(renaming.clone()).await.unwrap();
    alice.delete_label(deleting.clone()).await.unwrap();
    rename(&alice, "b", "c").await.unwrap();
    let gone = alice.rename_label(renaming.clone()).await;
    assert_refused(gone, Code::NotFound, ErrorReason::NotFound);
    alice.delete_label(deleting.clone()).await.unwrap();
    assert_eq!(alice.get(&task.id).await.unwrap().labels, ["c"]);
    let other = pb::DeleteLabelRequest {
        request_id: uuid(1),
        ..deleting
    };
    let other = alice.delete_label(other).await;
    assert_refused(other, Code::AlreadyExists, ErrorReason::RequestIdReused);
}

#[tokio::test]
async fn one_call_renames_a_label_of_ten_thousand_tasks_and_one_takes_it_off() {
    let service = Service::start().await;
    let alice = service.person();
    make(&alice, &["many"]).await;
    let rows = "INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time,
                                   update_time, labels, size_bytes)
         SELECT owner_id, gen_random_uuid(), n, 'x', 'x', '', 1, lpad(n::text, 6, '0') || '80', now(), now(), '{many}', 5
         FROM owners, generate_series(2, 10000) n;
         INSERT INTO task_labels (owner_id, label, task_id) SELECT owner_id, 'many', id FROM tasks ON CONFLICT DO NOTHING;
         UPDATE owners SET revision = 10000, tasks = 10000,
             stored_bytes = (SELECT sum(size_bytes) FROM tasks)";
    sqlx::raw_sql(rows)
        .execute(&service.database.pool())
        .await
        .unwrap();
    let renamed = rename(&alice, "many", "most").await.unwrap();
    assert_eq!(renamed.map(|label| label.task_count), Some(10_000));
    assert_books_are_right(&service).await;
    delete(&alice, "most").await.unwrap();
    assert_eq!(labels(&alice).await, []);
    let last: i64 = sqlx::query_scalar("SELECT count(DISTINCT revision) FROM tasks WHERE revision > 20000")
        .fetch_one(&service.database.pool())
        .await
        .unwrap();
    assert_eq!(last, 10_000, "each has a revision of its own");
    assert_books_are_right(&service).await;
}
