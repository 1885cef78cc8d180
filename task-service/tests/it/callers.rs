//! Who may call: tokens that are attacks, each beside one that differs only in being good; and the scope that each
//! method's comment names.

use proto::access_token::{Actor, Claims, Scope};
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::harness::{Person, Service, assert_refused, titled};
use crate::isolation::requests::{self, methods};

async fn list(person: &Person<'_>) -> Result<pb::ListTasksResponse, Status> {
    person.list(pb::ListTasksRequest::default()).await
}

#[tokio::test]
async fn a_caller_without_a_token_is_told_what_is_missing() {
    let service = Service::start().await;
    assert_refused(
        list(&service.anonymous()).await,
        Code::Unauthenticated,
        ErrorReason::TokenMissing,
    );
    list(&service.person()).await.unwrap();
}

#[tokio::test]
async fn forged_and_foreign_tokens_are_refused() {
    let service = Service::start().await;
    let claims = || serde_json::to_value(service.claims()).unwrap();
    let with = |key: &str, value: Value| {
        let mut claims = claims();
        claims[key] = value;
        claims
    };
    let header = service.header();
    let mut wrong = Vec::new();
    for claims in [
        with("aud", json!(["tandem.auth"])),
        with("iss", json!("somebody")),
        with("nbf", json!(4_000_000_000_i64)),
        with("iat", json!(4_000_000_000_i64)),
        with("sub", json!("alice")),
        with("sid", Value::Null),
    ] {
        wrong.push(service.person_with(&header, &claims));
    }
    for header in [
        jsonwebtoken::Header {
            kid: Some("other".to_owned()),
            ..header.clone()
        },
        jsonwebtoken::Header {
            typ: Some("JWT".to_owned()),
            ..header.clone()
        },
        jsonwebtoken::Header {
            crit: Some(vec!["exp".to_owned()]),
            ..header.clone()
        },
        jsonwebtoken::Header {
            alg: jsonwebtoken::Algorithm::HS512,
            ..header.clone()
        },
    ] {
        wrong.push(service.person_with(&header, &claims()));
    }
    for token in [
        "",
        "x",
        "a.b.c",
        "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoidGVzdCJ9.e30.",
    ] {
        wrong.push(service.bearer(token));
    }
    for (number, person) in wrong.iter().enumerate() {
        let status = list(person).await.expect_err("let through");
        assert_eq!(status.code(), Code::Unauthenticated, "{number}");
    }
    list(&service.person_with(&header, &claims())).await.unwrap();
}

#[tokio::test]
async fn an_expired_token_says_so() {
    let service = Service::start().await;
    let alice = service.person();
    list(&alice).await.unwrap();
    service.hand.advance(std::time::Duration::from_secs(606));
    assert_refused(
        list(&alice).await,
        Code::Unauthenticated,
        ErrorReason::TokenExpired,
    );
}

#[tokio::test]
async fn a_token_of_a_megabyte_is_refused_and_the_service_lives() {
    let service = Service::start().await;
    assert!(list(&service.bearer(&"A".repeat(1 << 20))).await.is_err());
    list(&service.person()).await.unwrap();
}

#[tokio::test]
async fn a_service_on_its_own_behalf_has_no_tasks_and_one_that_acts_for_a_person_has_that_persons() {
    let service = Service::start().await;
    let claims = service.claims();
    let own = Claims {
        sub: "service:reports".to_owned(),
        sid: None,
        ..claims.clone()
    };
    let refused = list(&service.person_with(&service.header(), &own)).await;
    assert_refused(refused, Code::PermissionDenied, ErrorReason::CallerNotAllowed);

    let alice = service.person_with(&service.header(), &claims);
    let made = alice.create(titled("Hers")).await.unwrap();
    let act = Some(Actor {
        sub: "service:reports".to_owned(),
    });
    let delegated = Claims {
        act,
        scope: "tasks.read".to_owned(),
        ..claims
    };
    let delegate = service.person_with(&service.header(), &delegated);
    assert_eq!(delegate.get(&made.id).await.unwrap(), made);
    assert_refused(
        delegate.delete(&made.id).await,
        Code::PermissionDenied,
        ErrorReason::ScopeMissing,
    );
}

/// The scope that the method's comment names.
fn documented_scope(method: &prost_reflect::MethodDescriptor) -> String {
    let file = method.parent_file();
    let path = method.path().to_vec();
    let locations = &file
        .file_descriptor_proto()
        .source_code_info
        .as_ref()
        .expect("comments are kept")
        .location;
    let comment = locations
        .iter()
        .find(|location| location.path == path)
        .expect("a comment")
        .leading_comments();
    let after = comment
        .split("Scope: ")
        .nth(1)
        .expect("a line that names the scope");
    after
        .split(|c: char| c.is_whitespace())
        .next()
        .expect("a word")
        .trim_end_matches('.')
        .to_owned()
}

#[tokio::test]
async fn each_method_asks_for_the_scope_that_its_comment_names_and_for_no_other() {
    let service = Service::start().await;
    for method in methods() {
        let documented = documented_scope(method.descriptor());
        for scope in Scope::OF_A_PERSON.map(Scope::as_str) {
            let claims = Claims {
                scope: scope.to_owned(),
                ..service.claims()
            };
            let person = service.person_with(&service.header(), &claims);
            // Nothing is asked for: who gets in is told so, or sees a page without anything.
            let answer = requests::call(person.channel(), &method, person.request(Vec::new())).await;
            let refused = answer
                .as_ref()
                .is_err_and(|status| status.code() == Code::PermissionDenied);
            assert_eq!(
                refused,
                scope != documented,
                "{} with {scope}: {answer:?}",
                method.name()
            );
        }
    }
}
