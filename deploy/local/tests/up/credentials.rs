//! Credentials of services: one is made for task-service, others are declared, and nobody learns more than needed.

use std::os::unix::fs::PermissionsExt as _;

use proto::auth::v1::service_token_service_client::ServiceTokenServiceClient;
use proto::auth::v1::{IssueServiceTokenRequest, IssueServiceTokenResponse};
use tonic::{Code, Status};

use crate::system::{Place, System};

const REPORTS_SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

async fn issue(place: &Place, credential: &str, audience: &str) -> Result<IssueServiceTokenResponse, Status> {
    let (service, secret) = credential.trim_end().split_once(':').unwrap();
    let url = format!("http://{}", place.auth);
    let mut client = ServiceTokenServiceClient::connect(url).await.unwrap();
    let request = IssueServiceTokenRequest {
        service: service.to_owned(),
        secret: secret.to_owned(),
        audience: audience.to_owned(),
        ..IssueServiceTokenRequest::default()
    };
    client
        .issue_service_token(request)
        .await
        .map(tonic::Response::into_inner)
}

fn environment(system: &System<'_>, part: &str) -> String {
    let pid = system.part(part).as_raw_nonzero();
    String::from_utf8(std::fs::read(format!("/proc/{pid}/environ")).unwrap()).unwrap()
}

#[tokio::test]
async fn task_service_gets_a_credential_of_its_own_beside_those_that_are_declared() {
    let mut place = Place::new();
    place.set(
        "TANDEM_SERVICE_CREDENTIALS",
        format!("reports:{REPORTS_SECRET}:owners.purge"),
    );
    let system = place.up().await;
    let file = place.data().join("secrets/task_service_credential");
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let own = std::fs::read_to_string(&file).unwrap();
    issue(&place, &own, "tandem.auth").await.unwrap();
    let reports = format!("reports:{REPORTS_SECRET}");
    issue(&place, &reports, "tandem.tasks").await.unwrap();
    let beyond = issue(&place, &reports, "tandem.auth").await.unwrap_err();
    assert_eq!(beyond.code(), Code::PermissionDenied);
    let mixed = format!("task-service:{REPORTS_SECRET}");
    let mixed = issue(&place, &mixed, "tandem.auth").await.unwrap_err();
    assert_eq!(mixed.code(), Code::Unauthenticated);

    // auth-service has hashes, task-service the path of its own file, the web origin nothing.
    let (_, own_secret) = own.split_once(':').unwrap();
    for (part, has) in [
        ("auth-service", "TANDEM_SERVICE_CREDENTIALS="),
        ("task-service", "TANDEM_SERVICE_CREDENTIALS_FILE="),
    ] {
        let environment = environment(&system, part);
        assert!(environment.contains(has), "{part}");
        assert!(
            !environment.contains(own_secret) && !environment.contains(REPORTS_SECRET),
            "{part}"
        );
    }
    assert!(!environment(&system, "web").contains("TANDEM_SERVICE_CREDENTIALS"));
}

#[test]
fn a_wrong_declaration_is_told_before_anything_starts() {
    let mut place = Place::new();
    place.set("TANDEM_SERVICE_CREDENTIALS", "reports:hunter2:tasks.read");
    let refused = place.refused();
    assert!(
        refused.contains("TANDEM_SERVICE_CREDENTIALS entry 1 has a secret of fewer than 32 random bytes"),
        "{refused}"
    );
    assert!(!refused.contains("hunter2"), "{refused}");
    assert!(!place.data().join("postgres").exists());
}
