//! `PurgeTask` and `EmptyTrash`: what goes for good, what stays, and what is known of it afterwards.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;
use uuid::Uuid;

use crate::harness::trash::{list_in_the_trash, removals};
use crate::harness::{Person, Service, assert_refused, assert_violations, part_of, revision, titled, uuid};

async fn is_gone(person: &Person<'_>, task: &pb::Task) {
    let read = person.get(&task.id).await;
    assert_refused(read, Code::NotFound, ErrorReason::NotFound);
}

#[tokio::test]
async fn a_purge_drops_what_its_deletion_took_and_what_was_deleted_before_stays_at_the_top() {
    let service = Service::start().await;
    let alice = service.person();
    let root = alice.create(titled("Root")).await.unwrap();
    let part = alice.create(part_of(&root, "Part")).await.unwrap();
    let old = alice.create(part_of(&part, "Old")).await.unwrap();
    let older = alice.create(part_of(&old, "Part of the old")).await.unwrap();
    alice.complete(&part.id).await.unwrap();
    let old = alice.delete(&old.id).await.unwrap();
    alice.delete(&root.id).await.unwrap();

    alice.purge_task(&root.id).await.unwrap();
    is_gone(&alice, &root).await;
    is_gone(&alice, &part).await;
    let now = alice.get(&old.id).await.unwrap();
    assert_eq!((now.parent_id.as_str(), now.delete_time), ("", old.delete_time));
    assert_eq!(alice.get(&older.id).await.unwrap().parent_id, old.id);

    // The one that lost its place first, then the two that are gone, without a gap.
    let orphaned = revision(&now);
    let mut expected = [&root, &part].map(|task| task.id.clone());
    let mut gone = removals(&service).await;
    assert_eq!(
        gone.iter().map(|gone| (gone.0, gone.1)).collect::<Vec<_>>(),
        [(orphaned + 1, 1), (orphaned + 2, 1)]
    );
    let mut gone: Vec<_> = gone.drain(..).map(|gone| gone.2).collect();
    gone.sort_unstable();
    expected.sort_unstable();
    assert_eq!(gone, expected);
    service.assert_counts_are_right().await;

    let back = alice.undelete(&old.id).await.unwrap();
    assert_eq!((back.parent_id.as_str(), back.delete_time), ("", None));
    assert!(alice.get(&older.id).await.unwrap().delete_time.is_none());
}

#[tokio::test]
async fn a_part_can_be_purged_alone_and_the_rest_of_its_deletion_comes_back() {
    let service = Service::start().await;
    let alice = service.person();
    let root = alice.create(titled("Root")).await.unwrap();
    let part = alice.create(part_of(&root, "Part")).await.unwrap();
    let leaf = alice.create(part_of(&part, "Leaf")).await.unwrap();
    let other = alice.create(part_of(&root, "Other")).await.unwrap();
    alice.delete(&root.id).await.unwrap();
    alice.purge_task(&part.id).await.unwrap();
    alice.undelete(&root.id).await.unwrap();
    is_gone(&alice, &part).await;
    is_gone(&alice, &leaf).await;
    assert!(alice.get(&other.id).await.unwrap().delete_time.is_none());
    service.assert_counts_are_right().await;
}

#[tokio::test]
async fn only_what_is_in_the_trash_as_the_caller_knows_it_is_purged() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let made = alice.create(titled("Kept")).await.unwrap();
    let refused = alice.purge_task(&made.id).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotDeleted);
    assert_eq!(alice.get(&made.id).await.unwrap(), made);

    let deleted = alice.delete(&made.id).await.unwrap();
    let stale = pb::PurgeTaskRequest {
        id: made.id.clone(),
        etag: made.etag,
        ..Default::default()
    };
    let refused = alice.client().purge_task(alice.request(stale)).await;
    assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
    let refused = bob.purge_task(&made.id).await;
    assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
    assert_eq!(alice.get(&made.id).await.unwrap(), deleted);
    assert_violations(alice.purge_task("7").await, &["id"]);
    assert_violations(alice.empty_trash("7").await, &["request_id"]);
}

#[tokio::test]
async fn a_purge_under_a_request_id_succeeds_again_and_one_without_finds_nothing() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("Old")).await.unwrap();
    alice.delete(&made.id).await.unwrap();
    let request = pb::PurgeTaskRequest {
        id: made.id.clone(),
        request_id: uuid(1),
        ..Default::default()
    };
    for _ in 0..2 {
        alice
            .client()
            .purge_task(alice.request(request.clone()))
            .await
            .unwrap();
    }
    assert_eq!(removals(&service).await.len(), 1);
    let refused = alice.purge_task(&made.id).await;
    assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
    let other = pb::PurgeTaskRequest {
        id: uuid(404),
        ..request
    };
    let refused = alice.client().purge_task(alice.request(other)).await;
    assert_refused(refused, Code::AlreadyExists, ErrorReason::RequestIdReused);
}

#[tokio::test]
async fn an_emptied_trash_has_neither_tasks_nor_lists_and_everything_else_stays() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let kept = alice.create(titled("Kept")).await.unwrap();
    let root = alice.create(titled("Root")).await.unwrap();
    let part = alice.create(part_of(&root, "Part")).await.unwrap();
    alice.create(part_of(&part, "Leaf")).await.unwrap();
    alice.delete(&part.id).await.unwrap();
    alice.delete(&root.id).await.unwrap();
    let (list, _) = list_in_the_trash(&alice).await;
    let bobs = bob.create(titled("Bob's")).await.unwrap();
    let bobs = bob.delete(&bobs.id).await.unwrap();

    let reply = alice.empty_trash("").await.unwrap();
    assert_eq!((reply.purged_count, reply.done), (5, true));
    assert_eq!(alice.list_all().await, [kept]);
    assert_eq!(bob.list_all().await, [bobs]);
    let gone = removals(&service).await;
    let kinds: Vec<_> = gone.iter().map(|gone| gone.1).collect();
    assert_eq!(kinds, [1, 1, 1, 1, 2]);
    assert_eq!(gone[4].2, list.id);
    service.assert_counts_are_right().await;

    let reply = alice.empty_trash("").await.unwrap();
    assert_eq!((reply.purged_count, reply.done), (0, true));
}

#[tokio::test]
async fn the_trash_is_emptied_in_bounded_steps_and_spares_what_is_deleted_after_the_first_call() {
    let service = Service::start_deleting(2, 2).await;
    let alice = service.person();
    let root = alice.create(titled("Root")).await.unwrap();
    for _ in 0..8 {
        alice.create(part_of(&root, "Part")).await.unwrap();
    }
    alice.delete(&root.id).await.unwrap();
    let (list, _) = list_in_the_trash(&alice).await;

    let (mut counts, mut later) = (Vec::new(), Vec::new());
    loop {
        let reply = alice.empty_trash(&uuid(1)).await.unwrap();
        counts.push(reply.purged_count);
        service.assert_counts_are_right().await;
        // What is left of a tree hangs together: none of it lost the task that it is a part of.
        let parts = alice.list_all().await;
        assert!(
            parts
                .iter()
                .filter(|task| task.title == "Part")
                .all(|task| task.parent_id == root.id)
        );
        if reply.done {
            break;
        }
        service.hand.advance(std::time::Duration::from_secs(1));
        let next = alice.create(titled("Later")).await.unwrap();
        later.push(alice.delete(&next.id).await.unwrap());
    }
    // Nine of the tree, the list and the task in it.
    assert_eq!(counts, [4, 4, 3]);
    assert_eq!(
        removals(&service).await.last().map(|gone| gone.2.clone()),
        Some(list.id)
    );
    assert_eq!(alice.list_all().await, later);

    let again = alice.empty_trash(&uuid(1)).await.unwrap();
    assert_eq!((again.purged_count, again.done), (0, true));
    assert_eq!(alice.list_all().await, later);
    while !alice.empty_trash("").await.unwrap().done {}
    assert_eq!(alice.list_all().await, []);
}

#[tokio::test]
async fn while_the_trash_is_emptied_others_write_and_nothing_of_theirs_is_lost() {
    const ROUNDS: usize = 20;
    let service = Service::start_deleting(1, 100).await;
    let id = Uuid::from_u128(1);
    let (alice, phone) = (service.person_of(id), service.person_of(id));
    for _ in 0..ROUNDS {
        let made = alice.create(titled("Old")).await.unwrap();
        alice.delete(&made.id).await.unwrap();
    }
    let empty = async || while !alice.empty_trash("").await.unwrap().done {};
    let write = async || {
        let mut made = Vec::new();
        for _ in 0..ROUNDS {
            made.push(phone.create(titled("New")).await.unwrap());
        }
        made
    };
    let ((), made, ()) = tokio::join!(empty(), write(), empty());
    assert_eq!(alice.list_all().await, made);
    assert_eq!(removals(&service).await.len(), ROUNDS);
    service.assert_counts_are_right().await;
    let mut revisions: Vec<_> = made.iter().map(revision).collect();
    revisions.extend(removals(&service).await.iter().map(|gone| gone.0));
    revisions.sort_unstable();
    revisions.dedup();
    assert_eq!(revisions.len(), 2 * ROUNDS, "two changes have one revision");
}
