//! Tokens that a service must not be able to act with, each beside one that differs from it only in being good.

use proto::access_token::Actor;
use proto::errors::v1::ErrorReason;
use tonic::Code::Unauthenticated;

use super::AUTH;
use crate::harness::forger::{changed, claims_of, header, signed};
use crate::harness::{REPORTS, Service, WATCHER, assert_refused};

#[tokio::test]
async fn only_a_persons_own_live_token_can_be_acted_with() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    let good = claims_of(&ann.session.access_token);
    let forge = |change: &dyn Fn(&mut proto::access_token::Claims)| {
        signed(&header(), &changed(&good, |claims| change(claims)))
    };
    service
        .issue(REPORTS.asks_for(&forge(&|_| {})))
        .await
        .expect("the forger's tools work");

    let acting = service.issue(REPORTS.asks_for(&ann.session.access_token)).await;
    let acting = acting.expect("acts").access_token;
    let bobs_session = claims_of(&bob.session.access_token).sid;
    let other_key = jsonwebtoken::EncodingKey::from_secret(&[9; 32]);
    let by_another = jsonwebtoken::encode(&header(), &good, &other_key).expect("signed");
    for (what, token, reason) in [
        (
            "one that a service acts with already",
            acting,
            ErrorReason::TokenInvalid,
        ),
        (
            "one with a forged actor",
            forge(&|c| {
                c.act = Some(Actor {
                    sub: "service:reports".to_owned(),
                });
            }),
            ErrorReason::TokenInvalid,
        ),
        (
            "a service's own",
            service.service_token(WATCHER, AUTH).await,
            ErrorReason::TokenInvalid,
        ),
        (
            "a forged one of a service",
            forge(&|c| c.sub = "service:watcher".to_owned()),
            ErrorReason::TokenInvalid,
        ),
        (
            "one for auth-service alone",
            forge(&|c| c.aud = vec![AUTH.to_owned()]),
            ErrorReason::TokenInvalid,
        ),
        (
            "one for somebody else",
            forge(&|c| c.aud = vec!["elsewhere".to_owned()]),
            ErrorReason::TokenInvalid,
        ),
        ("one of another key", by_another, ErrorReason::TokenInvalid),
        (
            "one without a session",
            forge(&|c| c.sid = None),
            ErrorReason::TokenInvalid,
        ),
        (
            "a refresh token",
            ann.session.refresh_token.clone(),
            ErrorReason::TokenInvalid,
        ),
        ("a word", "ann".to_owned(), ErrorReason::TokenInvalid),
        (
            "one before its time",
            forge(&|c| c.nbf += 60),
            ErrorReason::TokenInvalid,
        ),
        (
            "an expired one",
            forge(&|c| c.exp = c.iat - 60),
            ErrorReason::TokenExpired,
        ),
        // Verifiers let it pass for some seconds; a new token must not outlive it, so there is none.
        (
            "one that expires now",
            forge(&|c| c.exp = c.iat),
            ErrorReason::TokenExpired,
        ),
        (
            "one of bob's session",
            forge(&|c| c.sid.clone_from(&bobs_session)),
            ErrorReason::TokenRevoked,
        ),
        (
            "one of a session that never was",
            forge(&|c| c.sid = Some(uuid::Uuid::nil().to_string())),
            ErrorReason::TokenRevoked,
        ),
    ] {
        let refused = service.issue(REPORTS.asks_for(&token)).await;
        assert!(refused.is_err(), "{what}");
        assert_refused(refused, Unauthenticated, reason);
    }
}

#[tokio::test]
async fn whoever_signed_out_is_not_acted_for() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service
        .sign_out(&ann.session.refresh_token)
        .await
        .expect("signed out");
    let refused = service.issue(REPORTS.asks_for(&ann.session.access_token)).await;
    assert_refused(refused, Unauthenticated, ErrorReason::TokenRevoked);
}

#[tokio::test]
async fn whoever_was_disabled_is_not_acted_for() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service.disable("ann@example.org").await;
    let refused = service.issue(REPORTS.asks_for(&ann.session.access_token)).await;
    assert_refused(refused, Unauthenticated, ErrorReason::TokenRevoked);
}

#[tokio::test]
async fn a_service_that_does_not_know_its_secret_learns_nothing_about_a_token() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    for token in [ann.session.access_token.as_str(), "ann"] {
        let mut request = REPORTS.asks_for(token);
        request.secret = WATCHER.secret.to_owned();
        let refused = service.issue(request).await;
        assert_refused(refused, Unauthenticated, ErrorReason::CredentialsInvalid);
    }
}
