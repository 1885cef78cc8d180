//! `ListTaskCompletions`: all of them, newest first, in pages that belong to one person and one task.

use std::time::Duration;

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::{Code, Response, Status};

use crate::harness::{Person, Service, assert_refused, assert_violations, uuid};
use crate::recurring::{made, on, recurring};

async fn page(
    person: &Person<'_>,
    id: &str,
    page_size: i32,
    page_token: &str,
) -> Result<pb::ListTaskCompletionsResponse, Status> {
    let message = pb::ListTaskCompletionsRequest {
        id: id.to_owned(),
        page_size,
        page_token: page_token.to_owned(),
    };
    let reply = person
        .client()
        .list_task_completions(person.request(message))
        .await;
    reply.map(Response::into_inner)
}

async fn completed_times(service: &Service, person: &Person<'_>, times: i32) -> pb::Task {
    let task = made(person, recurring("FREQ=DAILY", on(2026, 12, 1))).await;
    for _ in 0..times {
        service.hand.advance(Duration::from_secs(1));
        person.complete(&task.id).await.expect("completed");
    }
    task
}

#[tokio::test]
async fn completions_come_newest_first_and_those_taken_back_are_marked() {
    let service = Service::start().await;
    let alice = service.person();
    let task = completed_times(&service, &alice, 3).await;
    alice.reopen(&task.id).await.unwrap();
    let found = alice.completions(&task.id).await;
    let days: Vec<_> = found
        .iter()
        .map(|completion| completion.occurrence.clone().unwrap().date.unwrap().day)
        .collect();
    assert_eq!(days, [3, 2, 1]);
    let undone: Vec<_> = found
        .iter()
        .map(|completion| completion.undo_time.is_some())
        .collect();
    assert_eq!(undone, [true, false, false]);
    alice.delete(&task.id).await.unwrap();
    assert_eq!(alice.completions(&task.id).await, found, "the trash can be read");
}

#[tokio::test]
async fn pages_have_each_completion_once_while_others_are_made() {
    let service = Service::start().await;
    let alice = service.person();
    let task = completed_times(&service, &alice, 5).await;
    let all = alice.completions(&task.id).await;
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let reply = page(&alice, &task.id, 2, &token).await.unwrap();
        found.extend(reply.completions);
        token = reply.next_page_token;
        if token.is_empty() {
            break;
        }
        service.hand.advance(Duration::from_secs(1));
        alice.complete(&task.id).await.unwrap();
    }
    assert_eq!(found, all);
}

#[tokio::test]
async fn a_page_token_of_another_task_or_person_is_refused() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let task = completed_times(&service, &alice, 2).await;
    let other = completed_times(&service, &alice, 2).await;
    let bobs = completed_times(&service, &bob, 2).await;
    let token = page(&alice, &task.id, 1, "").await.unwrap().next_page_token;
    let of_bob = page(&bob, &bobs.id, 1, "").await.unwrap().next_page_token;
    for (id, token) in [
        (&other.id, &token),
        (&task.id, &of_bob),
        (&task.id, &"AAAA".to_owned()),
    ] {
        let refused = page(&alice, id, 1, token).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::PageTokenInvalid);
    }
    assert_eq!(
        page(&alice, &task.id, 1, &token).await.unwrap().completions.len(),
        1
    );
}

#[tokio::test]
async fn a_task_that_is_not_there_and_a_negative_size_are_refused() {
    let service = Service::start().await;
    let alice = service.person();
    let refused = page(&alice, &uuid(1), 0, "").await;
    assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
    assert_violations(page(&alice, "x", -1, "").await, &["id", "page_size"]);
}
