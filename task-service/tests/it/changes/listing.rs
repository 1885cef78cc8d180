//! `ListChanges`: what comes, in which order, and how much at once.

use std::time::Duration;

use proto::tasks::v1 as pb;
use proto::tasks::v1::change::Change;
use uuid::Uuid;

use super::copy::{Copy, server_state};
use crate::harness::{Service, assert_violations, titled};

const DAY: Duration = Duration::from_secs(24 * 3600);
const ALICE: Uuid = Uuid::from_u128(0xa11ce);

/// What a page has, in a word each.
fn words(page: &pb::ListChangesResponse) -> Vec<String> {
    let word = |change: &pb::Change| match change.change.as_ref().expect("never empty") {
        Change::Task(task) => task.title.clone(),
        Change::List(list) => format!("list {}", list.title),
        Change::Completion(completion) if completion.undo_time.is_some() => "undone".to_owned(),
        Change::Completion(_) => "completed".to_owned(),
        Change::Removed(removed) => format!("removed {:?}", removed.kind()),
    };
    page.changes.iter().map(word).collect()
}

#[tokio::test]
async fn who_has_nothing_gets_an_empty_page_and_a_token_that_goes_on() {
    let service = Service::start().await;
    let alice = service.person();
    let page = alice.changes("", 0).await.unwrap();
    assert!(page.changes.is_empty() && !page.has_more);
    let made = alice.create(titled("First")).await.unwrap();
    let page = alice.changes(&page.next_sync_token, 0).await.unwrap();
    assert_eq!(page.changes.len(), 1);
    assert_eq!(page.changes[0].revision, 1);
    assert_eq!(page.changes[0].change, Some(Change::Task(made)));
    assert!(!page.has_more);
    let after = alice.changes(&page.next_sync_token, 0).await.unwrap();
    assert!(after.changes.is_empty() && !after.has_more);
}

#[tokio::test]
async fn every_object_comes_once_at_the_place_of_its_last_change() {
    let service = Service::start().await;
    let alice = service.person();
    let first = alice.create(titled("First")).await.unwrap();
    let second = alice.create(titled("Second")).await.unwrap();
    alice.complete(&first.id).await.unwrap();
    alice.delete(&second.id).await.unwrap();
    let list = format!(
        "INSERT INTO lists (owner_id, id, revision, title, rank, size_bytes, create_time, update_time)
         SELECT owner_id, '{}', 6, 'Home', '80', 4, now(), now() FROM owners;
         UPDATE owners SET revision = 6, lists = 1",
        Uuid::max()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(list))
        .execute(&service.database.pool())
        .await
        .unwrap();
    let page = alice.changes("", 0).await.unwrap();
    let mut found = words(&page);
    found[..2].sort_unstable();
    assert_eq!(found, ["First", "completed", "Second", "list Home"]);

    alice.reopen(&first.id).await.unwrap();
    let page = alice.changes(&page.next_sync_token, 0).await.unwrap();
    let mut found = words(&page);
    found.sort_unstable();
    assert_eq!(found, ["First", "undone"]);
}

#[tokio::test]
async fn what_is_removed_for_good_comes_as_removed_to_whoever_may_have_it() {
    let service = Service::start().await;
    let alice = service.person_of(ALICE);
    let made = alice.create(titled("Old")).await.unwrap();
    alice.complete(&made.id).await.unwrap();
    alice.create(titled("Kept")).await.unwrap();
    let mut copy = Copy::default();
    copy.catch_up(&alice, 0).await;
    assert_eq!((copy.tasks.len(), copy.completions.len()), (2, 1));
    alice.delete(&made.id).await.unwrap();
    copy.catch_up(&alice, 0).await;
    assert!(copy.tasks[&made.id].delete_time.is_some());

    service.hand.advance(31 * DAY);
    service.sweep().await;
    let alice = service.person_of(ALICE);
    let page = alice.changes(&copy.token, 0).await.unwrap();
    assert_eq!(words(&page), ["removed Task"]);
    copy.catch_up(&alice, 0).await;
    copy.assert_is(&server_state(&service, ALICE).await);

    // Who begins now never had it.
    assert_eq!(words(&alice.changes("", 0).await.unwrap()), ["Kept"]);
}

#[tokio::test]
async fn pages_are_as_large_as_asked_and_no_larger_than_a_thousand() {
    let service = Service::start().await;
    let alice = service.person();
    for number in 0..120 {
        alice.create(titled(&format!("{number}"))).await.unwrap();
    }
    for (asked, got) in [(1, 1), (7, 7), (0, 100), (1000, 120), (i32::MAX, 120)] {
        let page = alice.changes("", asked).await.unwrap();
        assert_eq!((page.changes.len(), page.has_more), (got, got < 120), "{asked}");
    }
    // A page that is exactly full is the last one.
    assert!(!alice.changes("", 120).await.unwrap().has_more);
    assert_violations(alice.changes("", -1).await, &["page_size"]);
}

#[tokio::test]
async fn a_page_ends_at_three_mebibytes() {
    let service = Service::start().await;
    let alice = service.person();
    for number in 0..250 {
        let mut request = titled(&format!("{number}"));
        request.task.as_mut().unwrap().notes = "x".repeat(16 * 1024);
        alice.create(request).await.unwrap();
    }
    let first = alice.changes("", 1000).await.unwrap();
    assert!(first.has_more);
    assert!(
        (150..200).contains(&first.changes.len()),
        "{}",
        first.changes.len()
    );
    let second = alice.changes(&first.next_sync_token, 1000).await.unwrap();
    assert_eq!(first.changes.len() + second.changes.len(), 250);
    assert!(!second.has_more);
}

#[tokio::test]
async fn a_first_listing_amid_writes_ends_with_what_there_is() {
    let service = Service::start().await;
    let alice = service.person_of(ALICE);
    let mut tasks = Vec::new();
    for number in 0..20 {
        tasks.push(alice.create(titled(&format!("{number}"))).await.unwrap());
    }
    let trashed = &tasks[0];
    alice.delete(&trashed.id).await.unwrap();
    service.hand.advance(31 * DAY);

    let alice = service.person_of(ALICE);
    let mut copy = Copy::default();
    let page = alice.changes("", 5).await.unwrap();
    copy.take_in(page.changes, page.next_sync_token);
    // One is listed already and is changed, one is not yet; one goes for good before it was listed.
    for task in [&tasks[1], &tasks[15]] {
        alice.complete(&task.id).await.unwrap();
    }
    service.sweep().await;
    alice.create(titled("New")).await.unwrap();
    copy.catch_up(&alice, 5).await;
    copy.assert_is(&server_state(&service, ALICE).await);
    assert!(!copy.tasks.contains_key(&trashed.id));
}
