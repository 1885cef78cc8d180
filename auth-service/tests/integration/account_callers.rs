//! Who may call AccountService, method by method: a person with the scope `account`, in person, in a living session.

use prost::Message as _;
use prost_types::FileDescriptorSet;
use proto::access_token::{Actor, Claims};
use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_prost::ProstCodec;

use crate::harness::forger::{changed, claims_of, header, signed};
use crate::harness::{Service, assert_refused, authorized, connect};

/// Every method, with a request that is let in and changes nothing.
const METHODS: [&str; 10] = [
    "CancelUserDeletion",
    "ChangePassword",
    "DeleteUser",
    "ExportUser",
    "GetUser",
    "ListSecurityEvents",
    "ListSessions",
    "RevokeOtherSessions",
    "RevokeSession",
    "UpdateUser",
];

async fn call(service: &Service, method: &str, token: &str) -> Result<(), Status> {
    let mut account = service.account();
    match method {
        "ChangePassword" => {
            let request = authorized(token, pb::ChangePasswordRequest::default());
            account.change_password(request).await.map(drop)
        }
        "CancelUserDeletion" => {
            let request = authorized(token, pb::CancelUserDeletionRequest {});
            account.cancel_user_deletion(request).await.map(drop)
        }
        "DeleteUser" => {
            let request = authorized(token, pb::DeleteUserRequest::default());
            account.delete_user(request).await.map(drop)
        }
        "ExportUser" => {
            let request = authorized(token, pb::ExportUserRequest {});
            account.export_user(request).await.map(drop)
        }
        "GetUser" => {
            let request = authorized(token, pb::GetUserRequest {});
            account.get_user(request).await.map(drop)
        }
        "ListSecurityEvents" => {
            let request = authorized(token, pb::ListSecurityEventsRequest::default());
            account.list_security_events(request).await.map(drop)
        }
        "ListSessions" => {
            let request = authorized(token, pb::ListSessionsRequest {});
            account.list_sessions(request).await.map(drop)
        }
        "RevokeOtherSessions" => {
            let request = authorized(token, pb::RevokeOtherSessionsRequest {});
            account.revoke_other_sessions(request).await.map(drop)
        }
        "RevokeSession" => {
            let session_id = uuid::Uuid::nil().to_string();
            let request = authorized(token, pb::RevokeSessionRequest { session_id });
            account.revoke_session(request).await.map(drop)
        }
        "UpdateUser" => {
            let user = Some(pb::User::default());
            let update_mask = None;
            let request = authorized(token, pb::UpdateUserRequest { user, update_mask });
            account.update_user(request).await.map(drop)
        }
        method => panic!("{method} is not in the table"),
    }
}

/// Token, code, reason.
type Refusal = (&'static str, Claims, Code, ErrorReason);

fn refusals(ann: &Claims, bob: &Claims) -> Vec<Refusal> {
    use Code::{PermissionDenied, Unauthenticated};
    let with = |change: &dyn Fn(&mut Claims)| changed(ann, |claims| change(claims));
    vec![
        (
            "a token for tasks alone",
            with(&|c| c.aud = vec!["tandem.tasks".to_owned()]),
            Unauthenticated,
            ErrorReason::TokenInvalid,
        ),
        (
            "a token without the scope",
            with(&|c| c.scope = "tasks.read tasks.write".to_owned()),
            PermissionDenied,
            ErrorReason::ScopeMissing,
        ),
        (
            "a token with a similar scope",
            with(&|c| c.scope = "accounts account.read".to_owned()),
            PermissionDenied,
            ErrorReason::ScopeMissing,
        ),
        (
            "a service that acts for ann",
            with(&|c| {
                c.act = Some(Actor {
                    sub: "service:reports".to_owned(),
                });
            }),
            PermissionDenied,
            ErrorReason::CallerNotAllowed,
        ),
        (
            "a service",
            with(&|c| {
                c.sub = "service:reports".to_owned();
                c.sid = None;
            }),
            PermissionDenied,
            ErrorReason::CallerNotAllowed,
        ),
        (
            "ann in bob's session",
            with(&|c| c.sid = bob.sid.clone()),
            Unauthenticated,
            ErrorReason::TokenRevoked,
        ),
        (
            "a session that never was",
            with(&|c| c.sid = Some(uuid::Uuid::nil().to_string())),
            Unauthenticated,
            ErrorReason::TokenRevoked,
        ),
        (
            "an expired token",
            with(&|c| c.exp = c.iat - 6),
            Unauthenticated,
            ErrorReason::TokenExpired,
        ),
        (
            "a token before its time",
            with(&|c| c.nbf += 60),
            Unauthenticated,
            ErrorReason::TokenInvalid,
        ),
    ]
}

#[tokio::test]
async fn who_may_call() {
    let service = Service::start().await;
    let ann = claims_of(&service.person("ann@example.org").await.session.access_token);
    let bob = claims_of(&service.person("bob@example.org").await.session.access_token);
    for method in METHODS {
        for (who, claims, code, reason) in refusals(&ann, &bob) {
            let refused = call(&service, method, &signed(&header(), &claims)).await;
            assert!(refused.is_err(), "{who} at {method}");
            assert_refused(refused, code, reason);
        }
        // The forger's tools work: what is refused now is refused for what the request says.
        let code = match call(&service, method, &signed(&header(), &ann)).await {
            Ok(()) => Code::Ok,
            Err(status) => status.code(),
        };
        let let_in = [
            Code::Ok,
            Code::InvalidArgument,
            Code::NotFound,
            Code::FailedPrecondition,
        ];
        assert!(let_in.contains(&code), "{method}: {code:?}");
    }
}

/// Every method of AccountService, as the contract names them.
fn methods_of_the_contract() -> Vec<String> {
    let set = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("our own descriptors");
    let services = set.file.into_iter().flat_map(|file| file.service);
    let service = services
        .into_iter()
        .find(|service| service.name() == "AccountService")
        .expect("there is one");
    let methods = service.method.into_iter();
    methods.map(|method| method.name().to_owned()).collect()
}

/// Calls any method with an empty message; a stream's answer is known by its first word.
async fn call_empty(channel: &Channel, method: &str, token: &str) -> Result<(), Status> {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.expect("connected");
    let path = format!("/tandem.auth.v1.AccountService/{method}");
    let path = path.parse().expect("a path");
    let codec = ProstCodec::<(), ()>::default();
    let mut answer = grpc
        .server_streaming(authorized(token, ()), path, codec)
        .await?
        .into_inner();
    answer.message().await.map(drop)
}

#[tokio::test]
async fn no_method_of_the_contract_takes_the_token_of_anybody_but_a_person() {
    let service = Service::start().await;
    let ann = claims_of(&service.person("ann@example.org").await.session.access_token);
    let channel = connect(service.addr).await;
    let mut checked = Vec::new();
    for method in methods_of_the_contract() {
        for (who, claims, code, reason) in refusals(&ann, &ann) {
            if reason == ErrorReason::TokenRevoked {
                continue;
            }
            let refused = call_empty(&channel, &method, &signed(&header(), &claims)).await;
            if refused
                .as_ref()
                .is_err_and(|status| status.code() == Code::Unimplemented)
            {
                break;
            }
            assert!(refused.is_err(), "{who} at {method}");
            assert_refused(refused, code, reason);
            checked.push(method.clone());
        }
    }
    for method in METHODS {
        assert!(checked.iter().any(|checked| checked == method), "{method}");
    }
}

#[tokio::test]
async fn a_session_that_was_ended_opens_no_method() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service
        .sign_out(&ann.session.refresh_token)
        .await
        .expect("signed out");
    let channel = connect(service.addr).await;
    for method in METHODS {
        let refused = call(&service, method, &ann.session.access_token).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::TokenRevoked);
        // Nor do they hear what is wrong with a request.
        let refused = call_empty(&channel, method, &ann.session.access_token).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::TokenRevoked);
    }
}

#[tokio::test]
async fn a_disabled_person_is_let_in_by_no_method() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service.disable("ann@example.org").await;
    for method in METHODS {
        let refused = call(&service, method, &ann.session.access_token).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::TokenRevoked);
    }
}
