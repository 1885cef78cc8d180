//! What a person uses of their limits, and how often they may call.

use std::time::Duration;

use proto::access_token::{Actor, Claims};
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::usage_service_client::UsageServiceClient;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt as _;

use crate::harness::{Person, Service, assert_refused, titled, uuid};

const SLOW: [(&str, &str); 2] = [
    ("TANDEM_TASKS_LIMIT_CALLS_PER_SECOND", "2"),
    ("TANDEM_TASKS_LIMIT_CALLS_BURST", "4"),
];

impl Person<'_> {
    async fn usage(&self) -> Result<pb::Usage, Status> {
        let request = self.request(pb::GetUsageRequest {});
        let reply = UsageServiceClient::new(self.channel()).get_usage(request).await;
        reply.map(Response::into_inner)
    }

    /// What of so many calls came through.
    async fn calls_passed(&self, calls: usize) -> usize {
        let mut passed = 0;
        for _ in 0..calls {
            passed += usize::from(self.usage().await.is_ok());
        }
        passed
    }
}

/// A call too many: which quota, and how long to wait.
#[track_caller]
fn assert_too_often<T>(result: Result<T, Status>) -> Duration {
    let status = assert_refused(result, Code::ResourceExhausted, ErrorReason::QuotaExceeded);
    let quota = status.get_details_quota_failure().expect("a QuotaFailure");
    assert_eq!(quota.violations[0].subject, "calls");
    let retry = status.get_details_retry_info().expect("a RetryInfo");
    retry.retry_delay.expect("a delay")
}

#[tokio::test]
async fn usage_is_what_is_stored_the_trash_too_beside_the_limits_of_the_deployment() {
    let service = Service::start_with(&[("TANDEM_TASKS_LIMIT_TASKS", "7")]).await;
    let (alice, bob) = (service.person(), service.person());
    let nothing = alice.usage().await.unwrap();
    assert_eq!((nothing.tasks, nothing.lists, nothing.stored_bytes), (0, 0, 0));
    let mut request = titled("Brot");
    let task = request.task.as_mut().unwrap();
    task.notes = "Körner".to_owned();
    task.labels = vec!["shop".to_owned()];
    let made = alice.create(request).await.unwrap();
    alice.create(titled("Milk")).await.unwrap();
    alice.delete(&made.id).await.unwrap();
    let expected = pb::Usage {
        tasks: 2,
        tasks_limit: 7,
        lists: 0,
        lists_limit: 10_000,
        stored_bytes: 4 + 7 + 4 + 4,
        stored_bytes_limit: 1 << 30,
        open_streams: 0,
        open_streams_limit: 32,
        calls_per_second_limit: 200,
        burst_limit: 2000,
    };
    assert_eq!(alice.usage().await.unwrap(), expected);
    assert_eq!(bob.usage().await.unwrap().tasks, 0);
}

#[tokio::test]
async fn usage_of_a_deleted_account_is_refused() {
    let service = Service::start().await;
    let claims = service.claims();
    let alice = service.person_with(&service.header(), &claims);
    alice.create(titled("Hers")).await.unwrap();
    assert!(service.purger().purge(&claims.sub).await.unwrap());
    assert_refused(
        alice.usage().await,
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
    );
}

#[tokio::test]
async fn somebody_who_calls_too_often_waits_whatever_they_call_and_nobody_else_does() {
    let service = Service::start_with(&SLOW).await;
    let (alice, bob) = (service.person(), service.person());
    assert_eq!(alice.calls_passed(4).await, 4);
    let wait = assert_too_often(alice.create(titled("Too soon")).await);
    assert_too_often(alice.get(&uuid(404)).await);
    assert!(!wait.is_zero() && wait <= Duration::from_millis(500), "{wait:?}");
    assert_eq!(bob.calls_passed(4).await, 4);
    service.hand.advance(wait);
    alice.create(titled("In time")).await.unwrap();
    assert_too_often(alice.usage().await);
    let refused = "tandem_tasks_quota_refusals_total{quota=\"calls\"}";
    assert!(service.metrics().contains(refused), "{}", service.metrics());
}

#[tokio::test]
async fn who_acts_for_a_person_calls_as_that_person() {
    let service = Service::start_with(&SLOW).await;
    let claims = service.claims();
    let act = Some(Actor {
        sub: "service:reports".to_owned(),
    });
    let alice = service.person_with(&service.header(), &claims);
    let delegate = service.person_with(&service.header(), &Claims { act, ..claims });
    assert_eq!(alice.calls_passed(2).await, 2);
    assert_eq!(delegate.calls_passed(3).await, 2);
    assert_too_often(alice.usage().await);
}

#[tokio::test]
async fn a_service_that_calls_for_itself_is_not_counted() {
    let service = Service::start_with(&SLOW).await;
    let purger = service.purger();
    for number in 0..6 {
        assert!(purger.purge(&uuid(number)).await.unwrap());
    }
}

#[tokio::test]
async fn a_call_too_many_is_refused_before_the_database_is_asked() {
    let (service, proxy) = Service::start_behind_proxy_with(&SLOW).await;
    let alice = service.person();
    assert_eq!(alice.calls_passed(4).await, 4);
    proxy.cut();
    assert_too_often(alice.usage().await);
}

#[tokio::test]
async fn a_message_above_four_mebibytes_is_refused_before_it_is_read() {
    let service = Service::start().await;
    let alice = service.person();
    let mut request = titled("Long");
    request.task.as_mut().unwrap().notes = "n".repeat(4 * 1024 * 1024);
    assert_refused(
        alice.create(request.clone()).await,
        Code::ResourceExhausted,
        ErrorReason::MessageTooLarge,
    );
    request.task.as_mut().unwrap().notes.truncate(3 * 1024 * 1024);
    assert_refused(
        alice.create(request).await,
        Code::InvalidArgument,
        ErrorReason::FieldInvalid,
    );
}
