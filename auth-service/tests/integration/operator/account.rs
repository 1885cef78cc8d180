//! `admin`: roles, disabled accounts and sessions, as `AdminService` has them, for whoever holds the database.

use proto::auth::v1 as pb;
use proto::auth::v1::admin_service_client::AdminServiceClient;
use proto::auth::v1::security_event::Kind;
use proto::errors::v1::ErrorReason;
use tonic::{Code, Status};

use crate::harness::{PASSWORD, Person, Service, assert_refused, connect};

async fn list_users(service: &Service, person: &Person<'_>) -> Result<usize, Status> {
    let mut client = AdminServiceClient::new(connect(service.addr).await);
    let request = person.request(pb::ListUsersRequest::default());
    let reply = client.list_users(request).await?;
    Ok(reply.into_inner().users.len())
}

/// What the operator did to the person, oldest first.
async fn deeds(person: &Person<'_>) -> Vec<Kind> {
    let mut events = person.security_events().await;
    events.sort_by(|one, other| one.id.cmp(&other.id));
    let of_operator = events.iter().filter(|event| event.actor == "operator");
    of_operator.map(pb::SecurityEvent::kind).collect()
}

impl<'a> Person<'a> {
    async fn again(service: &'a Service, email: &str) -> Self {
        let session = service.sign_in(email, PASSWORD).await.expect("signed in");
        service.with_session(email, session)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_administrator_is_made_by_the_operator_and_signs_in_again() {
    let service = Service::start().await;
    let ann = service.person("Ann@example.org").await;
    let refused = list_users(&service, &ann).await;
    assert_refused(refused, Code::PermissionDenied, ErrorReason::RoleMissing);

    let said = service
        .operator(&["admin", "set-role", "ann@EXAMPLE.org", "admin"])
        .good();
    assert!(
        said.contains("Ann@example.org") && said.contains("admin"),
        "{said}"
    );
    assert!(said.contains("sessions ended: 1"), "{said}");
    service.assert_ended(&ann.session).await;
    assert_eq!(service.count("SELECT count(*) FROM revocations").await, 1);

    let ann = Person::again(&service, "ann@example.org").await;
    assert_eq!(list_users(&service, &ann).await.expect("an administrator"), 1);
    assert_eq!(ann.user().role, "admin");
    let again = service
        .operator(&["admin", "set-role", "ann@example.org", "admin"])
        .good();
    assert!(
        again.contains("already") && again.contains("sessions ended: 0"),
        "{again}"
    );
    list_users(&service, &ann)
        .await
        .expect("still in the same session");
    assert_eq!(deeds(&ann).await, [Kind::RoleChanged]);

    service
        .operator(&["admin", "set-role", "ann@example.org", "user"])
        .good();
    let ann = Person::again(&service, "ann@example.org").await;
    let refused = list_users(&service, &ann).await;
    assert_refused(refused, Code::PermissionDenied, ErrorReason::RoleMissing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_disabled_by_the_operator_is_out_until_enabled() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    let said = service.operator(&["admin", "disable", "ann@example.org"]).good();
    assert!(said.contains("sessions ended: 1"), "{said}");
    service.assert_ended(&ann.session).await;
    assert_eq!(service.count("SELECT count(*) FROM revocations").await, 1);
    let refused = service.sign_in("ann@example.org", PASSWORD).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    bob.get_user().await.expect("nobody else is touched");

    service.operator(&["admin", "disable", "ann@example.org"]).good();
    service.operator(&["admin", "enable", "ann@example.org"]).good();
    service.operator(&["admin", "enable", "ann@example.org"]).good();
    let ann = Person::again(&service, "ann@example.org").await;
    assert_eq!(deeds(&ann).await, [Kind::Disabled, Kind::Enabled]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sessions_of_a_person_end_by_the_operator() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let second = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    let said = service
        .operator(&["admin", "revoke-sessions", "ann@example.org"])
        .good();
    assert!(said.contains("sessions ended: 2"), "{said}");
    service.assert_ended(&ann.session).await;
    service.assert_ended(&second).await;
    assert_eq!(service.count("SELECT count(*) FROM revocations").await, 2);
    let ann = Person::again(&service, "ann@example.org").await;
    assert_eq!(deeds(&ann).await, [Kind::SessionRevoked, Kind::SessionRevoked]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_there_and_what_is_no_email_are_told() {
    let service = Service::start().await;
    let nobody = service.operator(&["admin", "disable", "nobody@example.org"]);
    assert_eq!(nobody.code, Some(1));
    assert!(nobody.err.contains("nobody has the email"), "{nobody:?}");
    let wrong = service.operator(&["admin", "disable", "nobody"]);
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.err.contains("name@example.org"), "{wrong:?}");
    let role = service.operator(&["admin", "set-role", "ann@example.org", "root"]);
    assert_eq!(role.code, Some(2));
    assert!(
        role.err.contains("user") && role.err.contains("admin"),
        "{role:?}"
    );
}
