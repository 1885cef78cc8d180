//! `WatchChanges`: a stream that goes on where the pages end, and ends by itself.

use std::time::Duration;

use proto::access_token::Claims;
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::change::Change;
use proto::tasks::v1::change_service_client::ChangeServiceClient;
use task_service::streams::Pace;
use tokio::time::{Instant, timeout};
use tonic::{Code, Status, Streaming};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use super::copy::{Copy, server_state};
use super::writers::{Dice, write_at_random};
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
async fn a_write_at_another_replica_is_seen_long_before_the_next_look() {
    let service = Service::start_streaming(Pace {
        poll: Duration::from_secs(60),
        checkpoint: Duration::from_secs(60),
        ..pace()
    })
    .await;
    let other = service.replica().await;
    let mut watch = Watch::begin(&service.person_of(ALICE), "").await;
    assert_eq!(watch.titles().await, [""; 0]);
    for number in 0..5 {
        let title = number.to_string();
        other.person_of(ALICE).create(titled(&title)).await.unwrap();
        assert_eq!(watch.titles().await, [title]);
    }
}

#[tokio::test]
async fn a_write_that_nobody_tells_of_is_seen_at_the_next_look() {
    let service = Service::start_streaming(Pace {
        // Words are heard, so that there is a look before each checkpoint and none in between.
        poll: Duration::from_secs(60),
        checkpoint: Duration::from_millis(100),
        ..pace()
    })
    .await;
    let alice = service.person_of(ALICE);
    alice.create(titled("Hers")).await.unwrap();
    let mut watch = Watch::begin(&alice, "").await;
    assert_eq!(watch.titles().await, ["Hers"]);
    let silently = "UPDATE tasks SET title = 'Silently', revision = 2; UPDATE owners SET revision = 2";
    sqlx::raw_sql(silently)
        .execute(&service.database.pool())
        .await
        .unwrap();
    while watch.titles().await != ["Silently"] {}
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
async fn a_stream_ends_well_after_its_time_with_a_token_to_go_on_from() {
    let service = Service::start_streaming(Pace {
        life: Duration::from_millis(300)..Duration::from_millis(400),
        ..pace()
    })
    .await;
    let alice = service.person();
    alice.create(titled("Hers")).await.unwrap();
    let begun = Instant::now();
    let (end, token) = Watch::begin(&alice, "").await.end().await;
    end.expect("OK");
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert!(alice.changes(&token, 0).await.unwrap().changes.is_empty());
    alice.create(titled("Meanwhile")).await.unwrap();
    assert_eq!(Watch::begin(&alice, &token).await.titles().await, ["Meanwhile"]);
}

#[tokio::test]
async fn a_server_that_stops_ends_streams_well() {
    let service = Service::start().await;
    let alice = service.person();
    alice.create(titled("Hers")).await.unwrap();
    let mut watch = Watch::begin(&alice, "").await;
    assert_eq!(watch.titles().await, ["Hers"]);
    service.drain();
    let (end, token) = watch.end().await;
    end.expect("OK");
    assert!(!token.is_empty());
}

#[tokio::test]
async fn a_stream_ends_when_its_token_expires() {
    let service = Service::start().await;
    let claims = Claims {
        exp: service.claims().exp - 599,
        ..service.claims()
    };
    let alice = service.person_with(&service.header(), &claims);
    let (end, _) = Watch::begin(&alice, "").await.end().await;
    assert_refused(end, Code::Unauthenticated, ErrorReason::TokenExpired);
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
async fn who_is_purged_has_the_stream_ended() {
    let service = Service::start_streaming(Pace {
        poll: Duration::from_millis(50),
        ..pace()
    })
    .await;
    let alice = service.person_of(ALICE);
    alice.create(titled("Hers")).await.unwrap();
    let mut watch = Watch::begin(&alice, "").await;
    watch.titles().await;
    assert!(service.purger().purge(&ALICE.to_string()).await.unwrap());
    assert_refused(
        watch.end().await.0,
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
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

#[tokio::test]
async fn a_short_loss_of_postgres_is_not_noticed() {
    let (service, proxy) = Service::start_streaming_behind_proxy(Pace {
        retry: Duration::from_millis(50),
        poll: Duration::from_millis(50),
        ..pace()
    })
    .await;
    let alice = service.person();
    let mut watch = Watch::begin(&alice, "").await;
    assert_eq!(watch.titles().await, [""; 0]);
    for title in ["First", "Second"] {
        proxy.cut();
        assert!(alice.create(titled("Lost")).await.is_err());
        proxy.restore();
        // A connection that broke and rested for less than a second is found out by whoever uses it.
        while alice.create(titled(title)).await.is_err() {}
        assert_eq!(watch.titles().await, [title]);
    }
}

#[tokio::test]
async fn a_long_loss_of_postgres_ends_the_stream_with_a_delay_to_come_again_after() {
    let (service, proxy) = Service::start_streaming_behind_proxy(Pace {
        retry: Duration::from_millis(20),
        poll: Duration::from_millis(20),
        outage: Duration::from_millis(200),
        ..pace()
    })
    .await;
    let alice = service.person();
    alice.create(titled("Hers")).await.unwrap();
    let mut watch = Watch::begin(&alice, "").await;
    watch.titles().await;
    proxy.cut();
    let (end, token) = watch.end().await;
    let status = assert_refused(end, Code::Unavailable, ErrorReason::DatabaseUnavailable);
    assert!(status.get_details_retry_info().is_some());
    // Whoever comes now is told at once.
    let (end, _) = Watch::begin(&alice, &token).await.end().await;
    assert_refused(end, Code::Unavailable, ErrorReason::DatabaseUnavailable);
    proxy.restore();
    assert_eq!(Watch::begin(&alice, &token).await.titles().await, [""; 0]);
}

#[tokio::test]
async fn a_reader_who_stops_reading_costs_little_memory_and_is_let_go() {
    let service = Service::start_streaming(Pace {
        reader: Duration::from_millis(500),
        ..pace()
    })
    .await;
    let alice = service.person_of(ALICE);
    alice.create(titled("Hers")).await.unwrap();
    // 64 MiB of tasks, as rows alone.
    let many = "INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time, update_time)
         SELECT owner_id, gen_random_uuid(), n, 'x', 'x', repeat('x', 16384), 1, 'a', now(), now()
         FROM owners, generate_series(2, 4096) n;
         UPDATE owners SET revision = 4096";
    sqlx::raw_sql(many)
        .execute(&service.database.pool())
        .await
        .unwrap();
    let mut client = ChangeServiceClient::new(service.narrow_channel().await);
    let request = alice.request(pb::WatchChangesRequest::default());
    let mut watch = Watch {
        stream: client.watch_changes(request).await.unwrap().into_inner(),
        token: String::new(),
    };
    let first = watch.next().await.unwrap().unwrap();
    assert!(!first.checkpoint);
    tokio::time::sleep(Duration::from_secs(2)).await;
    // What is left is what windows and buffers held; the rest was never read from the database.
    let mut read = first.changes.len();
    while let Some(message) = watch.next().await.expect("it ends well") {
        read += message.changes.len();
    }
    assert!(
        read < 1024,
        "{read} of 4096 were kept for somebody who did not read"
    );
    // Nothing was lost: the token goes on behind what came.
    let mut copy = Copy {
        token: watch.token,
        ..Copy::default()
    };
    copy.catch_up(&alice, 1000).await;
    assert_eq!(copy.tasks.len(), 4096 - read);
}

/// Follows by streams that end all the time, at either replica, until the word; a crash now and then forgets what came.
async fn follow(replicas: &[&Service], id: Uuid, mut stop: tokio::sync::watch::Receiver<bool>) -> Copy {
    let (mut copy, mut kept, mut dice) = (Copy::default(), Copy::default(), Dice::new(7));
    loop {
        let at = replicas[dice.below(replicas.len())].person_of(id);
        let mut watch = Watch::begin(&at, &copy.token).await;
        let mut messages = 1 + dice.below(6);
        while messages > 0 {
            let message = tokio::select! {
                message = watch.next() => message.expect("no fault"),
                _ = stop.wait_for(|stop| *stop) => None,
            };
            let Some(message) = message else { break };
            copy.take_in(message.changes, message.next_sync_token);
            messages -= 1;
        }
        if *stop.borrow() {
            copy.catch_up(&at, 0).await;
            return copy;
        }
        match dice.below(8) {
            0 => copy = kept.clone(),
            1..4 => kept = copy.clone(),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_streams_across_replicas_and_crashes_while_others_write_ends_with_what_there_is() {
    const WRITERS: u64 = 8;
    let short = Pace {
        life: Duration::from_millis(50)..Duration::from_millis(800),
        checkpoint: Duration::from_millis(200),
        ..pace()
    };
    let service = Service::start_streaming(short).await;
    let replica = service.replica().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let replicas = [&service, &replica];
    let writers = async {
        let writers = (0..WRITERS).map(|seed| {
            let at = replicas[usize::try_from(seed % 2).expect("small")];
            async move { write_at_random(&at.person_of(ALICE), seed + 100, 250).await }
        });
        futures_util::future::join_all(writers).await;
        stop.send_replace(true);
    };
    let (mut copy, ()) = tokio::join!(follow(&replicas, ALICE, stopped), writers);
    copy.assert_is(&server_state(&service, ALICE).await);
    assert!(copy.tasks.len() > 100);

    // What is removed for good is removed in the copy too.
    service.hand.advance(Duration::from_secs(31 * 24 * 3600));
    assert!(service.sweep().await > 0);
    copy.catch_up(&service.person_of(ALICE), 0).await;
    copy.assert_is(&server_state(&service, ALICE).await);
}
