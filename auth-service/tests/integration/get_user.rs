//! AccountService.GetUser, and with it which tokens AccountService takes at all.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tonic::{Code, Request};

use crate::harness::forger::{changed, claims_of, header, signed};
use crate::harness::{Service, assert_refused};

#[tokio::test]
async fn a_person_reads_their_own_account_and_nobody_elses() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    assert_eq!(ann.get_user().await.expect("hers").email, ann.email);
    assert_eq!(bob.get_user().await.expect("his").email, bob.email);
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let good = claims_of(&ann.session.access_token);
    let with = |change: fn(&mut Header)| {
        let mut header = header();
        change(&mut header);
        signed(&header, &good)
    };
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&good).expect("json"));
    let unsigned = |alg: &str| {
        let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"test"}}"#);
        format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header))
    };
    let other_key = EncodingKey::from_secret(&[9; 32]);
    let cut = &ann.session.access_token[..ann.session.access_token.len() - 3];

    for (how, token) in [
        ("algorithm none", unsigned("none")),
        ("algorithm NONE", unsigned("nOnE")),
        ("no signature", unsigned("HS256")),
        (
            "another algorithm of the same key",
            with(|header| header.alg = Algorithm::HS512),
        ),
        ("another type", with(|header| header.typ = Some("JWT".to_owned()))),
        ("no type", with(|header| header.typ = None)),
        (
            "a forged kid",
            with(|header| header.kid = Some("../../dev/null".to_owned())),
        ),
        ("no kid", with(|header| header.kid = None)),
        (
            "another key",
            jsonwebtoken::encode(&header(), &good, &other_key).expect("signed"),
        ),
        ("a cut signature", cut.to_owned()),
        ("a refresh token", ann.session.refresh_token.clone()),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("ten kilobytes", "A".repeat(10_000)),
    ] {
        let refused = service.get_user(&token).await;
        assert!(refused.is_err(), "{how}");
        assert_refused(refused, Code::Unauthenticated, ErrorReason::TokenInvalid);
    }
}

#[tokio::test]
async fn a_token_of_a_megabyte_is_refused_and_the_service_goes_on() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service
        .get_user(&"A".repeat(1 << 20))
        .await
        .expect_err("more than any header may have");
    ann.get_user().await.expect("on the same connection or a new one");
}

#[tokio::test]
async fn without_one_bearer_token_nobody_is_let_in() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let call = async |headers: Vec<String>| {
        let mut request = Request::new(pb::GetUserRequest {});
        for header in headers {
            request
                .metadata_mut()
                .append("authorization", header.parse().expect("ASCII"));
        }
        service.account().get_user(request).await
    };
    let bearer = format!("Bearer {}", ann.session.access_token);
    call(vec![bearer.replace("Bearer", "bearer")])
        .await
        .expect("the scheme ignores case");
    let basic = "Basic YTpi".to_owned();
    for headers in [vec![], vec![basic]] {
        assert_refused(
            call(headers).await,
            Code::Unauthenticated,
            ErrorReason::TokenMissing,
        );
    }
    for headers in [vec![bearer.clone(), bearer.clone()], vec!["Bearer".to_owned()]] {
        assert_refused(
            call(headers).await,
            Code::Unauthenticated,
            ErrorReason::TokenInvalid,
        );
    }
}

#[tokio::test]
async fn a_signature_is_not_enough_when_the_person_was_disabled() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    service.disable("ann@example.org").await;
    assert_refused(
        ann.get_user().await,
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
    );
}

#[tokio::test]
async fn the_role_comes_from_the_table_and_not_from_the_token() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let claims = changed(&claims_of(&ann.session.access_token), |claims| {
        claims.role = "admin".to_owned()
    });
    let user = service.get_user(&signed(&header(), &claims)).await.expect("hers");
    assert_eq!(user.role, "user");
}
