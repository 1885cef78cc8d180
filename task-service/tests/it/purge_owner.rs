//! `PurgeOwner`: who may, that nothing is left but the tombstone, and that nobody comes back from behind it.

use std::sync::Barrier;
use std::thread;

use proto::access_token::{Actor, Claims, Scope};
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tandem_postgres::test::{Trace, traces_of};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::harness::{Person, Service, assert_refused, assert_violations, titled, uuid};

/// All that the database may still have of a person.
fn tombstone() -> Vec<Trace> {
    vec![Trace {
        table: "owners".to_owned(),
        column: "owner_id".to_owned(),
        rows: 1,
    }]
}

async fn traces(service: &Service, id: Uuid) -> Vec<Trace> {
    traces_of(&service.database.pool(), &id.to_string()).await
}

/// An open, a completed and a trashed task, each write under a request id.
async fn moves_in(person: &Person<'_>) -> [pb::Task; 3] {
    let mut made = Vec::new();
    for number in 1..=3 {
        let request = pb::CreateTaskRequest {
            request_id: uuid(number),
            ..titled("Mine")
        };
        made.push(person.create(request).await.expect("made"));
    }
    person.complete(&made[1].id).await.expect("completed");
    person.delete(&made[2].id).await.expect("deleted");
    made.try_into().expect("three")
}

#[tokio::test]
async fn only_a_service_for_itself_with_the_scope_may_purge() {
    let service = Service::start().await;
    let id = uuid(1);
    let claims = service.claims();
    let with = |claims: Claims| service.person_with(&service.header(), &claims);
    let of_service = Claims {
        sub: "service:reports".to_owned(),
        sid: None,
        role: String::new(),
        ..claims.clone()
    };
    let purging = |claims: &Claims| Claims {
        scope: Scope::OwnersPurge.as_str().to_owned(),
        ..claims.clone()
    };
    let acting = |claims: &Claims| Claims {
        act: Some(Actor {
            sub: "service:auth-service".to_owned(),
        }),
        ..claims.clone()
    };
    let admin = Claims {
        role: "admin".to_owned(),
        ..purging(&claims)
    };
    for (who, person) in [
        ("a person", with(claims.clone())),
        ("a person with the scope", with(purging(&claims))),
        ("an admin with the scope", with(admin)),
        (
            "a service that acts for a person",
            with(acting(&purging(&claims))),
        ),
        (
            "a service that acts for a service",
            with(acting(&purging(&of_service))),
        ),
    ] {
        let refused = person.purge(&id).await;
        let status = refused.expect_err(who);
        assert_refused::<()>(Err(status), Code::PermissionDenied, ErrorReason::CallerNotAllowed);
    }
    for scope in ["", "tasks.read tasks.write", "owners.purge.not"] {
        let claims = Claims {
            scope: scope.to_owned(),
            ..of_service.clone()
        };
        assert_refused(
            with(claims).purge(&id).await,
            Code::PermissionDenied,
            ErrorReason::ScopeMissing,
        );
    }
    assert_refused(
        service.anonymous().purge(&id).await,
        Code::Unauthenticated,
        ErrorReason::TokenMissing,
    );
    assert_eq!(
        traces(&service, Uuid::from_u128(1)).await,
        [],
        "somebody was let through"
    );
    assert!(with(purging(&of_service)).purge(&id).await.unwrap());
}

#[tokio::test]
async fn an_id_that_is_none_is_refused() {
    let service = Service::start().await;
    for id in ["", "alice", "0193a0b0000070008000000000000001"] {
        assert_violations(service.purger().purge(id).await, &["owner_id"]);
    }
}

#[tokio::test]
async fn after_a_purge_nothing_is_left_but_the_tombstone_and_others_have_everything() {
    let service = Service::start().await;
    let (alice, bob) = (Uuid::from_u128(0xa11ce), Uuid::from_u128(0xb0b));
    moves_in(&service.person_of(alice)).await;
    let bobs = moves_in(&service.person_of(bob)).await;
    let before = traces(&service, bob).await;
    assert_eq!(traces(&service, alice).await.len(), 5, "a row in every table");

    assert!(service.purger().purge(&alice.to_string()).await.unwrap());
    assert_eq!(traces(&service, alice).await, tombstone());
    let bare = "SELECT revision = 0 AND purge_time IS NOT NULL FROM owners WHERE owner_id = $1";
    let bare: bool = sqlx::query_scalar(bare)
        .bind(alice)
        .fetch_one(&service.database.pool())
        .await
        .unwrap();
    assert!(bare);
    assert_eq!(traces(&service, bob).await, before);
    assert_eq!(service.person_of(bob).get(&bobs[0].id).await.unwrap(), bobs[0]);
}

#[tokio::test]
async fn somebody_who_never_kept_a_task_is_done_at_once_and_refused_from_then_on() {
    let service = Service::start().await;
    let id = Uuid::from_u128(1);
    assert!(service.purger().purge(&id.to_string()).await.unwrap());
    assert_eq!(traces(&service, id).await, tombstone());
    assert_refused(
        service.person_of(id).create(titled("Late")).await,
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
    );
}

#[tokio::test]
async fn each_call_takes_bounded_steps_and_a_repeat_goes_on_until_it_is_done() {
    let service = Service::start_deleting(2, 1).await;
    let id = Uuid::from_u128(1);
    moves_in(&service.person_of(id)).await;
    let purger = service.purger();
    // One completion, three tasks, three records of writes and what was told of five.
    let mut calls = 0;
    loop {
        calls += 1;
        let done = purger.purge(&id.to_string()).await.unwrap();
        // While rows are left, their owner is refused already.
        assert_refused(
            service.person_of(id).list(pb::ListTasksRequest::default()).await,
            Code::Unauthenticated,
            ErrorReason::TokenRevoked,
        );
        if done {
            break;
        }
    }
    assert_eq!(calls, 7);
    assert_eq!(traces(&service, id).await, tombstone());
}

#[tokio::test]
async fn a_repeat_changes_nothing_not_even_the_tombstones_time() {
    let service = Service::start().await;
    let id = Uuid::from_u128(1);
    moves_in(&service.person_of(id)).await;
    let mut times: Vec<chrono::DateTime<chrono::Utc>> = Vec::new();
    for _ in 0..3 {
        assert!(service.purger().purge(&id.to_string()).await.unwrap());
        let time = sqlx::query_scalar("SELECT purge_time FROM owners");
        times.push(time.fetch_one(&service.database.pool()).await.unwrap());
        service.hand.advance(std::time::Duration::from_secs(60));
    }
    assert!(times.iter().all(|time| *time == times[0]), "{times:?}");
}

#[tokio::test]
async fn from_the_tombstone_on_every_call_of_that_owner_is_refused() {
    // Nothing is deleted in a call without steps: every row is still there to be found.
    let service = Service::start_deleting(1, 0).await;
    let id = Uuid::from_u128(0xa11ce);
    let alice = service.person_of(id);
    let [open, done, trashed] = moves_in(&alice).await;
    assert!(!service.purger().purge(&id.to_string()).await.unwrap());
    assert_eq!(traces(&service, id).await.len(), 5, "a row in every table");

    let repeat = pb::CreateTaskRequest {
        request_id: uuid(1),
        ..titled("Mine")
    };
    let chosen = pb::CreateTaskRequest {
        task_id: open.id.clone(),
        ..titled("Mine")
    };
    let update = pb::UpdateTaskRequest {
        task: Some(pb::Task {
            title: "New".to_owned(),
            ..open.clone()
        }),
        ..Default::default()
    };
    let refused: Vec<(&str, Result<(), Status>)> = vec![
        ("create", alice.create(titled("Late")).await.map(drop)),
        ("create again", alice.create(repeat).await.map(drop)),
        ("create with an id", alice.create(chosen).await.map(drop)),
        ("get", alice.get(&open.id).await.map(drop)),
        ("get what never was", alice.get(&uuid(404)).await.map(drop)),
        (
            "list",
            alice.list(pb::ListTasksRequest::default()).await.map(drop),
        ),
        (
            "update",
            alice.client().update_task(alice.request(update)).await.map(drop),
        ),
        ("complete", alice.complete(&open.id).await.map(drop)),
        ("reopen", alice.reopen(&done.id).await.map(drop)),
        ("cancel", alice.cancel(&open.id).await.map(drop)),
        ("delete", alice.delete(&open.id).await.map(drop)),
        ("undelete", alice.undelete(&trashed.id).await.map(drop)),
        ("purge", alice.purge_task(&trashed.id).await.map(drop)),
        ("empty the trash", alice.empty_trash("").await.map(drop)),
    ];
    for (call, result) in refused {
        let status = result.expect_err(call);
        assert_refused::<()>(Err(status), Code::Unauthenticated, ErrorReason::TokenRevoked);
    }
    // A refused call leaves its connection as good as new.
    for _ in 0..20 {
        alice.get(&open.id).await.expect_err("refused");
        service
            .person()
            .list(pb::ListTasksRequest::default())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn when_no_row_is_left_reads_are_refused_all_the_same() {
    let service = Service::start().await;
    let id = Uuid::from_u128(1);
    assert!(service.purger().purge(&id.to_string()).await.unwrap());
    // With statistics that say so, an empty table is read without an index.
    sqlx::raw_sql("ANALYZE")
        .execute(&service.database.pool())
        .await
        .unwrap();
    let alice = service.person_of(id);
    for _ in 0..10 {
        let listed = alice.list(pb::ListTasksRequest::default()).await;
        assert_refused(listed, Code::Unauthenticated, ErrorReason::TokenRevoked);
        assert_refused(
            alice.get(&uuid(1)).await,
            Code::Unauthenticated,
            ErrorReason::TokenRevoked,
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn creates_that_race_the_purge_do_not_bring_the_owner_back() {
    const WRITERS: usize = 6;
    let service = Service::start_deleting(5, 3).await;
    for round in 1..=5 {
        let id = Uuid::from_u128(round);
        let (alice, purger) = (service.person_of(id), service.purger());
        let (barrier, service) = (Barrier::new(WRITERS + 1), &service);
        let runtime = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("it works")
        };
        tokio::task::block_in_place(|| {
            thread::scope(|scope| {
                for _ in 0..WRITERS {
                    scope.spawn(|| {
                        barrier.wait();
                        // Until the tombstone is met, and no other refusal may be.
                        let refused = runtime().block_on(async {
                            loop {
                                if let Err(status) = alice.create(titled("Racing")).await {
                                    break status;
                                }
                            }
                        });
                        assert_refused::<()>(Err(refused), Code::Unauthenticated, ErrorReason::TokenRevoked);
                    });
                }
                barrier.wait();
                thread::sleep(std::time::Duration::from_millis(50));
                runtime().block_on(async {
                    while !purger.purge(&id.to_string()).await.expect("it goes on") {}
                    assert_eq!(traces(service, id).await, tombstone());
                });
            });
        });
        assert_eq!(traces(service, id).await, tombstone());
    }
}

#[tokio::test]
async fn two_purges_at_once_are_done_when_nothing_is_left() {
    let service = Service::start_deleting(1, 100).await;
    let id = Uuid::from_u128(1);
    let alice = service.person_of(id);
    for _ in 0..30 {
        alice.create(titled("Mine")).await.unwrap();
    }
    let (id_text, purger) = (id.to_string(), service.purger());
    let purge = async || {
        assert!(purger.purge(&id_text).await.unwrap());
        assert_eq!(traces(&service, id).await, tombstone());
    };
    tokio::join!(purge(), purge(), purge());
}
