//! What each service says about itself: reflection in both versions, health by its names, metrics.

use std::net::SocketAddr;

use proto::tasks::v1::ListTasksRequest;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::{v1, v1alpha};

use crate::harness::{Person, System, anonymous, grpc_web};

const AUTH: [&str; 6] = [
    "tandem.auth.v1.AuthService",
    "tandem.auth.v1.AccountService",
    "tandem.auth.v1.AdminService",
    "tandem.auth.v1.KeyService",
    "tandem.auth.v1.ServiceTokenService",
    "tandem.auth.v1.RevocationService",
];
const TASKS: [&str; 7] = [
    "tandem.tasks.v1.TaskService",
    "tandem.tasks.v1.ListService",
    "tandem.tasks.v1.ChangeService",
    "tandem.tasks.v1.LabelService",
    "tandem.tasks.v1.UsageService",
    "tandem.tasks.v1.OwnerService",
    "tandem.tasks.v1.TransferService",
];

/// The two versions have the same words in different packages.
macro_rules! listed_by {
    ($version:ident, $channel:expr) => {{
        use $version::server_reflection_client::ServerReflectionClient;
        use $version::server_reflection_request::MessageRequest;
        use $version::server_reflection_response::MessageResponse;
        let request = $version::ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let mut client = ServerReflectionClient::new($channel);
        let answers = client.server_reflection_info(tokio_stream::once(request)).await;
        let answer = answers.unwrap().into_inner().message().await.unwrap().unwrap();
        match answer.message_response {
            Some(MessageResponse::ListServicesResponse(list)) => list
                .service
                .into_iter()
                .map(|service| service.name)
                .collect::<Vec<_>>(),
            other => panic!("no list of services: {other:?}"),
        }
    }};
}

#[tokio::test]
async fn reflection_lists_every_service_in_both_versions() {
    let system = System::shared().await;
    for (channel, services) in [
        (system.auth_channel(), &AUTH[..]),
        (system.tasks_channel(), &TASKS),
    ] {
        let now = listed_by!(v1, channel.clone());
        let before = listed_by!(v1alpha, channel);
        for service in services.iter().chain(&["grpc.health.v1.Health"]) {
            assert!(now.iter().any(|name| name == service), "{service} in {now:?}");
            assert!(
                before.iter().any(|name| name == service),
                "{service} in {before:?}"
            );
        }
    }
}

#[tokio::test]
async fn health_knows_liveness_readiness_and_the_database_apart() {
    let system = System::shared().await;
    for (channel, services) in [
        (system.auth_channel(), &AUTH[..]),
        (system.tasks_channel(), &TASKS),
    ] {
        for name in services.iter().chain(&["", "tandem.database"]) {
            let status = health(&channel, name).await.unwrap();
            assert_eq!(status, ServingStatus::Serving, "{name:?}");
        }
        let refused = health(&channel, "tandem.nothing").await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    }
}

async fn health(channel: &Channel, name: &str) -> Result<ServingStatus, Status> {
    let request = HealthCheckRequest {
        service: name.to_owned(),
    };
    let answer = HealthClient::new(channel.clone()).check(request).await?;
    Ok(answer.into_inner().status())
}

#[tokio::test]
async fn metrics_count_calls_by_method_and_code() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    alice.adds(&system, "Count").await;
    let request = anonymous(ListTasksRequest::default());
    system.task_service().list_tasks(request).await.unwrap_err();

    let auth = page(system.auth_metrics).await;
    assert!(counted(&auth, "SignUp", "OK"), "{auth}");
    let tasks = page(system.tasks_metrics).await;
    assert!(counted(&tasks, "CreateTask", "OK"), "{tasks}");
    assert!(counted(&tasks, "ListTasks", "UNAUTHENTICATED"), "{tasks}");
}

async fn page(address: SocketAddr) -> String {
    let page = grpc_web::get(address, "/metrics")
        .await
        .expect("metrics are served");
    assert!(page.status().is_success());
    page.into_body()
}

fn counted(page: &str, method: &str, code: &str) -> bool {
    let (method, code) = (format!("/{method}\""), format!("code=\"{code}\""));
    page.lines().any(|line| {
        let counts = line.starts_with("tandem_rpc_duration_seconds_count{");
        counts && line.contains(&method) && line.contains(&code) && !line.ends_with(" 0")
    })
}
