//! AdminService: other people's accounts, for those whose role is `admin` at the time of the call.

use prost::Message as _;
use prost_types::FileDescriptorSet;
use proto::access_token::Actor;
use proto::auth::v1 as pb;
use proto::auth::v1::admin_service_client::AdminServiceClient;
use proto::auth::v1::security_event::Kind;
use proto::errors::v1::ErrorReason;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Response, Status};
use tonic_prost::ProstCodec;
use uuid::Uuid;

use crate::harness::forger::{changed, claims_of, header, signed};
use crate::harness::{PASSWORD, Person, Service, assert_invalid, assert_refused, authorized, connect};

async fn set_role(service: &Service, email: &str, role: &str) {
    sqlx::query("UPDATE users SET role = $2 WHERE email_key = $1")
        .bind(email)
        .bind(role)
        .execute(&service.database.pool())
        .await
        .expect("set");
}

/// The token says `user`; the table says `admin`.
async fn administrator<'a>(service: &'a Service, email: &str) -> Person<'a> {
    let person = service.person(email).await;
    set_role(service, email, "admin").await;
    person
}

async fn client(service: &Service) -> AdminServiceClient<Channel> {
    AdminServiceClient::new(connect(service.addr).await)
}

async fn disable(service: &Service, admin: &Person<'_>, id: &str) -> Result<pb::User, Status> {
    let request = admin.request(pb::DisableUserRequest { id: id.to_owned() });
    let reply = client(service).await.disable_user(request).await;
    reply.map(Response::into_inner)
}

async fn enable(service: &Service, admin: &Person<'_>, id: &str) -> Result<pb::User, Status> {
    let request = admin.request(pb::EnableUserRequest { id: id.to_owned() });
    let reply = client(service).await.enable_user(request).await;
    reply.map(Response::into_inner)
}

async fn revoke(service: &Service, admin: &Person<'_>, id: &str) -> Result<i32, Status> {
    let request = admin.request(pb::RevokeUserSessionsRequest { id: id.to_owned() });
    let reply = client(service).await.revoke_user_sessions(request).await;
    reply.map(|reply| reply.into_inner().revoked_count)
}

async fn get(service: &Service, admin: &Person<'_>, id: &str) -> Result<pb::User, Status> {
    let request = admin.request(pb::AdminServiceGetUserRequest { id: id.to_owned() });
    let reply = client(service).await.get_user(request).await;
    reply.map(Response::into_inner)
}

async fn list(
    service: &Service,
    admin: &Person<'_>,
    request: pb::ListUsersRequest,
) -> Result<pb::ListUsersResponse, Status> {
    let reply = client(service).await.list_users(admin.request(request)).await;
    reply.map(Response::into_inner)
}

/// Every method of AdminService, as the contract names them.
fn methods() -> Vec<String> {
    let set = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("our own descriptors");
    let mut services = set.file.into_iter().flat_map(|file| file.service);
    let service = services
        .find(|service| service.name() == "AdminService")
        .expect("there is one");
    let methods = service.method.into_iter();
    methods.map(|method| method.name().to_owned()).collect()
}

async fn call_empty(channel: &Channel, method: &str, token: &str) -> Result<(), Status> {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.expect("connected");
    let path = format!("/tandem.auth.v1.AdminService/{method}");
    let path = path.parse().expect("a path");
    let codec = ProstCodec::<(), ()>::default();
    grpc.unary(authorized(token, ()), path, codec).await.map(drop)
}

#[tokio::test]
async fn no_method_takes_the_token_of_anybody_but_an_administrator_in_person() {
    use Code::{PermissionDenied, Unauthenticated};
    let service = Service::start().await;
    let root = administrator(&service, "root@example.org").await;
    let ann = service.person("ann@example.org").await;
    let root = claims_of(&root.session.access_token);
    let ann = claims_of(&ann.session.access_token);
    let refusals = [
        (ann.clone(), PermissionDenied, ErrorReason::RoleMissing),
        (
            changed(&ann, |c| c.role = "admin".to_owned()),
            PermissionDenied,
            ErrorReason::RoleMissing,
        ),
        (
            changed(&root, |c| c.scope = "tasks.read tasks.write".to_owned()),
            PermissionDenied,
            ErrorReason::ScopeMissing,
        ),
        (
            changed(&root, |c| {
                let sub = "service:reports".to_owned();
                c.act = Some(Actor { sub });
            }),
            PermissionDenied,
            ErrorReason::CallerNotAllowed,
        ),
        (
            changed(&root, |c| {
                c.sub = "service:reports".to_owned();
                c.sid = None;
            }),
            PermissionDenied,
            ErrorReason::CallerNotAllowed,
        ),
        (
            changed(&root, |c| c.sid = Some(Uuid::nil().to_string())),
            Unauthenticated,
            ErrorReason::TokenRevoked,
        ),
        (
            changed(&root, |c| c.aud = vec!["tandem.tasks".to_owned()]),
            Unauthenticated,
            ErrorReason::TokenInvalid,
        ),
    ];
    let channel = connect(service.addr).await;
    let methods = methods();
    assert_eq!(methods.len(), 6);
    for method in &methods {
        for (claims, code, reason) in &refusals {
            let refused = call_empty(&channel, method, &signed(&header(), claims)).await;
            assert_refused(refused, *code, *reason);
        }
        // The forger's tools work: what is refused now is refused for what the request says.
        if let Err(status) = call_empty(&channel, method, &signed(&header(), &root)).await {
            assert_eq!(status.code(), Code::InvalidArgument, "{method}");
        }
    }
}

#[tokio::test]
async fn a_role_that_was_taken_away_opens_nothing_although_the_session_lives() {
    let service = Service::start().await;
    let root = administrator(&service, "root@example.org").await;
    let id = root.user().id.clone();
    get(&service, &root, &id).await.expect("an administrator");
    set_role(&service, "root@example.org", "user").await;
    let refused = get(&service, &root, &id).await;
    assert_refused(refused, Code::PermissionDenied, ErrorReason::RoleMissing);
}

#[tokio::test]
async fn a_disabled_person_is_out_at_once_and_hears_what_a_wrong_password_hears() {
    let service = Service::start().await;
    let root = administrator(&service, "root@example.org").await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    let disabled = disable(&service, &root, &ann.user().id).await.expect("disabled");
    assert!(disabled.disable_time.is_some());
    service.assert_ended(&ann.session).await;
    assert_eq!(service.count("SELECT count(*) FROM revocations").await, 1);
    let right = service.sign_in(&ann.email, PASSWORD).await;
    let right = assert_refused(right, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    let wrong = service.sign_in(&bob.email, "not the password").await;
    let wrong = assert_refused(wrong, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    assert_eq!(right.message(), wrong.message());
    bob.get_user().await.expect("nobody else is touched");

    let again = disable(&service, &root, &ann.user().id).await.expect("fine");
    assert_eq!(again.disable_time, disabled.disable_time);
    let enabled = enable(&service, &root, &ann.user().id).await.expect("enabled");
    assert_eq!(enabled.disable_time, None);
    enable(&service, &root, &ann.user().id).await.expect("fine");
    service.assert_ended(&ann.session).await;
    service.sign_in(&ann.email, PASSWORD).await.expect("in again");
}

#[tokio::test]
async fn administrators_cannot_lock_themselves_out() {
    let service = Service::start().await;
    let root = administrator(&service, "root@example.org").await;
    let refused = disable(&service, &root, &root.user().id).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::OwnAccount);
    root.get_user().await.expect("still in");
}

#[tokio::test]
async fn of_two_administrators_who_disable_each_other_at_once_one_is_left() {
    let service = Service::start().await;
    let one = administrator(&service, "one@example.org").await;
    let two = administrator(&service, "two@example.org").await;
    let (first, second) = tokio::join!(
        disable(&service, &one, &two.user().id),
        disable(&service, &two, &one.user().id),
    );
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    let loser = if first.is_err() { first } else { second };
    assert_refused(loser, Code::Unauthenticated, ErrorReason::TokenRevoked);
}

#[tokio::test]
async fn all_sessions_of_a_person_end_and_every_deed_names_the_administrator() {
    let service = Service::start().await;
    let root = administrator(&service, "root@example.org").await;
    let ann = service.person("ann@example.org").await;
    let id = &ann.user().id;
    let second = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    // Ids of one millisecond have no order.
    service.seconds_pass(1);
    assert_eq!(revoke(&service, &root, id).await.expect("revoked"), 2);
    service.seconds_pass(1);
    assert_eq!(revoke(&service, &root, id).await.expect("fine"), 0);
    service.assert_ended(&ann.session).await;
    service.assert_ended(&second).await;
    disable(&service, &root, id).await.expect("disabled");
    service.seconds_pass(1);
    enable(&service, &root, id).await.expect("enabled");

    let request = pb::AdminServiceListSecurityEventsRequest {
        user_id: id.clone(),
        ..Default::default()
    };
    let reply = client(&service)
        .await
        .list_security_events(root.request(request))
        .await;
    let events = reply.expect("listed").into_inner().security_events;
    assert!(events.iter().all(|event| &event.user_id == id));
    let deeds: Vec<Kind> = events
        .iter()
        .filter(|event| event.actor == root.user().id)
        .map(pb::SecurityEvent::kind)
        .collect();
    let expected = [
        Kind::Enabled,
        Kind::Disabled,
        Kind::SessionRevoked,
        Kind::SessionRevoked,
    ];
    assert_eq!(deeds, expected);
    // The account's owner may read these, and must not learn where administrators are.
    let deeds = events.iter().filter(|event| !event.actor.is_empty());
    assert!(deeds.into_iter().all(|event| event.ip_address.is_empty()));

    let all = pb::AdminServiceListSecurityEventsRequest::default();
    let reply = client(&service)
        .await
        .list_security_events(root.request(all))
        .await;
    let events = reply.expect("listed").into_inner().security_events;
    assert!(events.iter().any(|event| event.user_id == root.user().id));

    // Nobody learns another's id, be it an administrator's.
    let session = service.sign_in(&ann.email, PASSWORD).await.expect("in again");
    let own = pb::ListSecurityEventsRequest::default();
    let own = authorized(&session.access_token, own);
    let reply = service.account().list_security_events(own).await;
    let events = reply.expect("listed").into_inner().security_events;
    let actors: Vec<_> = events.iter().map(|event| event.actor.as_str()).collect();
    assert!(actors.contains(&"administrator"));
    assert!(!actors.contains(&root.user().id.as_str()));
}

#[tokio::test]
async fn accounts_are_listed_in_pages_oldest_first_and_found_by_email_in_any_spelling() {
    let service = Service::start().await;
    // Ids of one millisecond have no order.
    let root = administrator(&service, "root@example.org").await;
    service.seconds_pass(1);
    let other = administrator(&service, "other@example.org").await;
    service.seconds_pass(1);
    let ann = service.person("Ann@example.org").await;
    let first = pb::ListUsersRequest {
        page_size: 2,
        ..Default::default()
    };
    let page = list(&service, &root, first.clone()).await.expect("listed");
    let next = pb::ListUsersRequest {
        page_token: page.next_page_token.clone(),
        ..first
    };
    let rest = list(&service, &root, next.clone()).await.expect("listed");
    assert_eq!(rest.next_page_token, "");
    let users = page.users.iter().chain(&rest.users);
    let ids: Vec<_> = users.map(|user| user.id.as_str()).collect();
    assert_eq!(ids, [&root, &other, &ann].map(|person| person.user().id.as_str()));
    let foreign = list(&service, &other, next).await;
    assert_refused(foreign, Code::InvalidArgument, ErrorReason::PageTokenInvalid);

    let by_email = |email: &str| pb::ListUsersRequest {
        email: email.to_owned(),
        ..Default::default()
    };
    let found = list(&service, &root, by_email("aNN@EXAMPLE.org")).await;
    let found = found.expect("listed").users;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, ann.user().id);
    let none = list(&service, &root, by_email("nobody@example.org")).await;
    assert!(none.expect("listed").users.is_empty());
    assert_invalid(list(&service, &root, by_email("no email")).await, &["email"]);
}

#[tokio::test]
async fn unknown_accounts_and_what_is_no_id_are_told() {
    let service = Service::start().await;
    let root = administrator(&service, "root@example.org").await;
    let unknown = Uuid::nil().to_string();
    let not_found = |refused: Status| {
        assert_refused(Err::<(), _>(refused), Code::NotFound, ErrorReason::NotFound);
    };
    not_found(get(&service, &root, &unknown).await.expect_err("unknown"));
    not_found(disable(&service, &root, &unknown).await.expect_err("unknown"));
    not_found(enable(&service, &root, &unknown).await.expect_err("unknown"));
    not_found(revoke(&service, &root, &unknown).await.expect_err("unknown"));
    assert_invalid(get(&service, &root, "ann").await, &["id"]);
    assert_invalid(disable(&service, &root, "ann").await, &["id"]);
    assert_invalid(enable(&service, &root, "ann").await, &["id"]);
    assert_invalid(revoke(&service, &root, "ann").await, &["id"]);
}
