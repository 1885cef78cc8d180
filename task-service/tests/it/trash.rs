//! `DeleteTask`, `UndeleteTask` and `GetTask` of what is in the trash.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;

use crate::harness::{
    Person, Service, assert_refused, assert_violations, list_titled, part_of, revision, task_in, titled, uuid,
};

/// A task with two parts, the first of which has a part of its own.
async fn tree(person: &Person<'_>) -> [pb::Task; 4] {
    let root = person.create(titled("Root")).await.expect("made");
    let left = person.create(part_of(&root, "Left")).await.expect("made");
    let leaf = person.create(part_of(&left, "Leaf")).await.expect("made");
    let right = person.create(part_of(&root, "Right")).await.expect("made");
    [root, left, leaf, right]
}

async fn is_deleted(person: &Person<'_>, tasks: &[pb::Task; 4]) -> [bool; 4] {
    let mut deleted = [false; 4];
    for (deleted, task) in deleted.iter_mut().zip(tasks) {
        *deleted = person.get(&task.id).await.expect("there").delete_time.is_some();
    }
    deleted
}

#[tokio::test]
async fn a_deleted_task_is_in_the_trash_for_thirty_days_and_still_readable() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Old")).await.unwrap();
    let deleted = alice.delete(&made.id).await.unwrap();
    let (delete, purge) = (deleted.delete_time.unwrap(), deleted.purge_time.unwrap());
    assert_eq!(purge.seconds - delete.seconds, 30 * 24 * 60 * 60);
    assert_eq!(alice.get(&made.id).await.unwrap(), deleted);
    assert!(
        alice
            .list(pb::ListTasksRequest::default())
            .await
            .unwrap()
            .tasks
            .is_empty()
    );
    let all = alice
        .list(pb::ListTasksRequest {
            show_deleted: true,
            ..Default::default()
        })
        .await
        .unwrap();
    assert_eq!(all.tasks, [deleted]);
}

#[tokio::test]
async fn deleting_and_undeleting_again_returns_the_task_unchanged() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Old")).await.unwrap();
    assert_eq!(alice.undelete(&made.id).await.unwrap(), made);
    let deleted = alice.delete(&made.id).await.unwrap();
    assert_eq!(alice.delete(&made.id).await.unwrap(), deleted);
    let back = alice.undelete(&made.id).await.unwrap();
    assert!(back.delete_time.is_none() && back.purge_time.is_none());
    assert_eq!(alice.undelete(&made.id).await.unwrap(), back);
}

#[tokio::test]
async fn undelete_brings_the_state_back_as_it_was() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Old")).await.unwrap();
    let done = alice.complete(&made.id).await.unwrap().task.unwrap();
    alice.delete(&made.id).await.unwrap();
    let back = alice.undelete(&made.id).await.unwrap();
    assert_eq!((back.state, back.complete_time), (done.state, done.complete_time));
}

#[tokio::test]
async fn an_id_that_never_was_is_not_found_and_one_that_is_none_is_refused() {
    let service = Service::start().await;
    let alice = service.person();
    assert_refused(
        alice.delete("00000000-0000-0000-0000-000000000000").await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    for id in [
        "",
        "7",
        "not-a-uuid",
        "{0193a0b0-0000-7000-8000-000000000001}",
        "0193a0b0000070008000000000000001",
    ] {
        assert_violations(alice.get(id).await, &["id"]);
        assert_violations(alice.delete(id).await, &["id"]);
        assert_violations(alice.undelete(id).await, &["id"]);
    }
}

#[tokio::test]
async fn a_deletion_takes_everything_below_and_undelete_brings_exactly_that_back() {
    let service = Service::start().await;
    let alice = service.person();
    let tasks = tree(&alice).await;
    let [root, left, ..] = &tasks;
    alice.delete(&left.id).await.unwrap();
    assert_eq!(is_deleted(&alice, &tasks).await, [false, true, true, false]);
    alice.delete(&root.id).await.unwrap();
    assert_eq!(is_deleted(&alice, &tasks).await, [true; 4]);

    alice.undelete(&root.id).await.unwrap();
    assert_eq!(is_deleted(&alice, &tasks).await, [false, true, true, false]);
    alice.undelete(&left.id).await.unwrap();
    assert_eq!(is_deleted(&alice, &tasks).await, [false; 4]);
    for task in &tasks {
        let back = alice.get(&task.id).await.unwrap();
        assert_eq!(back.parent_id, task.parent_id);
    }
}

#[tokio::test]
async fn what_was_taken_along_has_the_times_of_its_deletion_and_a_revision_of_its_own() {
    let service = Service::start().await;
    let alice = service.person();
    let tasks = tree(&alice).await;
    let other = alice.create(titled("Other")).await.unwrap();
    service.hand.advance(std::time::Duration::from_secs(60));
    for undelete in [false, true] {
        let before = revision(&alice.list_all().await.into_iter().max_by_key(revision).unwrap());
        let root = match undelete {
            false => alice.delete(&tasks[0].id).await.unwrap(),
            true => alice.undelete(&tasks[0].id).await.unwrap(),
        };
        let mut revisions = Vec::new();
        for task in &tasks {
            let now = alice.get(&task.id).await.unwrap();
            assert_eq!(
                (now.delete_time, now.purge_time, now.update_time),
                (root.delete_time, root.purge_time, root.update_time)
            );
            revisions.push(revision(&now));
        }
        // The task itself first, what is a part behind what it is a part of.
        assert_eq!(revisions[0], before + 1);
        assert!(revisions[1] < revisions[2], "{revisions:?}");
        revisions.sort_unstable();
        assert_eq!(revisions, (before + 1..=before + 4).collect::<Vec<_>>());
    }
    assert_eq!(alice.get(&other.id).await.unwrap(), other);
}

#[tokio::test]
async fn nothing_comes_back_into_a_task_or_a_list_that_is_in_the_trash() {
    let service = Service::start().await;
    let alice = service.person();
    let tasks = tree(&alice).await;
    let [root, left, leaf, right] = &tasks;
    alice.delete(&left.id).await.unwrap();
    alice.delete(&root.id).await.unwrap();
    // Taken by the deletion of the parent, by one of its own before, and by that of a part that was deleted before.
    for task in [right, left, leaf] {
        assert_refused(
            alice.undelete(&task.id).await,
            Code::FailedPrecondition,
            ErrorReason::Deleted,
        );
    }
    assert_eq!(is_deleted(&alice, &tasks).await, [true; 4]);

    let list = alice.create_list(list_titled("Old")).await.unwrap();
    let in_it = alice.create(task_in(&list, "In it")).await.unwrap();
    let before_it = alice.create(task_in(&list, "Before it")).await.unwrap();
    alice.delete(&before_it.id).await.unwrap();
    alice.delete_list(&list.id).await.unwrap();
    for task in [in_it, before_it] {
        assert_refused(
            alice.undelete(&task.id).await,
            Code::FailedPrecondition,
            ErrorReason::Deleted,
        );
    }
}

#[tokio::test]
async fn a_repeat_under_its_request_id_changes_nothing_after_all_that_came_between() {
    let service = Service::start().await;
    let alice = service.person();
    let [root, left, ..] = tree(&alice).await;
    let request = pb::DeleteTaskRequest {
        id: root.id.clone(),
        request_id: uuid(1),
        ..Default::default()
    };
    let delete = async || alice.client().delete_task(alice.request(request.clone())).await;
    delete().await.unwrap();
    let back = alice.undelete(&root.id).await.unwrap();
    assert_eq!(delete().await.unwrap().into_inner(), back);
    assert!(alice.get(&left.id).await.unwrap().delete_time.is_none());
}

#[tokio::test]
async fn a_stale_etag_takes_nothing_to_the_trash_and_nothing_out_of_it() {
    let service = Service::start().await;
    let alice = service.person();
    let tasks = tree(&alice).await;
    let (id, etag) = (tasks[0].id.clone(), "r0".to_owned());
    let delete = pb::DeleteTaskRequest {
        id: id.clone(),
        etag: etag.clone(),
        ..Default::default()
    };
    let refused = alice.client().delete_task(alice.request(delete)).await;
    assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
    assert_eq!(is_deleted(&alice, &tasks).await, [false; 4]);
    alice.delete(&id).await.unwrap();
    let undelete = pb::UndeleteTaskRequest {
        id,
        etag,
        ..Default::default()
    };
    let refused = alice.client().undelete_task(alice.request(undelete)).await;
    assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
    assert_eq!(is_deleted(&alice, &tasks).await, [true; 4]);
}
