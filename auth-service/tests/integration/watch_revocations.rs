//! RevocationService.WatchRevocations: everything that ends a session early is told, in the order of commits, once.

use std::time::Duration;

use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tokio::time::{Instant, timeout};
use tonic::{Code, Request, Status, Streaming};

use crate::harness::{PASSWORD, Service, WATCHER, assert_refused, authorized};

const SOON: Duration = Duration::from_secs(5);

struct Watch {
    stream: Streaming<pb::WatchRevocationsResponse>,
    cursor: String,
    resets: usize,
}

impl Watch {
    async fn from(service: &Service, cursor: &str) -> Self {
        let token = service.service_token(WATCHER, "tandem.auth").await;
        let message = pb::WatchRevocationsRequest {
            cursor: cursor.to_owned(),
        };
        let request: Request<_> = authorized(&token, message);
        let stream = service
            .revocations()
            .watch_revocations(request)
            .await
            .expect("let in");
        Self {
            stream: stream.into_inner(),
            cursor: String::new(),
            resets: 0,
        }
    }

    async fn next(&mut self) -> Result<Option<pb::WatchRevocationsResponse>, Status> {
        timeout(SOON, self.stream.message())
            .await
            .expect("something comes every second")
    }

    /// Everything up to the next checkpoint.
    async fn checkpoint(&mut self) -> Vec<String> {
        let mut sessions = Vec::new();
        loop {
            let message = self.next().await.expect("the stream lives").expect("goes on");
            self.resets += usize::from(message.reset);
            sessions.extend(
                message
                    .revocations
                    .into_iter()
                    .map(|revocation| revocation.session_id),
            );
            self.cursor = message.cursor;
            if message.checkpoint {
                return sessions;
            }
        }
    }

    /// Waits until so many sessions were revoked.
    async fn sessions(&mut self, count: usize) -> Vec<String> {
        let mut sessions = Vec::new();
        let end = Instant::now() + SOON;
        while sessions.len() < count {
            assert!(Instant::now() < end, "only {sessions:?}");
            sessions.extend(self.checkpoint().await);
        }
        sessions
    }
}

async fn signed_out(service: &Service, email: &str) -> String {
    let session = service.person(email).await.session;
    service.sign_out(&session.refresh_token).await.expect("out");
    session.session_id
}

#[tokio::test]
async fn a_sign_out_is_told_once_and_an_old_token_of_the_session_tells_it_no_second_time() {
    let service = Service::start().await;
    let mut watch = Watch::from(&service, "").await;
    assert!(watch.checkpoint().await.is_empty());
    assert_eq!(watch.resets, 1, "no cursor begins with a reset");
    let ann = service.person("ann@example.org").await;
    for _ in 0..2 {
        service.sign_out(&ann.session.refresh_token).await.expect("out");
    }
    assert_eq!(watch.sessions(1).await, [ann.session.session_id]);
    assert!(watch.checkpoint().await.is_empty());
    assert_eq!(watch.resets, 1);
}

#[tokio::test]
async fn a_reused_refresh_token_revokes_its_session() {
    let service = Service::start().await;
    let mut watch = Watch::from(&service, "").await;
    let mut ann = service.person("ann@example.org").await;
    let stolen = ann.session.refresh_token.clone();
    ann.refresh().await.expect("once");
    ann.refresh().await.expect("twice");
    service.seconds_pass(31);
    let reused = service.refresh(&stolen).await;
    assert_refused(reused, Code::Unauthenticated, ErrorReason::SessionEnded);
    assert_eq!(watch.sessions(1).await, [ann.session.session_id]);
}

#[tokio::test]
async fn a_cursor_goes_on_where_it_was_and_nothing_is_told_twice() {
    let service = Service::start().await;
    let first = signed_out(&service, "ann@example.org").await;
    let mut watch = Watch::from(&service, "").await;
    assert_eq!(watch.sessions(1).await, [first]);
    let cursor = watch.cursor.clone();
    drop(watch);
    let second = signed_out(&service, "bob@example.org").await;
    let mut again = Watch::from(&service, &cursor).await;
    assert_eq!(again.sessions(1).await, [second]);
    assert_eq!(again.resets, 0);
}

#[tokio::test]
async fn a_cursor_of_another_database_or_of_nothing_starts_over_with_the_live_set() {
    let service = Service::start().await;
    let ended = signed_out(&service, "ann@example.org").await;
    for cursor in ["nonsense", "00000000000000000000000000000007.1"] {
        let mut watch = Watch::from(&service, cursor).await;
        assert_eq!(watch.sessions(1).await, std::slice::from_ref(&ended), "{cursor}");
        assert_eq!(watch.resets, 1, "{cursor}");
    }
    // A backup from before the revocation was restored.
    let mut watch = Watch::from(&service, "").await;
    watch.sessions(1).await;
    let ahead = watch.cursor.replace(".1", ".7");
    let mut watch = Watch::from(&service, &ahead).await;
    assert_eq!(watch.sessions(1).await, [ended]);
    assert_eq!(watch.resets, 1);
}

#[tokio::test]
async fn what_has_expired_is_told_no_more_and_is_deleted() {
    let service = Service::start().await;
    signed_out(&service, "ann@example.org").await;
    service.seconds_pass(11 * 60 - 1);
    let revocations = "SELECT count(*) FROM revocations";
    auth_service::housekeeping::sweep(&service.app)
        .await
        .expect("swept");
    assert_eq!(service.count(revocations).await, 1);
    service.seconds_pass(1);
    assert!(Watch::from(&service, "").await.checkpoint().await.is_empty());
    auth_service::housekeeping::sweep(&service.app)
        .await
        .expect("swept");
    assert_eq!(service.count(revocations).await, 0);
    assert_eq!(service.count("SELECT floor FROM revocation_cursor").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_end_at_once_none_is_missed_and_numbers_have_no_gaps() {
    let service = Service::start().await;
    let mut watch = Watch::from(&service, "").await;
    let ann = service.person("ann@example.org").await;
    let mut sessions = vec![ann.session.clone()];
    for _ in 0..39 {
        sessions.push(service.sign_in(&ann.email, PASSWORD).await.expect("right"));
    }
    let outs = sessions.iter().map(|session| {
        let mut auth = service.auth();
        let refresh_token = session.refresh_token.clone();
        tokio::spawn(async move { auth.sign_out(pb::SignOutRequest { refresh_token }).await })
    });
    for out in outs.collect::<Vec<_>>() {
        out.await.expect("no panic").expect("out");
    }
    let mut told = watch.sessions(sessions.len()).await;
    told.sort();
    let mut ended: Vec<_> = sessions.into_iter().map(|session| session.session_id).collect();
    ended.sort();
    assert_eq!(told, ended);
    assert_eq!(service.count("SELECT max(number) FROM revocations").await, 40);
}

#[tokio::test]
async fn a_checkpoint_comes_every_second_and_the_stream_ends_with_its_token() {
    let service = Service::start().await;
    let mut watch = Watch::from(&service, "").await;
    watch.checkpoint().await;
    let before = Instant::now();
    watch.checkpoint().await;
    assert!(before.elapsed() < Duration::from_secs(2));

    let token = service.service_token(WATCHER, "tandem.auth").await;
    service.seconds_pass(600);
    let request = authorized(&token, pb::WatchRevocationsRequest::default());
    let mut last = service
        .revocations()
        .watch_revocations(request)
        .await
        .expect("within the leeway")
        .into_inner();
    let end = loop {
        match timeout(SOON, last.message()).await.expect("it ends") {
            Ok(Some(_)) => {}
            Ok(None) => panic!("ended without a word"),
            Err(status) => break status,
        }
    };
    assert_refused(
        Err::<(), _>(end),
        Code::Unauthenticated,
        ErrorReason::TokenExpired,
    );
}
