//! When a stream ends, and how: with its time, its token, its person, its server, its database or its reader.

use std::time::Duration;

use proto::access_token::Claims;
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::change_service_client::ChangeServiceClient;
use task_service::streams::Pace;
use tokio::time::Instant;
use tonic::Code;
use tonic_types::StatusExt as _;

use super::{ALICE, Watch, pace};
use crate::changes::copy::Copy;
use crate::harness::{Service, assert_refused, titled};

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
