//! `MoveTask`: places, lists and parents, and what cannot be.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::move_task_request::Position;
use tonic::{Code, Status};

use crate::harness::{
    Person, Service, assert_refused, assert_violations, list_titled, part_of, revision, titled, uuid,
};

async fn make(person: &Person<'_>, titles: &[&str]) -> Vec<pb::Task> {
    let mut tasks = Vec::new();
    for title in titles {
        tasks.push(person.create(titled(title)).await.expect("made"));
    }
    tasks
}

/// A chain of tasks, each a part of the one before.
async fn chain(person: &Person<'_>, titles: &[&str]) -> Vec<pb::Task> {
    let mut tasks = vec![person.create(titled(titles[0])).await.expect("made")];
    for title in &titles[1..] {
        let above = tasks.last().expect("one at least");
        tasks.push(person.create(part_of(above, title)).await.expect("made"));
    }
    tasks
}

async fn make_list(person: &Person<'_>, title: &str) -> String {
    person.create_list(list_titled(title)).await.expect("made").id
}

async fn to(person: &Person<'_>, task: &pb::Task, position: Position) -> Result<pb::Task, Status> {
    person
        .move_task(pb::MoveTaskRequest {
            id: task.id.clone(),
            position: Some(position),
            ..Default::default()
        })
        .await
}

/// Into a list and below a parent; `None` keeps what is.
async fn into(
    person: &Person<'_>,
    task: &pb::Task,
    list_id: Option<&str>,
    parent_id: Option<&str>,
) -> Result<pb::Task, Status> {
    person
        .move_task(pb::MoveTaskRequest {
            id: task.id.clone(),
            list_id: list_id.map(str::to_owned),
            parent_id: parent_id.map(str::to_owned),
            ..Default::default()
        })
        .await
}

async fn order(person: &Person<'_>) -> String {
    let tasks = person.list_all().await;
    tasks.into_iter().map(|task| task.title).collect()
}

fn place(task: &pb::Task) -> (&str, &str) {
    (&task.list_id, &task.parent_id)
}

#[tokio::test]
async fn a_task_moves_to_each_place_and_the_others_stay_as_they_are() {
    let service = Service::start().await;
    let alice = service.person();
    let tasks = make(&alice, &["a", "b", "c", "d"]).await;
    let id = |place: usize| tasks[place].id.clone();
    let moves = [
        (3, Position::First(true), "dabc"),
        (3, Position::AfterId(id(0)), "adbc"),
        (0, Position::BeforeId(id(2)), "dbac"),
        (1, Position::Last(true), "dacb"),
    ];
    for ((moving, position, expected), expected_revision) in moves.into_iter().zip(5..) {
        let moved = to(&alice, &tasks[moving], position).await.unwrap();
        assert_eq!(order(&alice).await, expected);
        assert_eq!(revision(&moved), expected_revision, "one row changed");
    }
    // Without a position it goes to the end, and who is there stays as it is.
    let moved = into(&alice, &tasks[3], None, None).await.unwrap();
    assert_eq!(order(&alice).await, "acbd");
    assert_eq!(into(&alice, &tasks[3], None, None).await.unwrap(), moved);
}

#[tokio::test]
async fn a_task_moves_between_lists_and_the_inbox_with_all_that_is_below_it() {
    let service = Service::start().await;
    let alice = service.person();
    let home = make_list(&alice, "Home").await;
    let tasks = chain(&alice, &["a", "b", "c"]).await;
    alice.delete(&tasks[2].id).await.unwrap();
    for list_id in [home.as_str(), ""] {
        let before: Vec<_> = alice.list_all().await.iter().map(revision).collect();
        let moved = into(&alice, &tasks[0], Some(list_id), None).await.unwrap();
        assert_eq!(place(&moved), (list_id, ""));
        let all = alice.list_all().await;
        assert!(all.iter().all(|task| task.list_id == list_id), "{all:?}");
        let mut after: Vec<_> = all.iter().map(revision).collect();
        after.sort_unstable();
        after.dedup();
        assert_eq!(after.len(), 3, "a revision each");
        assert!(
            after.iter().all(|revision| !before.contains(revision)),
            "{before:?} {after:?}"
        );
    }
}

#[tokio::test]
async fn a_parent_brings_its_list_along_and_who_leaves_the_list_leaves_the_parent() {
    let service = Service::start().await;
    let alice = service.person();
    let (home, work) = (make_list(&alice, "Home").await, make_list(&alice, "Work").await);
    let tasks = make(&alice, &["a", "b"]).await;
    let parent = into(&alice, &tasks[0], Some(&home), None).await.unwrap();

    let part = into(&alice, &tasks[1], None, Some(&parent.id)).await.unwrap();
    assert_eq!(place(&part), (home.as_str(), parent.id.as_str()));
    let kept = into(&alice, &part, Some(&home), None).await.unwrap();
    assert_eq!(place(&kept), place(&part), "it is there already");
    let top = into(&alice, &part, None, Some("")).await.unwrap();
    assert_eq!(place(&top), (home.as_str(), ""));

    let part = into(&alice, &top, Some(&home), Some(&parent.id)).await.unwrap();
    let left = into(&alice, &part, Some(&work), None).await.unwrap();
    assert_eq!(place(&left), (work.as_str(), ""));
    let inbox = into(&alice, &left, Some(""), Some("")).await.unwrap();
    assert_eq!(place(&inbox), ("", ""));
}

#[tokio::test]
async fn a_list_that_is_not_the_parents_is_a_contradiction() {
    let service = Service::start().await;
    let alice = service.person();
    let (home, work) = (make_list(&alice, "Home").await, make_list(&alice, "Work").await);
    let tasks = make(&alice, &["a", "b"]).await;
    let parent = into(&alice, &tasks[0], Some(&home), None).await.unwrap();
    for list_id in [work.as_str(), ""] {
        let refused = into(&alice, &tasks[1], Some(list_id), Some(&parent.id)).await;
        assert_violations(refused, &["list_id"]);
    }
    assert_eq!(alice.get(&tasks[1].id).await.unwrap(), tasks[1]);
}

#[tokio::test]
async fn no_task_becomes_a_part_of_itself() {
    let service = Service::start().await;
    let alice = service.person();
    let tasks = chain(&alice, &["a", "b", "c"]).await;
    for parent in &tasks {
        let refused = into(&alice, &tasks[0], None, Some(&parent.id)).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::Cycle);
    }
    assert_eq!(alice.list_all().await, tasks);
    // The other way round is no cycle.
    let moved = into(&alice, &tasks[2], None, Some(&tasks[0].id)).await.unwrap();
    assert_eq!(moved.parent_id, tasks[0].id);
}

#[tokio::test]
async fn what_is_below_a_task_counts_for_how_deep_it_can_go() {
    let service = Service::start().await;
    let alice = service.person();
    let deep = chain(&alice, &["0", "1", "2", "3", "4"]).await;
    let pair = chain(&alice, &["a", "b"]).await;
    let refused = into(&alice, &pair[0], None, Some(&deep[4].id)).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::TooDeep);
    // In the trash it counts as well: it can come back.
    alice.delete(&pair[1].id).await.unwrap();
    let refused = into(&alice, &pair[0], None, Some(&deep[4].id)).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::TooDeep);
    into(&alice, &pair[0], None, Some(&deep[3].id)).await.unwrap();
    alice.undelete(&pair[1].id).await.unwrap();
    let below = alice.create(part_of(&pair[1], "c")).await;
    assert_refused(below, Code::FailedPrecondition, ErrorReason::TooDeep);
}

#[tokio::test]
async fn what_is_in_the_trash_neither_moves_nor_is_moved_to() {
    let service = Service::start().await;
    let alice = service.person();
    let tasks = make(&alice, &["a", "gone"]).await;
    alice.delete(&tasks[1].id).await.unwrap();
    let refused = [
        into(&alice, &tasks[1], None, None).await,
        into(&alice, &tasks[0], None, Some(&tasks[1].id)).await,
        to(&alice, &tasks[0], Position::AfterId(tasks[1].id.clone())).await,
    ];
    for refused in refused {
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::Deleted);
    }
    assert_eq!(alice.get(&tasks[0].id).await.unwrap(), tasks[0]);
}

#[tokio::test]
async fn a_position_is_beside_a_task_of_the_same_list_and_parent() {
    let service = Service::start().await;
    let alice = service.person();
    let home = make_list(&alice, "Home").await;
    let tasks = make(&alice, &["a", "b"]).await;
    let part = alice.create(part_of(&tasks[1], "c")).await.unwrap();
    let beside = |task: &pb::Task| Some(Position::BeforeId(task.id.clone()));
    let request = |list_id: Option<&str>, parent_id: Option<&str>, position| pb::MoveTaskRequest {
        id: tasks[0].id.clone(),
        list_id: list_id.map(str::to_owned),
        parent_id: parent_id.map(str::to_owned),
        position,
        ..Default::default()
    };
    for wrong in [
        request(None, None, beside(&part)),
        request(Some(&home), None, beside(&tasks[1])),
        request(None, Some(&tasks[1].id), beside(&tasks[1])),
        request(None, None, beside(&tasks[0])),
        request(None, None, Some(Position::BeforeId("7".to_owned()))),
    ] {
        assert_violations(alice.move_task(wrong).await, &["before_id"]);
    }
    assert_violations(to(&alice, &tasks[0], Position::Last(false)).await, &["last"]);
    assert_eq!(alice.get(&tasks[0].id).await.unwrap(), tasks[0]);

    let right = request(None, Some(&tasks[1].id), beside(&part));
    let moved = alice.move_task(right).await.unwrap();
    assert!(moved.parent_id == tasks[1].id && moved.rank < part.rank);
}

#[tokio::test]
async fn what_is_not_there_is_told_before_a_stale_etag() {
    let service = Service::start().await;
    let alice = service.person();
    let task = alice.create(titled("a")).await.unwrap();
    let stale = pb::MoveTaskRequest {
        id: task.id.clone(),
        etag: "r99".to_owned(),
        ..Default::default()
    };
    let refused = alice.move_task(stale.clone()).await;
    assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
    for wrong in [
        pb::MoveTaskRequest {
            list_id: Some(uuid(404)),
            ..stale.clone()
        },
        pb::MoveTaskRequest {
            parent_id: Some(uuid(404)),
            ..stale.clone()
        },
        pb::MoveTaskRequest {
            position: Some(Position::AfterId(uuid(404))),
            ..stale.clone()
        },
        pb::MoveTaskRequest {
            id: uuid(404),
            ..stale
        },
    ] {
        assert_refused(
            alice.move_task(wrong).await,
            Code::NotFound,
            ErrorReason::NotFound,
        );
    }
    assert_eq!(alice.get(&task.id).await.unwrap(), task);
}

#[tokio::test]
async fn a_move_repeated_under_its_request_id_is_made_once() {
    let service = Service::start().await;
    let alice = service.person();
    let tasks = make(&alice, &["a", "b"]).await;
    let request = pb::MoveTaskRequest {
        id: tasks[1].id.clone(),
        position: Some(Position::First(true)),
        request_id: uuid(1),
        ..Default::default()
    };
    alice.move_task(request.clone()).await.unwrap();
    let later = to(&alice, &tasks[1], Position::Last(true)).await.unwrap();
    assert_eq!(alice.move_task(request).await.unwrap(), later);
    assert_eq!(order(&alice).await, "ab");
}

#[tokio::test]
async fn hundreds_of_moves_into_one_gap_keep_the_order_and_short_ranks() {
    let service = Service::start().await;
    let alice = service.person();
    let tasks = make(&alice, &["a", "b", "c", "d", "e"]).await;
    let (mut low, mut high, mut moving) = (&tasks[1], &tasks[2], &tasks[3]);
    for step in 0..300 {
        let moved = to(&alice, moving, Position::AfterId(low.id.clone()))
            .await
            .unwrap();
        assert!(moved.rank.len() <= 100, "{}", moved.rank);
        if step % 10 == 0 {
            let between = [&low.title, &moving.title, &high.title]
                .map(String::as_str)
                .concat();
            assert_eq!(order(&alice).await, format!("a{between}e"), "{step}");
        }
        std::mem::swap(&mut moving, if step % 2 == 0 { &mut low } else { &mut high });
    }
    let mut revisions: Vec<_> = alice.list_all().await.iter().map(revision).collect();
    revisions.sort_unstable();
    revisions.dedup();
    assert_eq!(revisions.len(), 5);
}
