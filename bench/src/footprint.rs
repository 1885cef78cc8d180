//! What a service costs before anybody calls it: the time of its start, and its memory at rest.

use std::time::Duration;

use proto::auth::v1::GetUserRequest;
use proto::auth::v1::account_service_client::AccountServiceClient;
use proto::tasks::v1::GetTaskRequest;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use tonic::Status;
use tonic::transport::Channel;

use crate::calls::request;
use crate::house::House;
use crate::people::Person;
use crate::process;
use crate::service::Running;
use crate::town::Town;

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

/// Starts both services so often on their migrated databases, and leaves them running.
pub(crate) async fn measure(
    house: &mut House,
    person: &Person,
    town: &Town,
    starts: usize,
) -> anyhow::Result<Vec<Footprint>> {
    let get_user = async |channel| {
        let request = request(GetUserRequest {}, Some(&person.bearer));
        AccountServiceClient::new(channel).get_user(request).await
    };
    let get_task = async |channel| {
        let turn = town.turn();
        let id = turn.task.to_string();
        let request = request(GetTaskRequest { id }, Some(turn.bearer));
        TaskServiceClient::new(channel).get_task(request).await
    };
    let auth_ready_ms = start_often(&mut house.auth, starts, get_user).await?;
    let tasks_ready_ms = start_often(&mut house.tasks[0], starts, get_task).await?;
    tokio::time::sleep(REST).await;
    Ok(vec![
        Footprint::new("auth-service", &house.auth, auth_ready_ms),
        Footprint::new("task-service", &house.tasks[0], tasks_ready_ms),
    ])
}

async fn start_often<T>(
    running: &mut Running,
    starts: usize,
    call: impl AsyncFn(Channel) -> Result<T, Status>,
) -> anyhow::Result<Vec<f64>> {
    let mut ready_ms = Vec::new();
    for _ in 0..starts {
        running.restart(&call).await?;
        ready_ms.push(running.ready.as_secs_f64() * 1e3);
    }
    Ok(ready_ms)
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
