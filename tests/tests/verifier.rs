//! Somebody else's service: it has the `proto` crate, the pair's keys and nothing more, and knows who calls.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use proto::access_token::{Audience, Caller, Keyring, Scope, Subject, Verifier, authenticate};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::harness::{Person, System, anonymous, assert_refused, bearing};

/// Serves the person whose id the request names, when it is that person who asks. The types of the health service
/// serve as well as any and need no code generation.
struct OnlyYou;

#[tonic::async_trait]
impl Health for OnlyYou {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require_scope(Scope::TasksRead)?;
        let named = &request.get_ref().service;
        let is_named = matches!(caller.subject(), Subject::Person { id, .. } if id.to_string() == *named);
        let status = if is_named {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        Ok(Response::new(HealthCheckResponse {
            status: status.into(),
        }))
    }

    type WatchStream = tokio_stream::Empty<Result<HealthCheckResponse, Status>>;

    async fn watch(&self, _: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("only check is of use here"))
    }
}

/// The whole of the foreign service: a keyring, a verifier, one interceptor.
async fn serve(token_keys: &str) -> HealthClient<Channel> {
    let keyring = Keyring::parse(token_keys).expect("the pair's own keys");
    let verifier = Verifier::new(&keyring, Audience::Tasks, unix_seconds);
    let service = HealthServer::with_interceptor(OnlyYou, authenticate(Arc::new(verifier)));
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    let incoming = TcpListenerStream::new(listener);
    tokio::spawn(
        Server::builder()
            .add_service(service)
            .serve_with_incoming(incoming),
    );
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address makes a URL");
    HealthClient::new(endpoint.connect_lazy())
}

#[expect(
    clippy::disallowed_methods,
    reason = "somebody else's service, with a clock of its own"
)]
fn unix_seconds() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since_1970.expect("it is after 1970").as_secs();
    i64::try_from(seconds).expect("it is before the end of time")
}

fn named(person: &Person) -> HealthCheckRequest {
    let user = person.session.user.clone().expect("a session has a user");
    HealthCheckRequest { service: user.id }
}

#[tokio::test]
async fn a_third_service_knows_the_pairs_people_by_the_contract_crate_alone() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let bob = Person::sign_up(&system, "bob").await;
    let mut foreign = serve(&system.token_keys()).await;
    for (asks, about, expected) in [
        (&alice, &alice, ServingStatus::Serving),
        (&bob, &bob, ServingStatus::Serving),
        (&bob, &alice, ServingStatus::NotServing),
    ] {
        let answer = foreign.check(asks.asks(named(about))).await.unwrap();
        assert_eq!(answer.into_inner().status(), expected);
    }
}

#[tokio::test]
async fn a_third_service_refuses_everybody_else() {
    let system = System::shared().await;
    let alice = Person::sign_up(&system, "alice").await;
    let mut foreign = serve(&system.token_keys()).await;
    let refused = foreign.check(anonymous(named(&alice))).await.unwrap_err();
    assert_refused(&refused, Code::Unauthenticated, "TOKEN_MISSING");

    let token = &alice.session.access_token;
    let (unsigned, _) = token.rsplit_once('.').unwrap();
    let not_a_token = &alice.session.refresh_token;
    for forged in [unsigned, &format!("{unsigned}.AAAA"), not_a_token] {
        let refused = foreign.check(bearing(forged, named(&alice))).await.unwrap_err();
        assert_refused(&refused, Code::Unauthenticated, "TOKEN_INVALID");
    }
    // Another deployment has other keys under the same name.
    let other = format!("k1:{}8=", "AQID".repeat(10) + "AB");
    let refused = serve(&other)
        .await
        .check(alice.asks(named(&alice)))
        .await
        .unwrap_err();
    assert_refused(&refused, Code::Unauthenticated, "TOKEN_INVALID");
}
