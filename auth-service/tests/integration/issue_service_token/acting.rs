//! Services that act for a person who gave them a token, or, by the grant `impersonate`, for one who did not.

use proto::access_token::{Actor, Claims};
use proto::auth::v1 as pb;
use proto::auth::v1::security_event::Kind;
use proto::errors::v1::ErrorReason;
use tokio::task::JoinSet;
use tonic::Code::{PermissionDenied, Unauthenticated};
use uuid::Uuid;

use super::TASKS;
use crate::harness::forger::{changed, claims_of, header, signed};
use crate::harness::{REPORTS, SUPPORT, Service, assert_refused};

#[tokio::test]
async fn a_service_acts_for_a_person_in_that_persons_session() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let own = claims_of(&ann.session.access_token);
    service.seconds_pass(200);
    let issued = service.issue(REPORTS.asks_for(&ann.session.access_token)).await;
    let issued = issued.expect("she gave it her token");
    let claims = claims_of(&issued.access_token);
    assert_eq!(
        claims,
        Claims {
            aud: vec![TASKS.to_owned()],
            scope: "tasks.read tasks.write".to_owned(),
            role: String::new(),
            iat: own.iat + 200,
            nbf: own.iat + 200,
            // No later than hers.
            exp: own.exp,
            jti: claims.jti.clone(),
            act: Some(Actor {
                sub: "service:reports".to_owned()
            }),
            ..own.clone()
        }
    );
    assert_ne!(claims.jti, own.jti);
    assert_eq!(issued.expire_time.expect("told").seconds, own.exp);
}

#[tokio::test]
async fn scopes_are_the_least_of_what_was_asked_for_held_and_given() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let token = &ann.session.access_token;
    let reader = signed(
        &header(),
        &changed(&claims_of(token), |claims| {
            claims.scope = "tasks.read account".to_owned()
        }),
    );
    let with = |credential: crate::harness::Credential, subject: &str, scopes: &[&str]| {
        let mut request = credential.asks_for(subject);
        request.scopes = scopes.iter().map(ToString::to_string).collect();
        service.issue(request)
    };
    for (credential, subject, scopes, gets) in [
        (REPORTS, token, &[][..], "tasks.read tasks.write"),
        (REPORTS, token, &["tasks.write"], "tasks.write"),
        (
            REPORTS,
            token,
            &["tasks.write", "tasks.read", "tasks.write"],
            "tasks.read tasks.write",
        ),
        (SUPPORT, token, &[], "tasks.read"),
        (REPORTS, &reader, &[], "tasks.read"),
    ] {
        let issued = with(credential, subject, scopes).await.expect("held and given");
        assert_eq!(claims_of(&issued.access_token).scope, gets);
    }
    for (credential, subject, scopes) in [
        (REPORTS, &reader, &["tasks.write"][..]),
        (REPORTS, &reader, &["tasks.read", "tasks.write"]),
        (SUPPORT, token, &["tasks.write"]),
    ] {
        let refused = with(credential, subject, scopes).await;
        assert_refused(refused, PermissionDenied, ErrorReason::ScopeMissing);
    }
}

#[tokio::test]
async fn who_acts_for_a_person_gets_nowhere_near_the_account() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let issued = service.issue(REPORTS.asks_for(&ann.session.access_token)).await;
    let token = issued.expect("acts").access_token;
    assert_refused(
        service.get_user(&token).await,
        Unauthenticated,
        ErrorReason::TokenInvalid,
    );
    // Not even with a forged audience and scope.
    let forged = changed(&claims_of(&token), |claims| {
        claims.aud = vec!["tandem.auth".to_owned()];
        claims.scope = "account".to_owned();
    });
    let refused = service.get_user(&signed(&header(), &forged)).await;
    assert_refused(refused, PermissionDenied, ErrorReason::CallerNotAllowed);
}

#[tokio::test]
async fn impersonation_is_a_grant_of_its_own_and_its_token_a_session_of_its_own() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let id = &ann.user().id;
    let issued = service.issue(SUPPORT.asks_for(id)).await.expect("granted");
    let claims = claims_of(&issued.access_token);
    assert_eq!((&claims.sub, claims.scope.as_str()), (id, "tasks.read"));
    assert_eq!(claims.act.as_ref().expect("who acts").sub, "service:support");
    assert_eq!(claims.sid.as_ref(), Some(&claims.jti));
    assert_eq!(claims.exp, claims.iat + 600);
    // Whoever revokes all that is done for a person finds it here.
    let recorded: (Uuid, Uuid) =
        sqlx::query_as("SELECT jti, session_id FROM service_tokens WHERE user_id = $1::uuid")
            .bind(id)
            .fetch_one(&service.database.pool())
            .await
            .expect("recorded");
    assert_eq!(recorded.0.to_string(), claims.jti);
    assert_eq!(recorded.1, recorded.0);

    let refused = service.issue(REPORTS.asks_for(id)).await;
    assert_refused(refused, PermissionDenied, ErrorReason::ScopeMissing);
}

#[tokio::test]
async fn each_impersonation_is_told_to_the_person_and_acting_with_their_help_is_not() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let mut tokens = Vec::new();
    for subject in [&ann.user().id, &ann.session.access_token, &ann.user().id] {
        service.seconds_pass(1);
        let issued = service.issue(SUPPORT.asks_for(subject)).await.expect("granted");
        tokens.push(claims_of(&issued.access_token));
    }
    service
        .issue(REPORTS.asks_for(&ann.user().id))
        .await
        .expect_err("not granted");
    let events = ann.security_events().await;
    let kinds: Vec<_> = events.iter().map(pb::SecurityEvent::kind).collect();
    assert_eq!(kinds, [Kind::Impersonated, Kind::Impersonated, Kind::SignedUp]);
    for (event, token) in [(&events[0], &tokens[2]), (&events[1], &tokens[0])] {
        assert_eq!(event.actor, "service:support");
        assert_eq!(Some(&event.session_id), token.sid.as_ref());
        assert_eq!(event.ip_address, "127.0.0.1");
    }
}

#[tokio::test]
async fn nobody_is_impersonated_who_is_not_there_or_may_not_sign_in() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service.disable("ann@example.org").await;
    for id in [ann.user().id.clone(), Uuid::nil().to_string()] {
        let refused = service.issue(SUPPORT.asks_for(&id)).await;
        assert_refused(refused, Unauthenticated, ErrorReason::TokenRevoked);
    }
    assert_eq!(service.count("SELECT count(*) FROM service_tokens").await, 0);
}

#[tokio::test]
async fn records_about_a_person_go_with_the_account() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service
        .issue(REPORTS.asks_for(&ann.session.access_token))
        .await
        .expect("acts");
    sqlx::query("DELETE FROM users")
        .execute(&service.database.pool())
        .await
        .expect("deleted");
    assert_eq!(service.count("SELECT count(*) FROM service_tokens").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_disables_a_person_finds_every_token_made_for_them_or_prevents_it() {
    let service = Service::start().await;
    for round in 0..10 {
        let email = format!("ann{round}@example.org");
        let ann = service.person(&email).await;
        let id: Uuid = ann.user().id.parse().expect("a UUID");
        let requests = [
            SUPPORT.asks_for(&ann.user().id),
            REPORTS.asks_for(&ann.session.access_token),
        ];
        let mut issuing = JoinSet::new();
        for n in 0..16 {
            let (mut client, request) = (service.service_tokens(), requests[n % 2].clone());
            issuing.spawn(async move { client.issue_service_token(request).await });
        }
        let found: i64 = {
            let mut tx = service.database.pool().begin().await.expect("begun");
            sqlx::query("UPDATE users SET disable_time = create_time WHERE id = $1")
                .bind(id)
                .execute(&mut *tx)
                .await
                .expect("disabled");
            let found = sqlx::query_scalar("SELECT count(*) FROM service_tokens WHERE user_id = $1")
                .bind(id)
                .fetch_one(&mut *tx)
                .await
                .expect("counted");
            tx.commit().await.expect("committed");
            found
        };
        let mut good = 0;
        for answer in issuing.join_all().await {
            match answer {
                Ok(_) => good += 1,
                refused => drop(assert_refused(
                    refused,
                    Unauthenticated,
                    ErrorReason::TokenRevoked,
                )),
            }
        }
        assert_eq!(good, found, "round {round}");
    }
}
