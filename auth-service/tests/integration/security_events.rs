//! AccountService.ListSecurityEvents, what is written, and how long it is kept.

use proto::auth::v1 as pb;
use proto::auth::v1::security_event::Kind;
use proto::errors::v1::ErrorReason;
use tonic::Code;

use crate::harness::{Person, Service, assert_invalid, assert_refused};

fn kinds(events: &[pb::SecurityEvent]) -> Vec<Kind> {
    events.iter().map(pb::SecurityEvent::kind).collect()
}

async fn page(
    service: &Service,
    person: &Person<'_>,
    page_size: i32,
    page_token: &str,
) -> Result<pb::ListSecurityEventsResponse, tonic::Status> {
    let request = person.request(pb::ListSecurityEventsRequest {
        page_size,
        page_token: page_token.to_owned(),
    });
    let reply = service.account().list_security_events(request).await?;
    Ok(reply.into_inner())
}

#[tokio::test]
async fn a_person_sees_what_happened_to_their_account_newest_first_and_nothing_of_others() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    service.seconds_pass(1);
    service
        .sign_in("ANN@example.org", "a wrong guess")
        .await
        .expect_err("wrong");
    service.seconds_pass(1);
    let again = service
        .sign_in("ann@example.org", crate::harness::PASSWORD)
        .await
        .expect("right");

    let events = ann.security_events().await;
    assert_eq!(
        kinds(&events),
        [Kind::SignedIn, Kind::SignInFailed, Kind::SignedUp]
    );
    assert_eq!(events[0].session_id, again.session_id);
    assert_eq!(events[1].session_id, "");
    assert_eq!(events[2].session_id, ann.session.session_id);
    for event in &events {
        assert_eq!(event.user_id, ann.user().id);
        assert_eq!(event.ip_address, "127.0.0.1");
        assert!(event.user_agent.contains("tonic"), "{event:?}");
    }
    assert_eq!(kinds(&bob.security_events().await), [Kind::SignedUp]);
}

#[tokio::test]
async fn a_guess_at_an_unknown_email_is_written_down_as_nobodys() {
    let service = Service::start().await;
    service
        .sign_in("nobody@example.org", "a wrong guess")
        .await
        .expect_err("unknown");
    let nobodys = "SELECT count(*) FROM security_events WHERE user_id IS NULL AND kind = 'sign_in_failed'";
    assert_eq!(service.count(nobodys).await, 1);
}

#[tokio::test]
async fn pages_end_where_the_next_begins_and_their_tokens_fit_one_person() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    for _ in 0..4 {
        service.seconds_pass(1);
        service
            .sign_in(&ann.email, crate::harness::PASSWORD)
            .await
            .expect("right");
    }
    let whole = ann.security_events().await;
    let (mut gathered, mut token) = (Vec::new(), String::new());
    loop {
        let reply = page(&service, &ann, 2, &token).await.expect("a page");
        assert!(reply.security_events.len() <= 2);
        gathered.extend(reply.security_events);
        if reply.next_page_token.is_empty() {
            break;
        }
        token = reply.next_page_token;
    }
    assert_eq!(gathered, whole);

    let another = page(&service, &bob, 2, &token).await;
    assert_refused(another, Code::InvalidArgument, ErrorReason::PageTokenInvalid);
    assert_invalid(page(&service, &ann, -1, "").await, &["page_size"]);
}

#[tokio::test]
async fn events_go_after_the_configured_time_and_not_before() {
    let service = Service::start_with(&[("TANDEM_AUTH_SECURITY_EVENTS_DAYS", "30")]).await;
    let ann = service.person("ann@example.org").await;
    service.days_pass(20);
    service
        .sign_in(&ann.email, crate::harness::PASSWORD)
        .await
        .expect("right");
    auth_service::housekeeping::sweep(&service.app)
        .await
        .expect("swept");
    let events = "SELECT count(*) FROM security_events";
    assert_eq!(service.count(events).await, 2);
    service.days_pass(11);
    auth_service::housekeeping::sweep(&service.app)
        .await
        .expect("swept");
    assert_eq!(service.count(events).await, 1);
}

#[tokio::test]
async fn sessions_that_are_over_go_a_day_later_with_their_tokens_and_living_ones_stay() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service.sign_out(&ann.session.refresh_token).await.expect("out");
    let mut bob = service.person("bob@example.org").await;
    let (sessions, tokens) = (
        "SELECT count(*) FROM sessions",
        "SELECT count(*) FROM refresh_tokens",
    );
    auth_service::housekeeping::sweep(&service.app)
        .await
        .expect("swept");
    assert_eq!(service.count(sessions).await, 2);
    service.days_pass(2);
    auth_service::housekeeping::sweep(&service.app)
        .await
        .expect("swept");
    assert_eq!(
        (service.count(sessions).await, service.count(tokens).await),
        (1, 1)
    );
    bob.refresh().await.expect("alive");
}
