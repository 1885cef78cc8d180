//! Sync tokens: whose they are, and when the feed cannot go on from one.

use proto::errors::v1::ErrorReason;
use sqlx::AssertSqlSafe;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use super::copy::{Copy, server_state};
use crate::harness::{Service, assert_refused, titled};

const ALICE: Uuid = Uuid::from_u128(0xa11ce);

#[track_caller]
fn assert_expired<T>(result: Result<T, Status>) {
    assert_refused(result, Code::FailedPrecondition, ErrorReason::SyncTokenExpired);
}

async fn change(service: &Service, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&service.database.pool())
        .await
        .expect("changed");
}

#[tokio::test]
async fn another_persons_sync_token_is_refused_like_one_that_never_was() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    alice.create(titled("Hers")).await.unwrap();
    bob.create(titled("His")).await.unwrap();
    let bobs = bob.changes("", 0).await.unwrap().next_sync_token;
    let mut told = Vec::new();
    for token in [bobs.as_str(), "AAAA", "nonsense!", &"A".repeat(100_000)] {
        let status = assert_refused(
            alice.changes(token, 0).await,
            Code::InvalidArgument,
            ErrorReason::SyncTokenInvalid,
        );
        let fields = status
            .get_details_bad_request()
            .expect("the field")
            .field_violations;
        assert_eq!(fields[0].field, "sync_token");
        told.push((status.message().to_owned(), status.details().to_vec()));
    }
    assert!(told.iter().all(|one| *one == told[0]));
    bob.changes(&bobs, 0).await.unwrap();
}

#[tokio::test]
async fn a_token_from_before_forgotten_removals_is_expired_and_a_later_one_is_not() {
    let service = Service::start().await;
    let alice = service.person_of(ALICE);
    alice.create(titled("First")).await.unwrap();
    let old = alice.changes("", 0).await.unwrap().next_sync_token;
    alice.create(titled("Second")).await.unwrap();
    let new = alice.changes(&old, 0).await.unwrap().next_sync_token;
    change(&service, "UPDATE owners SET floor_revision = 2").await;
    assert_expired(alice.changes(&old, 0).await);
    alice.changes(&new, 0).await.unwrap();
    // Who starts again gets everything.
    let mut copy = Copy::default();
    copy.catch_up(&alice, 1).await;
    copy.assert_is(&server_state(&service, ALICE).await);
    assert_eq!(copy.tasks.len(), 2);
}

#[tokio::test]
async fn a_first_listing_is_expired_only_by_removals_that_came_after_its_beginning() {
    let service = Service::start().await;
    let alice = service.person_of(ALICE);
    for number in 0..4 {
        alice.create(titled(&format!("{number}"))).await.unwrap();
    }
    change(&service, "UPDATE owners SET floor_revision = 4").await;
    let page = alice.changes("", 1).await.unwrap();
    let page = alice.changes(&page.next_sync_token, 1).await.unwrap();
    assert!(page.has_more);
    alice.create(titled("Later")).await.unwrap();
    change(&service, "UPDATE owners SET floor_revision = 5").await;
    assert_expired(alice.changes(&page.next_sync_token, 1).await);
}

#[tokio::test]
async fn a_token_from_ahead_is_expired() {
    let service = Service::start().await;
    let alice = service.person_of(ALICE);
    for title in ["First", "Second"] {
        alice.create(titled(title)).await.unwrap();
    }
    let read = alice.changes("", 0).await.unwrap().next_sync_token;
    let begun = alice.changes("", 1).await.unwrap().next_sync_token;
    change(&service, "UPDATE owners SET revision = 1").await;
    for token in [read, begun] {
        assert_expired(alice.changes(&token, 0).await);
    }
}

#[tokio::test]
async fn a_restart_and_a_second_replica_keep_tokens_good() {
    let service = Service::start().await;
    let made = service.person_of(ALICE).create(titled("Kept")).await.unwrap();
    let token = service
        .person_of(ALICE)
        .changes("", 0)
        .await
        .unwrap()
        .next_sync_token;
    let replica = service.replica().await;
    let page = replica.person_of(ALICE).changes(&token, 0).await.unwrap();
    assert!(page.changes.is_empty());
    replica.person_of(ALICE).complete(&made.id).await.unwrap();
    let page = service.person_of(ALICE).changes(&token, 0).await.unwrap();
    assert_eq!(page.changes.len(), 2);
}

#[tokio::test]
async fn in_a_database_that_was_restored_elsewhere_a_start_ends_all_tokens() {
    for column in ["database_oid", "system_identifier"] {
        let service = Service::start().await;
        service.person_of(ALICE).create(titled("Hers")).await.unwrap();
        let token = service
            .person_of(ALICE)
            .changes("", 0)
            .await
            .unwrap()
            .next_sync_token;
        change(
            &service,
            &format!("UPDATE feed_epoch SET {column} = {column} + 1"),
        )
        .await;
        // Several replicas start at once, and one epoch begins.
        let (one, two) = tokio::join!(service.replica(), service.replica());
        assert_expired(one.person_of(ALICE).changes(&token, 0).await);
        let fresh = one.person_of(ALICE).changes("", 0).await.unwrap().next_sync_token;
        for replica in [&service, &one, &two] {
            replica.person_of(ALICE).changes(&fresh, 0).await.unwrap();
        }
    }
}

#[tokio::test]
async fn who_was_purged_is_refused() {
    let service = Service::start().await;
    service.person_of(ALICE).create(titled("Hers")).await.unwrap();
    let token = service
        .person_of(ALICE)
        .changes("", 0)
        .await
        .unwrap()
        .next_sync_token;
    assert!(service.purger().purge(&ALICE.to_string()).await.unwrap());
    for token in ["", &token] {
        assert_refused(
            service.person_of(ALICE).changes(token, 0).await,
            Code::Unauthenticated,
            ErrorReason::TokenRevoked,
        );
    }
}
