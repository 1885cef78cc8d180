//! Liveness, readiness and the database, apart.

use chassis::probe::{self, ProbeError};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_types::StatusExt as _;

use crate::harness::{PATIENCE, Running, config, reason, retry_delay, start, start_with};

/// Follows one name, so that tests await a change instead of asking again and again.
pub(crate) struct Readiness(tonic::Streaming<HealthCheckResponse>);

impl Readiness {
    pub(crate) async fn watch(server: &Running, service: &str) -> Self {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let stream = HealthClient::new(server.channel().await)
            .watch(request)
            .await
            .unwrap();
        Self(stream.into_inner())
    }

    pub(crate) async fn becomes(&mut self, serving: bool) {
        let wanted = if serving {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        let seen = async {
            while self
                .0
                .message()
                .await
                .unwrap()
                .expect("the watch goes on")
                .status()
                != wanted
            {}
        };
        timeout(PATIENCE, seen).await.expect("the status changes");
    }
}

#[tokio::test]
async fn a_starting_service_is_alive_not_ready_and_asks_callers_to_come_back() {
    let (go, wait) = oneshot::channel::<()>();
    let server = start_with(config(), |server| server.starting(wait)).await;
    let url = format!("http://{}", server.addr);
    probe::check(&url, "").await.unwrap();
    assert!(matches!(
        probe::check(&url, "test.Echo").await,
        Err(ProbeError::NotServing)
    ));

    let refusal = server.say("early").await.unwrap_err();
    assert_eq!(
        (refusal.code(), reason(&refusal).as_str()),
        (Code::Unavailable, "SERVICE_UNAVAILABLE")
    );
    assert!(retry_delay(&refusal.get_error_details()).is_some());

    let mut readiness = Readiness::watch(&server, "test.Echo").await;
    go.send(()).unwrap();
    readiness.becomes(true).await;
    assert_eq!(server.say("now").await.unwrap().into_inner(), "now");
}

#[tokio::test]
async fn work_that_needs_the_start_begins_after_it() {
    let (go, wait) = oneshot::channel::<()>();
    let (begun, mut begins) = oneshot::channel::<()>();
    let server = start_with(config(), |server| {
        server.starting(wait).afterwards(async {
            begun.send(()).unwrap();
        })
    })
    .await;
    probe::check(&format!("http://{}", server.addr), "")
        .await
        .unwrap();
    assert_eq!(begins.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    go.send(()).unwrap();
    timeout(PATIENCE, begins).await.expect("it begins").unwrap();
}

#[tokio::test]
async fn a_failed_start_ends_the_server_with_its_reason() {
    let server = start_with(config(), |server| server.starting(async { Err("no schema") })).await;
    let error = server.ended.await.unwrap().unwrap_err();
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "no schema"
    );
}

#[tokio::test]
async fn work_beside_the_calls_that_panics_ends_the_server_and_work_that_is_done_does_not() {
    let (fail, failing) = tokio::sync::oneshot::channel::<()>();
    let server = start_with(config(), |server| {
        server.background(async {}).background(async {
            let _ = failing.await;
            panic!("on purpose")
        })
    })
    .await;
    Readiness::watch(&server, "test.Echo").await.becomes(true).await;
    drop(fail);
    let error = server.ended.await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "work beside the calls ended");
}

#[tokio::test]
async fn the_loss_of_the_database_changes_its_own_entry_only() {
    let server = start().await;
    let url = format!("http://{}", server.addr);
    Readiness::watch(&server, "test.Echo").await.becomes(true).await;
    server.health.database(true).await;
    probe::check(&url, chassis::health::DATABASE).await.unwrap();
    server.health.database(false).await;
    assert!(matches!(
        probe::check(&url, chassis::health::DATABASE).await,
        Err(ProbeError::NotServing)
    ));
    probe::check(&url, "test.Echo").await.unwrap();
    probe::check(&url, "").await.unwrap();
}

#[tokio::test]
async fn a_probe_says_why_it_fails() {
    let server = start().await;
    let url = format!("http://{}", server.addr);
    assert!(matches!(
        probe::check(&url, "no.Such").await,
        Err(ProbeError::Refused(_))
    ));
    assert!(matches!(
        probe::check("http://127.0.0.1:1", "").await,
        Err(ProbeError::Unreachable(..))
    ));
    assert!(matches!(
        probe::check("not a url", "").await,
        Err(ProbeError::Address(_))
    ));
    assert_eq!(
        probe::local_url("0.0.0.0:50051".parse().unwrap(), false),
        "http://127.0.0.1:50051"
    );
    assert_eq!(
        probe::local_url("[::]:50051".parse().unwrap(), true),
        "https://[::1]:50051"
    );
}
