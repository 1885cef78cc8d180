//! `DeleteList` and `UndeleteList`: a list goes to the trash with its tasks, and comes back with exactly those.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;
use uuid::Uuid;

use crate::harness::{Service, assert_refused, list_titled, part_of, revision, task_in, titled, uuid};

const MANY: i32 = 10_000;

#[tokio::test]
async fn a_deleted_list_takes_its_tasks_along_and_an_undelete_brings_exactly_those_back() {
    let service = Service::start().await;
    let alice = service.person();
    let list = alice.create_list(list_titled("Old")).await.unwrap();
    let top = alice.create(task_in(&list, "Top")).await.unwrap();
    let part = alice.create(part_of(&top, "Part")).await.unwrap();
    let before = alice.create(task_in(&list, "Before")).await.unwrap();
    let before = alice.delete(&before.id).await.unwrap();
    let inbox = alice.create(titled("Elsewhere")).await.unwrap();
    service.hand.advance(std::time::Duration::from_secs(60));

    let deleted = alice.delete_list(&list.id).await.unwrap();
    assert_eq!(alice.get_list(&list.id).await.unwrap(), deleted);
    let (delete, purge) = (deleted.delete_time.unwrap(), deleted.purge_time.unwrap());
    assert_eq!(purge.seconds - delete.seconds, 30 * 24 * 60 * 60);
    let mut revisions = Vec::new();
    for task in [&top, &part] {
        let task = alice.get(&task.id).await.unwrap();
        assert_eq!(
            (task.delete_time, task.purge_time),
            (deleted.delete_time, deleted.purge_time)
        );
        revisions.push(revision(&task));
    }
    // They go in the order of their ids, which says nothing of two that were made in the same millisecond.
    revisions.sort_unstable();
    assert_eq!(revisions, [revision(&inbox) + 1, revision(&inbox) + 2]);
    assert_eq!(deleted.etag, format!("r{}", revision(&inbox) + 3));
    assert_eq!(alice.get(&before.id).await.unwrap(), before);
    assert_eq!(alice.get(&inbox.id).await.unwrap(), inbox);

    let back = alice.undelete_list(&list.id).await.unwrap();
    assert_eq!((back.delete_time, back.purge_time), (None, None));
    for task in [&top, &part] {
        let now = alice.get(&task.id).await.unwrap();
        assert_eq!(now.delete_time, None);
        assert_eq!((&now.list_id, &now.parent_id), (&list.id, &task.parent_id));
    }
    assert_eq!(alice.get(&before.id).await.unwrap(), before);
    let restored = alice.undelete(&before.id).await.unwrap();
    assert_eq!((restored.delete_time, &restored.list_id), (None, &list.id));
    service.assert_counts_are_right().await;
}

#[tokio::test]
async fn what_a_list_took_along_comes_back_with_it_alone() {
    let service = Service::start().await;
    let alice = service.person();
    let list = alice.create_list(list_titled("Old")).await.unwrap();
    let kept = alice.create(task_in(&list, "Kept")).await.unwrap();
    let purged = alice.create(task_in(&list, "Purged")).await.unwrap();
    alice.delete_list(&list.id).await.unwrap();
    for task in [&kept, &purged] {
        let refused = alice.undelete(&task.id).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::Deleted);
    }
    alice.purge_task(&purged.id).await.unwrap();
    alice.undelete_list(&list.id).await.unwrap();
    assert_eq!(alice.get(&kept.id).await.unwrap().delete_time, None);
    let gone = alice.get(&purged.id).await;
    assert_refused(gone, Code::NotFound, ErrorReason::NotFound);
}

#[tokio::test]
async fn deleting_and_undeleting_a_list_again_returns_it_unchanged() {
    let service = Service::start().await;
    let alice = service.person();
    let list = alice.create_list(list_titled("Old")).await.unwrap();
    assert_eq!(alice.undelete_list(&list.id).await.unwrap(), list);
    let request = pb::DeleteListRequest {
        id: list.id.clone(),
        etag: list.etag,
        request_id: uuid(1),
    };
    let delete = async || {
        let reply = alice.lists().delete_list(alice.request(request.clone())).await;
        reply.unwrap().into_inner()
    };
    let deleted = delete().await;
    assert_eq!(alice.delete_list(&list.id).await.unwrap(), deleted);
    let back = alice.undelete_list(&list.id).await.unwrap();
    assert_eq!(alice.undelete_list(&list.id).await.unwrap(), back);
    assert_eq!(delete().await, back, "a repeat deleted it again");
}

#[tokio::test]
async fn a_list_in_the_trash_takes_no_tasks_and_a_stale_etag_moves_none() {
    let service = Service::start().await;
    let alice = service.person();
    let list = alice.create_list(list_titled("Old")).await.unwrap();
    let task = alice.create(task_in(&list, "In it")).await.unwrap();
    let (id, etag) = (list.id.clone(), "r0".to_owned());
    let stale = pb::DeleteListRequest {
        id: id.clone(),
        etag: etag.clone(),
        ..Default::default()
    };
    let refused = alice.lists().delete_list(alice.request(stale)).await;
    assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
    assert_eq!(alice.get(&task.id).await.unwrap(), task);

    alice.delete_list(&id).await.unwrap();
    let refused = alice.create(task_in(&list, "Late")).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::Deleted);
    let stale = pb::UndeleteListRequest {
        id,
        etag,
        ..Default::default()
    };
    let refused = alice.lists().undelete_list(alice.request(stale)).await;
    assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
    assert!(alice.get(&task.id).await.unwrap().delete_time.is_some());
    let refused = alice.delete_list(&uuid(404)).await;
    assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
}

#[tokio::test]
async fn a_list_of_ten_thousand_tasks_goes_and_comes_back_in_one_call_each() {
    let service = Service::start().await;
    let id = Uuid::from_u128(1);
    let alice = service.person_of(id);
    let list = alice.create_list(list_titled("Long")).await.unwrap();
    let pool = service.database.pool();
    let rows = "INSERT INTO tasks (owner_id, id, list_id, revision, title, title_order, notes, state, rank, create_time,
                                   update_time)
         SELECT $1, gen_random_uuid(), $2::uuid, n + 1, 'x', 'x', '', 1, lpad(n::text, 5, '0'), now(), now()
         FROM generate_series(1, $3) n";
    let rows = sqlx::query(rows).bind(id).bind(&list.id).bind(MANY);
    rows.execute(&pool).await.unwrap();
    let raise = sqlx::query("UPDATE owners SET revision = revision + $1, tasks = tasks + $1").bind(MANY);
    raise.execute(&pool).await.unwrap();
    sqlx::raw_sql("ANALYZE").execute(&pool).await.unwrap();

    for delete in [true, false] {
        let list = match delete {
            true => alice.delete_list(&list.id).await.unwrap(),
            false => alice.undelete_list(&list.id).await.unwrap(),
        };
        let state = "SELECT count(*), count(DISTINCT revision), max(revision) - min(revision)
             FROM tasks WHERE (delete_time IS NOT NULL) = $1";
        let state = sqlx::query_as(state).bind(delete).fetch_one(&pool).await;
        let state: (i64, i64, Option<i64>) = state.unwrap();
        let many = i64::from(MANY);
        assert_eq!(state, (many, many, Some(many - 1)));
        assert_eq!(list.delete_time.is_some(), delete);
    }
}
