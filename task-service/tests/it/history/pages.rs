//! Events by pages.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;

use super::retitled;
use crate::harness::{Service, assert_refused, assert_violations, titled, uuid};

#[tokio::test]
async fn pages_tell_each_event_once_while_more_happens() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.create(titled("0")).await.unwrap();
    for number in 1..=6 {
        alice
            .update(&made.id, retitled(&number.to_string()))
            .await
            .unwrap();
    }
    let mut request = pb::ListTaskEventsRequest {
        id: made.id.clone(),
        page_size: 3,
        ..Default::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = alice.events_page(request.clone()).await.unwrap();
        seen.extend(page.events);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
        alice
            .update(&made.id, retitled(&format!("Newer {}", seen.len())))
            .await
            .unwrap();
    }
    let titles: Vec<_> = seen
        .iter()
        .map(|event| event.changes[0].new_value.as_str())
        .collect();
    assert_eq!(titles, ["6", "5", "4", "3", "2", "1", "0"]);

    // A token fits its task and its person, and nothing else does.
    request.page_token.clear();
    let token = alice.events_page(request.clone()).await.unwrap().next_page_token;
    let other = alice.create(titled("Other")).await.unwrap();
    for (id, page_token) in [(&other.id, token.as_str()), (&made.id, "AAAA")] {
        let request = pb::ListTaskEventsRequest {
            id: id.clone(),
            page_token: page_token.to_owned(),
            ..Default::default()
        };
        assert_refused(
            alice.events_page(request).await,
            Code::InvalidArgument,
            ErrorReason::PageTokenInvalid,
        );
    }
    request.page_size = -1;
    request.id = "7".to_owned();
    assert_violations(alice.events_page(request).await, &["id", "page_size"]);
}

#[tokio::test]
async fn another_persons_token_for_a_page_is_refused() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let mut request = titled("The same");
    request.task_id = uuid(7);
    for person in [&alice, &bob] {
        person.create(request.clone()).await.unwrap();
        person.update(&uuid(7), retitled("New")).await.unwrap();
    }
    let first = pb::ListTaskEventsRequest {
        id: uuid(7),
        page_size: 1,
        ..Default::default()
    };
    let page_token = bob.events_page(first.clone()).await.unwrap().next_page_token;
    assert!(!page_token.is_empty());
    let second = pb::ListTaskEventsRequest { page_token, ..first };
    assert_refused(
        alice.events_page(second).await,
        Code::InvalidArgument,
        ErrorReason::PageTokenInvalid,
    );
}
