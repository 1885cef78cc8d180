//! Who may call what is for services alone, shown by RevocationService: a token that was given out, for what it was
//! given out, and no signature without that.

use proto::access_token::{Actor, Claims};
use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tonic::Code::{PermissionDenied, Unauthenticated};
use tonic::{Request, Status};

use crate::harness::forger::{changed, claims_of, header, signed};
use crate::harness::{PURGER, REPORTS, Service, WATCHER, assert_refused};

const AUTH: &str = "tandem.auth";
const TASKS: &str = "tandem.tasks";

/// Opens the stream.
async fn watch(service: &Service, token: Option<&str>) -> Result<(), Status> {
    let mut request = Request::new(pb::WatchRevocationsRequest::default());
    if let Some(token) = token {
        let bearer = format!("Bearer {token}").parse().expect("ASCII");
        request.metadata_mut().insert("authorization", bearer);
    }
    service.revocations().watch_revocations(request).await.map(drop)
}

fn forged(claims: &Claims, change: impl FnOnce(&mut Claims)) -> String {
    signed(&header(), &changed(claims, change))
}

#[tokio::test]
async fn a_token_that_was_given_out_lets_its_service_in_until_its_record_ends() {
    let service = Service::start().await;
    let token = service.service_token(WATCHER, AUTH).await;
    watch(&service, Some(&token)).await.expect("its own");
    // Forged to live on, it ends with its record.
    let for_ever = forged(&claims_of(&token), |claims| claims.exp += 86_400);
    service.seconds_pass(604);
    watch(&service, Some(&for_ever)).await.expect("within the leeway");
    service.seconds_pass(1);
    let refused = watch(&service, Some(&for_ever)).await;
    assert_refused(refused, Unauthenticated, ErrorReason::TokenInvalid);
}

#[tokio::test]
async fn a_signature_without_its_record_is_worth_nothing() {
    let service = Service::start().await;
    let ours = claims_of(&service.service_token(WATCHER, AUTH).await);
    let purgers = claims_of(&service.service_token(PURGER, TASKS).await);
    let control = forged(&ours, |_| {});
    watch(&service, Some(&control))
        .await
        .expect("the forger's tools work");
    for (what, token) in [
        (
            "an id that was never given out",
            forged(&ours, |claims| claims.jti = uuid::Uuid::nil().to_string()),
        ),
        (
            "an id that is none",
            forged(&ours, |claims| claims.jti = "1".to_owned()),
        ),
        (
            "the id of another service",
            forged(&ours, |claims| claims.jti.clone_from(&purgers.jti)),
        ),
        (
            "another name over the id",
            forged(&ours, |claims| claims.sub = "service:purger".to_owned()),
        ),
        (
            "a token for task-service, made one for here",
            forged(&purgers, |claims| {
                claims.aud = vec![AUTH.to_owned()];
                claims.scope = "revocations.read".to_owned();
            }),
        ),
        (
            "a name that no service can have",
            forged(&ours, |claims| claims.sub = "service:The Watcher".to_owned()),
        ),
    ] {
        let refused = watch(&service, Some(&token)).await;
        assert!(refused.is_err(), "{what}");
        assert_refused(refused, Unauthenticated, ErrorReason::TokenInvalid);
    }
}

#[tokio::test]
async fn what_a_token_says_of_its_scope_does_not_count_but_what_was_recorded() {
    let service = Service::start().await;
    let token = service.service_token(WATCHER, AUTH).await;
    sqlx::query("UPDATE service_tokens SET scope = 'owners.purge revocations.read.not'")
        .execute(&service.database.pool())
        .await
        .expect("changed");
    let refused = watch(&service, Some(&token)).await;
    assert_refused(refused, PermissionDenied, ErrorReason::ScopeMissing);
}

#[tokio::test]
async fn nobody_else_is_let_in() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let hers = claims_of(&ann.session.access_token);
    let acting = service.issue(REPORTS.asks_for(&ann.session.access_token)).await;
    let acting = claims_of(&acting.expect("acts").access_token);
    let ours = claims_of(&service.service_token(WATCHER, AUTH).await);
    for (who, token) in [
        ("a person", ann.session.access_token.clone()),
        (
            "a person with the scope",
            forged(&hers, |claims| claims.scope = "revocations.read".to_owned()),
        ),
        (
            "a service that acts for a person",
            forged(&acting, |claims| {
                claims.aud = vec![AUTH.to_owned()];
                claims.scope = "revocations.read".to_owned();
            }),
        ),
        (
            "a service that acts for a service",
            forged(&ours, |claims| {
                claims.act = Some(Actor {
                    sub: "service:watcher".to_owned(),
                });
            }),
        ),
    ] {
        let refused = watch(&service, Some(&token)).await;
        assert!(refused.is_err(), "{who}");
        assert_refused(refused, PermissionDenied, ErrorReason::CallerNotAllowed);
    }
    let refused = watch(&service, None).await;
    assert_refused(refused, Unauthenticated, ErrorReason::TokenMissing);
    let for_tasks = service.service_token(PURGER, TASKS).await;
    let refused = watch(&service, Some(&for_tasks)).await;
    assert_refused(refused, Unauthenticated, ErrorReason::TokenInvalid);
}
