//! ServiceTokenService.IssueServiceToken: services for themselves, services that act for people, and all who try to get
//! more than they hold.

mod acting;
mod attacks;

use auth_service::housekeeping::sweep;
use proto::access_token::{Claims, ISSUER};
use proto::errors::v1::ErrorReason;
use tonic::Code::{PermissionDenied, Unauthenticated};

use crate::harness::forger::claims_of;
use crate::harness::{PURGER, REPORTS, SUPPORT, Service, WATCHER, assert_invalid, assert_refused};

const AUTH: &str = "tandem.auth";
const TASKS: &str = "tandem.tasks";

#[tokio::test]
async fn a_service_gets_a_token_for_ten_minutes_that_is_recorded() {
    let service = Service::start().await;
    let issued = service.issue(WATCHER.asks(AUTH)).await.expect("its own");
    let claims = claims_of(&issued.access_token);
    let now = claims.iat;
    assert_eq!(
        claims,
        Claims {
            iss: ISSUER.to_owned(),
            aud: vec![AUTH.to_owned()],
            sub: "service:watcher".to_owned(),
            sid: None,
            scope: "revocations.read".to_owned(),
            role: String::new(),
            iat: now,
            nbf: now,
            exp: now + 600,
            jti: claims.jti.clone(),
            act: None,
        }
    );
    assert_eq!(issued.expire_time.expect("told").seconds, claims.exp);
    let recorded: (String, String, String, bool) = sqlx::query_as(
        "SELECT service, audience, scope, user_id IS NULL FROM service_tokens WHERE jti = $1::uuid",
    )
    .bind(&claims.jti)
    .fetch_one(&service.database.pool())
    .await
    .expect("recorded");
    assert_eq!(
        recorded,
        (
            "watcher".to_owned(),
            AUTH.to_owned(),
            "revocations.read".to_owned(),
            true
        )
    );
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_service_are_one_answer() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for (name, secret) in [
        (WATCHER.name, PURGER.secret),
        (WATCHER.name, "wrong"),
        ("nobody", WATCHER.secret),
        ("auth-service", WATCHER.secret),
        ("watcher ", WATCHER.secret),
        (
            REPORTS.name,
            "sha256=678a369fed46c6d7e43631f025e8e2d2ff391cc68affa1df9a93da0a26f7ad73",
        ),
    ] {
        let mut request = WATCHER.asks(AUTH);
        (request.service, request.secret) = (name.to_owned(), secret.to_owned());
        let refused = service.issue(request).await;
        let status = assert_refused(refused, Unauthenticated, ErrorReason::CredentialsInvalid);
        answers.push((status.message().to_owned(), status.details().to_vec()));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(service.count("SELECT count(*) FROM service_tokens").await, 0);
}

#[tokio::test]
async fn everything_that_is_missing_is_told_at_once() {
    let service = Service::start().await;
    let mut request = WATCHER.asks("tandem");
    (request.service, request.secret) = (String::new(), String::new());
    assert_invalid(service.issue(request).await, &["service", "secret", "audience"]);
}

#[tokio::test]
async fn what_a_credential_does_not_hold_is_refused() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let token = &ann.session.access_token;
    for (who, audience, scopes, subject) in [
        (WATCHER, TASKS, &[][..], ""),
        (WATCHER, TASKS, &["revocations.read"], ""),
        (WATCHER, AUTH, &["owners.purge"], ""),
        (WATCHER, AUTH, &["revocations.read", "owners.purge"], ""),
        (WATCHER, AUTH, &["revocations"], ""),
        (WATCHER, AUTH, &["revocations.read tasks.read"], ""),
        (WATCHER, AUTH, &["REVOCATIONS.READ"], ""),
        (WATCHER, AUTH, &[""], ""),
        (WATCHER, AUTH, &["account"], ""),
        (PURGER, AUTH, &[], ""),
        (PURGER, TASKS, &["tasks.read"], ""),
        // For itself a service has no tasks, and for a person nothing that only services do.
        (REPORTS, TASKS, &[], ""),
        (REPORTS, TASKS, &["tasks.read"], ""),
        (REPORTS, AUTH, &[], token),
        (REPORTS, AUTH, &["account"], token),
        (REPORTS, TASKS, &["account"], token),
        (REPORTS, TASKS, &["tasks.read", "account"], token),
        (WATCHER, AUTH, &[], token),
        (WATCHER, AUTH, &["revocations.read"], token),
        (PURGER, TASKS, &["owners.purge"], token),
        (SUPPORT, TASKS, &["tasks.write"], token),
        (SUPPORT, TASKS, &["impersonate"], token),
    ] {
        let mut request = who.asks(audience);
        request.scopes = scopes.iter().map(ToString::to_string).collect();
        request.subject_token = subject.to_owned();
        let case = format!("{} {audience} {scopes:?}", who.name);
        let refused = service.issue(request).await;
        assert!(refused.is_err(), "{case}");
        assert_refused(refused, PermissionDenied, ErrorReason::ScopeMissing);
    }
    assert_eq!(service.count("SELECT count(*) FROM service_tokens").await, 0);
}

#[tokio::test]
async fn while_a_secret_is_replaced_the_old_and_the_new_one_are_good() {
    let both = format!(
        "watcher:{}:revocations.read,watcher:{}:revocations.read",
        WATCHER.secret, PURGER.secret
    );
    let service = Service::start_with(&[("TANDEM_SERVICE_CREDENTIALS", &both)]).await;
    service.issue(WATCHER.asks(AUTH)).await.expect("the old one");
    let mut request = WATCHER.asks(AUTH);
    request.secret = PURGER.secret.to_owned();
    service.issue(request).await.expect("the new one");
}

#[tokio::test]
async fn without_credentials_nobody_gets_a_token() {
    let service = Service::start_with(&[("TANDEM_SERVICE_CREDENTIALS", "")]).await;
    let refused = service.issue(WATCHER.asks(AUTH)).await;
    assert_refused(refused, Unauthenticated, ErrorReason::CredentialsInvalid);
}

#[tokio::test]
async fn records_go_after_their_tokens_and_not_before() {
    let service = Service::start().await;
    service.issue(WATCHER.asks(AUTH)).await.expect("its own");
    service.seconds_pass(300);
    service.issue(WATCHER.asks(AUTH)).await.expect("its own");
    for (seconds, gone) in [(300, 0), (59, 0), (2, 1), (300, 1)] {
        service.seconds_pass(seconds);
        assert_eq!(sweep(&service.app).await.expect("swept"), gone);
    }
    assert_eq!(service.count("SELECT count(*) FROM service_tokens").await, 0);
}
