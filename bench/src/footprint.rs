//! What a service costs before anybody calls it: the time of its start, and its memory at rest.

use std::time::Duration;

use proto::auth::v1::GetUserRequest;
use proto::auth::v1::account_service_client::AccountServiceClient;
use proto::tasks::v1::GetTaskRequest;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use tonic::Status;
use tonic::transport::Channel;

use crate::calls::request;
use crate::people::Person;
use crate::process;
use crate::service::{Running, Service};

const STARTS: usize = 5;
/// In this time what a start and a first call leave behind comes to rest.
const REST: Duration = Duration::from_secs(1);

/// What a service takes when nobody calls.
#[derive(Debug)]
pub(crate) struct Footprint {
    pub(crate) name: &'static str,
    pub(crate) idle_mb: Option<f64>,
    pub(crate) after_load_mb: Option<f64>,
    /// From its start to the answer of a call that reads Postgres, each time.
    pub(crate) ready_ms: Vec<f64>,
}

/// Starts both services on their migrated databases several times, and leaves them running.
pub(crate) async fn measure(
    auth: &Service,
    tasks: &Service,
    person: &Person,
) -> anyhow::Result<(Running, Running, Vec<Footprint>)> {
    let get_user = async |channel| {
        let request = request(GetUserRequest {}, Some(&person.bearer));
        AccountServiceClient::new(channel).get_user(request).await
    };
    let get_task = async |channel| {
        let id = person.tasks[0].id.clone();
        let request = request(GetTaskRequest { id }, Some(&person.bearer));
        TaskServiceClient::new(channel).get_task(request).await
    };
    let (auth, auth_ready_ms) = start_often(auth, get_user).await?;
    let (tasks, tasks_ready_ms) = start_often(tasks, get_task).await?;
    tokio::time::sleep(REST).await;
    let footprints = vec![
        Footprint::new("auth-service", &auth, auth_ready_ms),
        Footprint::new("task-service", &tasks, tasks_ready_ms),
    ];
    Ok((auth, tasks, footprints))
}

async fn start_often<T>(
    service: &Service,
    call: impl AsyncFn(Channel) -> Result<T, Status>,
) -> anyhow::Result<(Running, Vec<f64>)> {
    let (mut running, _) = service.start(&call).await?;
    let mut ready_ms = vec![running.ready.as_secs_f64() * 1e3];
    while ready_ms.len() < STARTS {
        running.kill().await?;
        (running, _) = service.start(&call).await?;
        ready_ms.push(running.ready.as_secs_f64() * 1e3);
    }
    Ok((running, ready_ms))
}

impl Footprint {
    fn new(name: &'static str, running: &Running, ready_ms: Vec<f64>) -> Self {
        Self {
            name,
            idle_mb: running.pid().and_then(process::pss_mb),
            after_load_mb: None,
            ready_ms,
        }
    }
}
