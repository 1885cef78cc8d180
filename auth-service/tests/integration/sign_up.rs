//! AuthService.SignUp.

use proto::access_token::{Audience, Keyring, Scope, Subject, Verifier};
use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tonic::Code;

use crate::harness::{KEYS, PASSWORD, Service, assert_invalid, assert_refused, sign_up};

#[tokio::test]
async fn a_sign_up_makes_an_account_and_its_first_session() {
    let service = Service::start().await;
    let ann = service.person("Ann@Example.org").await;

    let user = ann.user();
    assert_eq!(
        (user.email.as_str(), user.role.as_str()),
        ("Ann@Example.org", "user")
    );
    assert!(!user.email_verified && user.display_name.is_empty());
    assert_eq!(ann.session.refresh_token.len(), 43);
    assert!(!ann.session.device_token.is_empty());
    assert_eq!(ann.get_user().await.expect("signed in"), *user);
}

#[tokio::test]
async fn the_access_token_is_for_both_services_and_ten_minutes() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let keyring = Keyring::parse(KEYS).expect("good");
    let expires = ann.session.access_token_expire_time.expect("set").seconds;

    for audience in [Audience::Auth, Audience::Tasks] {
        let now = expires - 600;
        let caller = Verifier::new(&keyring, audience, move || now)
            .verify(&ann.session.access_token)
            .expect("good from the first second");
        assert_eq!(
            caller.subject(),
            &Subject::Person {
                id: ann.user().id.parse().expect("a UUID"),
                session_id: ann.session.session_id.parse().expect("a UUID"),
                role: "user".to_owned(),
            }
        );
        assert!(
            Scope::OF_A_PERSON
                .into_iter()
                .all(|scope| caller.has_scope(scope))
        );
        assert_eq!(caller.expires_at(), expires);
    }
}

#[tokio::test]
async fn all_field_faults_are_told_at_once() {
    let service = Service::start().await;
    let request = pb::SignUpRequest {
        email: "ann".to_owned(),
        password: "short".to_owned(),
        display_name: "x".repeat(101),
        refresh_token_delivery: 0,
    };
    assert_invalid(
        service.auth().sign_up(request).await,
        &["email", "password", "display_name"],
    );
    assert_invalid(
        service.auth().sign_up(pb::SignUpRequest::default()).await,
        &["email", "password"],
    );
}

#[tokio::test]
async fn a_weak_password_is_refused() {
    let service = Service::start().await;
    for password in [
        "1234567",
        "Password1",
        "iLoveYou",
        "ANN@example.org",
        &"x".repeat(257),
    ] {
        let request = pb::SignUpRequest {
            password: password.to_owned(),
            ..sign_up("ann@example.org")
        };
        assert_invalid(service.auth().sign_up(request).await, &["password"]);
    }
    assert_eq!(service.count("SELECT count(*) FROM users").await, 0);
}

#[tokio::test]
async fn an_unknown_delivery_is_refused() {
    let service = Service::start().await;
    let request = pb::SignUpRequest {
        refresh_token_delivery: 7,
        ..sign_up("ann@example.org")
    };
    assert_invalid(service.auth().sign_up(request).await, &["refresh_token_delivery"]);
}

#[tokio::test]
async fn an_email_is_taken_in_every_spelling() {
    let service = Service::start().await;
    service.person("Jos\u{e9}@example.org").await;
    for email in [
        "Jos\u{e9}@example.org",
        "JOS\u{c9}@EXAMPLE.ORG",
        "jose\u{301}@example.org",
    ] {
        let refused = service.auth().sign_up(sign_up(email)).await;
        assert_refused(refused, Code::AlreadyExists, ErrorReason::EmailTaken);
    }
    assert_eq!(service.count("SELECT count(*) FROM sessions").await, 1);
}

#[tokio::test]
async fn a_message_of_two_megabytes_is_refused_before_it_costs_a_hash() {
    let service = Service::start().await;
    let request = pb::SignUpRequest {
        password: "x".repeat(2 << 20),
        ..sign_up("ann@example.org")
    };
    let refused = service.auth().sign_up(request).await;
    assert_refused(refused, Code::ResourceExhausted, ErrorReason::MessageTooLarge);
    assert_eq!(service.app.hasher().hashes_done(), 0);
}

#[tokio::test]
async fn password_and_tokens_are_stored_as_hashes_only() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let stored: String = sqlx::query_scalar(
        "SELECT string_agg(t::text, ' ') FROM (
             SELECT u::text AS t FROM users u UNION ALL SELECT s::text FROM sessions s
             UNION ALL SELECT r::text FROM refresh_tokens r UNION ALL SELECT d::text FROM devices d) t",
    )
    .fetch_one(&service.database.pool())
    .await
    .expect("read");
    assert!(stored.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    for secret in [
        PASSWORD,
        &ann.session.refresh_token,
        &ann.session.device_token,
        &ann.session.access_token,
    ] {
        assert!(!stored.contains(secret));
    }
}

#[tokio::test]
async fn the_session_tells_which_program_it_belongs_to() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    let (agent, ip): (String, String) = sqlx::query_as("SELECT user_agent, ip_address FROM sessions")
        .fetch_one(&service.database.pool())
        .await
        .expect("read");
    assert!(agent.starts_with("tonic/"), "{agent}");
    assert_eq!(ip, "127.0.0.1");
}

#[tokio::test]
async fn what_is_no_message_is_refused_and_costs_nothing() {
    let service = Service::start().await;
    let text_that_is_not_utf8 = [0, 0, 0, 0, 4, 0x0a, 2, 0xff, 0xfe];
    let field_longer_than_the_message = [0, 0, 0, 0, 3, 0x0a, 0x7f, b'a'];
    let bytes_of_no_meaning = [0, 0, 0, 0, 3, 0xff, 0xff, 0xff];
    let less_than_was_promised = [0, 0, 0, 0, 9, 0x0a];
    for body in [
        &text_that_is_not_utf8[..],
        &field_longer_than_the_message,
        &bytes_of_no_meaning,
        &less_than_was_promised,
        &[],
    ] {
        let answer = service.post("SignUp", "", body).await;
        assert!(answer.contains("grpc-status: 3"), "{body:?}: {answer}");
    }
    let four_gigabytes_promised = [0, 0xff, 0xff, 0xff, 0xff, 0x0a];
    let answer = service.post("SignUp", "", &four_gigabytes_promised).await;
    assert!(answer.contains("grpc-status: 8"), "{answer}");
    assert_eq!(service.app.hasher().hashes_done(), 0);
}
