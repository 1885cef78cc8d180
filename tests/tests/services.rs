//! Other services at work in the pair: for themselves with their own token, for a person with that person's help.

use proto::auth::v1 as pb;
use proto::auth::v1::service_token_service_client::ServiceTokenServiceClient;
use proto::tasks::v1::{CreateTaskRequest, ListTasksRequest, Task};
use tonic::{Code, Status};

use crate::harness::{Person, REPORTS_SECRET, System, assert_refused, bearing};

/// A token for acting for somebody, which `reports` may.
async fn acting(system: &System, subject_token: &str) -> Result<String, Status> {
    let mut client = ServiceTokenServiceClient::new(system.auth_channel());
    let request = pb::IssueServiceTokenRequest {
        service: "reports".to_owned(),
        secret: REPORTS_SECRET.to_owned(),
        audience: "tandem.tasks".to_owned(),
        scopes: Vec::new(),
        subject_token: subject_token.to_owned(),
    };
    let issued = client.issue_service_token(request).await?;
    Ok(issued.into_inner().access_token)
}

fn a_task() -> CreateTaskRequest {
    CreateTaskRequest {
        task: Some(Task {
            title: "Not for a reader".to_owned(),
            ..Task::default()
        }),
        ..CreateTaskRequest::default()
    }
}

#[tokio::test]
async fn a_service_that_acts_for_a_person_sees_that_persons_tasks_and_no_more() {
    let system = System::shared().await;
    let (ann, bob) = (
        Person::sign_up(&system, "ann").await,
        Person::sign_up(&system, "bob").await,
    );
    let hers = ann.adds(&system, "Hers").await;
    bob.adds(&system, "His").await;
    let token = acting(&system, &ann.session.access_token)
        .await
        .expect("she helps");

    let listed = system
        .task_service()
        .list_tasks(bearing(&token, ListTasksRequest::default()))
        .await;
    let listed: Vec<_> = listed.expect("hers to read").into_inner().tasks;
    assert_eq!(listed.iter().map(|task| &task.id).collect::<Vec<_>>(), [&hers.id]);

    let refused = system.task_service().create_task(bearing(&token, a_task())).await;
    assert_refused(&refused.unwrap_err(), Code::PermissionDenied, "SCOPE_MISSING");
    assert_eq!(ann.sees(&system).await.len(), 1);

    // And her account is out of reach: the token is not even for auth-service.
    let account = system
        .account_service()
        .get_user(bearing(&token, pb::GetUserRequest {}))
        .await;
    assert_refused(&account.unwrap_err(), Code::Unauthenticated, "TOKEN_INVALID");
}

#[tokio::test]
async fn a_service_for_itself_has_no_tasks() {
    let system = System::shared().await;
    let file = system.data_dir().join("secrets/task_service_credential");
    let credential = std::fs::read_to_string(file).expect("made at the first start");
    let (service, secret) = credential.split_once(':').expect("name:secret");
    let mut client = ServiceTokenServiceClient::new(system.auth_channel());
    let request = pb::IssueServiceTokenRequest {
        service: service.to_owned(),
        secret: secret.to_owned(),
        audience: "tandem.auth".to_owned(),
        ..pb::IssueServiceTokenRequest::default()
    };
    let issued = client.issue_service_token(request).await.expect("its own");
    let token = issued.into_inner().access_token;
    let refused = system
        .task_service()
        .list_tasks(bearing(&token, ListTasksRequest::default()))
        .await;
    assert_refused(&refused.unwrap_err(), Code::Unauthenticated, "TOKEN_INVALID");
    let account = system
        .account_service()
        .get_user(bearing(&token, pb::GetUserRequest {}))
        .await;
    assert_refused(
        &account.unwrap_err(),
        Code::PermissionDenied,
        "CALLER_NOT_ALLOWED",
    );
}
