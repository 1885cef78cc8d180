//! `DeleteTask`, `UndeleteTask` and `GetTask` of what is in the trash.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;

use crate::harness::{Service, assert_refused, assert_violations, titled};

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
