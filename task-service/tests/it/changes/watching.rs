//! `WatchChanges`: a stream that goes on where the pages end, and ends by itself.

mod ending;
mod following;
mod waking;

use std::time::Duration;

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::change::Change;
use task_service::streams::Pace;
use tokio::time::{Instant, timeout};
use tonic::{Code, Status, Streaming};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use crate::harness::{Person, Service, assert_refused, titled};

const ALICE: Uuid = Uuid::from_u128(0xa11ce);
/// Long enough for a machine that has much else to do.
const SOON: Duration = Duration::from_secs(20);

/// A stream, and the last token that came on it.
pub(super) struct Watch {
    stream: Streaming<pb::WatchChangesResponse>,
    token: String,
}

impl Watch {
    pub(super) async fn begin(person: &Person<'_>, token: &str) -> Self {
        let stream = person.watch(token).await.expect("let in");
        Self {
            stream,
            token: token.to_owned(),
        }
    }

    pub(super) async fn next(&mut self) -> Result<Option<pb::WatchChangesResponse>, Status> {
        let next = timeout(SOON, self.stream.message()).await;
        let next = next.expect("something comes");
        if let Ok(Some(message)) = &next {
            self.token = message.next_sync_token.clone();
        }
        next
    }

    /// The titles up to the next checkpoint.
    async fn titles(&mut self) -> Vec<String> {
        let mut titles = Vec::new();
        loop {
            let message = self.next().await.expect("it lives").expect("it goes on");
            for change in message.changes {
                if let Some(Change::Task(task)) = change.change {
                    titles.push(task.title);
                }
            }
            if message.checkpoint {
                return titles;
            }
        }
    }

    /// How it ends, whatever comes before.
    async fn end(mut self) -> (Result<(), Status>, String) {
        loop {
            match self.next().await {
                Ok(Some(_)) => {}
                Ok(None) => return (Ok(()), self.token),
                Err(status) => return (Err(status), self.token),
            }
        }
    }
}

fn pace() -> Pace {
    Pace::default()
}

#[tokio::test]
async fn a_stream_begins_with_what_there_is_and_goes_on_with_what_comes() {
    let service = Service::start().await;
    let alice = service.person();
    alice.create(titled("Before")).await.unwrap();
    let mut watch = Watch::begin(&alice, "").await;
    assert_eq!(watch.titles().await, ["Before"]);
    alice.create(titled("After")).await.unwrap();
    assert_eq!(watch.titles().await, ["After"]);

    // The tokens are those of the pages, in both directions.
    let token = watch.token.clone();
    drop(watch);
    alice.create(titled("Meanwhile")).await.unwrap();
    let page = alice.changes(&token, 0).await.unwrap();
    assert_eq!(page.changes.len(), 1);
    let mut again = Watch::begin(&alice, &token).await;
    assert_eq!(again.titles().await, ["Meanwhile"]);
    let mut later = Watch::begin(&alice, &page.next_sync_token).await;
    assert_eq!(
        later.titles().await,
        [""; 0],
        "a checkpoint comes although nothing has changed"
    );
}

#[tokio::test]
async fn without_changes_checkpoints_come_and_their_tokens_stay() {
    let service = Service::start_streaming(Pace {
        checkpoint: Duration::from_millis(100),
        ..pace()
    })
    .await;
    let alice = service.person();
    alice.create(titled("Hers")).await.unwrap();
    let mut watch = Watch::begin(&alice, "").await;
    let first = watch.next().await.unwrap().unwrap();
    for _ in 0..5 {
        let next = watch.next().await.unwrap().unwrap();
        assert!(next.checkpoint && next.changes.is_empty());
        assert_eq!(next.next_sync_token, first.next_sync_token);
    }
}

#[tokio::test]
async fn a_stream_of_much_comes_in_small_messages_and_one_checkpoint() {
    let service = Service::start().await;
    let alice = service.person();
    for number in 0..40 {
        let mut request = titled(&format!("{number}"));
        request.task.as_mut().unwrap().notes = "x".repeat(16 * 1024);
        alice.create(request).await.unwrap();
    }
    let mut watch = Watch::begin(&alice, "").await;
    let (mut messages, mut changes) = (0, 0);
    loop {
        let message = watch.next().await.unwrap().unwrap();
        messages += 1;
        changes += message.changes.len();
        assert!(message.changes.len() <= 8, "{}", message.changes.len());
        if message.checkpoint {
            break;
        }
    }
    assert_eq!(changes, 40);
    assert!(messages >= 5);
}

#[tokio::test]
async fn tokens_that_the_pages_refuse_the_stream_refuses_too() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person_of(ALICE));
    bob.create(titled("His")).await.unwrap();
    let bobs = bob.changes("", 0).await.unwrap().next_sync_token;
    assert_refused(
        alice.watch(&bobs).await,
        Code::InvalidArgument,
        ErrorReason::SyncTokenInvalid,
    );
    let mut watch = Watch::begin(&bob, &bobs).await;
    assert_eq!(watch.titles().await, [""; 0]);
    // A backup is restored while the stream is open.
    sqlx::raw_sql("UPDATE feed_epoch SET epoch = gen_random_uuid()")
        .execute(&service.database.pool())
        .await
        .unwrap();
    let told = async {
        bob.create(titled("Anew")).await.unwrap();
        watch.end().await.0
    };
    assert_refused(
        told.await,
        Code::FailedPrecondition,
        ErrorReason::SyncTokenExpired,
    );
}

#[tokio::test]
async fn one_stream_too_many_is_refused_until_another_ends_and_nobody_else_is() {
    let service = Service::start_with(&[("TANDEM_TASKS_LIMIT_STREAMS", "2")]).await;
    let alice = service.person_of(ALICE);
    let mut first = Watch::begin(&alice, "").await;
    let _second = Watch::begin(&alice, "").await;
    let status = assert_refused(
        alice.watch("").await,
        Code::ResourceExhausted,
        ErrorReason::QuotaExceeded,
    );
    let quota = status.get_details_quota_failure().expect("which quota");
    assert_eq!(quota.violations[0].subject, "streams");
    Watch::begin(&service.person(), "").await;
    first.titles().await;
    drop(first);
    // The server hears of it in a moment.
    let end = Instant::now() + SOON;
    while alice.watch("").await.is_err() {
        assert!(Instant::now() < end, "the place is never free again");
        tokio::task::yield_now().await;
    }
}
