//! A device that a person has used before has a count of its own.

use proto::errors::v1::ErrorReason;
use tonic::Code;

use super::{LIMIT, WRONG, assert_throttled, exhaust, on_device};
use crate::harness::{PASSWORD, Service, assert_refused};

#[tokio::test]
async fn the_owner_gets_in_on_a_known_device_while_a_stranger_guesses() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    exhaust(&service, "ann@example.org").await;
    assert_throttled(service.sign_in("ann@example.org", PASSWORD).await);
    let device = &ann.session.device_token;
    let known = || on_device("ann@example.org", PASSWORD, device);
    service.auth().sign_in(known()).await.expect("a known device");

    // A device of somebody else is a stranger's.
    let bob = service.person("bob@example.org").await;
    let strange = on_device("ann@example.org", PASSWORD, &bob.session.device_token);
    assert_throttled(service.auth().sign_in(strange).await);
}

#[tokio::test]
async fn guesses_on_a_known_device_are_counted_by_that_device_alone() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let device = &ann.session.device_token;
    for _ in 0..LIMIT {
        let guess = on_device("ann@example.org", WRONG, device);
        let refused = service.auth().sign_in(guess).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    }
    let right = on_device("ann@example.org", PASSWORD, device);
    assert_throttled(service.auth().sign_in(right).await);
    service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("elsewhere");
}
