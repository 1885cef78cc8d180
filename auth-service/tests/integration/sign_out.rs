//! AuthService.SignOut. Cookies are in `cookies`.

use proto::errors::v1::ErrorReason;
use tonic::Code;

use crate::harness::{Service, assert_invalid, assert_refused};

#[tokio::test]
async fn sign_out_ends_the_session_everywhere_and_no_other() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    let mut bob = service.person("bob@example.org").await;
    service
        .sign_out(&ann.session.refresh_token)
        .await
        .expect("signed out");
    assert_refused(
        ann.get_user().await,
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
    );
    assert_refused(
        ann.refresh().await,
        Code::Unauthenticated,
        ErrorReason::SessionEnded,
    );
    bob.refresh().await.expect("not his");
    bob.get_user().await.expect("not his");
}

#[tokio::test]
async fn an_old_token_of_the_chain_signs_out_as_well() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    let old = ann.session.refresh_token.clone();
    ann.refresh().await.expect("refreshed");
    service.sign_out(&old).await.expect("signed out");
    assert_refused(
        ann.refresh().await,
        Code::Unauthenticated,
        ErrorReason::SessionEnded,
    );
}

#[tokio::test]
async fn signing_out_twice_or_of_nothing_is_no_error() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    for token in [
        &ann.session.refresh_token,
        &ann.session.refresh_token,
        "nonsense",
        &"A".repeat(43),
    ] {
        service.sign_out(token).await.expect("idempotent");
    }
}

#[tokio::test]
async fn a_missing_token_is_told() {
    let service = Service::start().await;
    assert_invalid(service.sign_out("").await, &["refresh_token"]);
}
