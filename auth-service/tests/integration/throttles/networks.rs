//! What is counted by the network that calls come from: wrong passwords and secrets, and sign-ups.

use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tokio::task::JoinSet;
use tonic::{Code, Request, Status};

use super::{WINDOW_SECONDS, WRONG, assert_throttled, exhaust, on_device};
use crate::harness::{PASSWORD, Service, WATCHER, assert_refused, sign_in, sign_up};

/// A test plays the proxy in front, so that it can call from many networks.
const BEHIND_A_PROXY: (&str, &str) = ("TANDEM_TRUSTED_PROXIES", "127.0.0.1");

/// A sign-in from an address, as the trusted proxy tells it.
async fn from(service: &Service, address: &str, request: pb::SignInRequest) -> Result<pb::Session, Status> {
    let mut request = Request::new(request);
    let told = address.parse().expect("ASCII");
    request.metadata_mut().insert("x-forwarded-for", told);
    let reply = service.auth().sign_in(request).await?;
    Ok(reply.into_inner().session.expect("a session"))
}

#[tokio::test]
async fn many_accounts_tried_from_one_network_use_up_the_network_and_no_other() {
    let service =
        Service::start_with(&[BEHIND_A_PROXY, ("TANDEM_AUTH_THROTTLE_WRONG_PER_NETWORK", "12")]).await;
    let ann = service.person("ann@example.org").await;
    for number in 0..12 {
        let guess = sign_in(&format!("person{number}@example.org"), WRONG);
        let refused = from(&service, &format!("192.0.2.{number}"), guess).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    }
    let right = || sign_in("ann@example.org", PASSWORD);
    let delay = assert_throttled(from(&service, "192.0.2.200", right()).await);
    assert_eq!(delay.as_secs(), WINDOW_SECONDS);
    from(&service, "192.0.3.1", right())
        .await
        .expect("another network");
    let known = on_device("ann@example.org", PASSWORD, &ann.session.device_token);
    from(&service, "192.0.2.200", known)
        .await
        .expect("a known device");
}

#[tokio::test]
async fn what_an_account_refuses_is_not_held_against_the_network() {
    let service = Service::start_with(&[("TANDEM_AUTH_THROTTLE_WRONG_PER_NETWORK", "11")]).await;
    service.person("ann@example.org").await;
    exhaust(&service, "bob@example.org").await;
    exhaust(&service, "bob@example.org").await;
    service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("room for one");
}

#[tokio::test]
async fn a_forged_chain_of_proxies_does_not_make_another_network() {
    for setting in [&[][..], &[BEHIND_A_PROXY]] {
        let limit = [("TANDEM_AUTH_THROTTLE_WRONG_PER_NETWORK", "5")];
        let service = Service::start_with(&[setting, &limit].concat()).await;
        for number in 0..6 {
            let guess = sign_in(&format!("person{number}@example.org"), WRONG);
            let chain = format!("198.51.{number}.1, 127.0.0.1, 192.0.2.7");
            let refused = from(&service, &chain, guess).await.expect_err("wrong");
            let expected = if number < 5 {
                Code::Unauthenticated
            } else {
                Code::ResourceExhausted
            };
            assert_eq!(refused.code(), expected, "{number} with {setting:?}");
        }
    }
}

#[tokio::test]
async fn thirty_sign_ups_and_a_hundred_sign_ins_a_minute_pass_from_one_address() {
    let service = Service::start().await;
    for _ in 0..2 {
        let mut minute = JoinSet::new();
        let number = service.count("SELECT count(*) FROM users").await;
        for number in number..number + 30 {
            let mut auth = service.auth();
            minute.spawn(async move {
                let email = format!("person{number}@example.org");
                auth.sign_up(sign_up(&email)).await.map(drop)
            });
        }
        assert!(minute.join_all().await.iter().all(Result::is_ok));
        let mut minute = JoinSet::new();
        for number in 0..100 {
            let mut auth = service.auth();
            let email = format!("person{}@example.org", number % 7);
            minute.spawn(async move { auth.sign_in(sign_in(&email, PASSWORD)).await.map(drop) });
        }
        assert!(minute.join_all().await.iter().all(Result::is_ok));
        service.seconds_pass(60);
    }
}

#[tokio::test]
async fn sign_ups_have_a_limit_of_their_own_whatever_comes_of_them() {
    let service = Service::start_with(&[("TANDEM_AUTH_THROTTLE_SIGN_UPS_PER_NETWORK", "3")]).await;
    service.person("ann@example.org").await;
    for _ in 0..2 {
        let taken = service.auth().sign_up(sign_up("ann@example.org")).await;
        assert_refused(taken, Code::AlreadyExists, ErrorReason::EmailTaken);
    }
    let delay = assert_throttled(service.auth().sign_up(sign_up("bob@example.org")).await);
    assert_eq!(delay.as_secs(), 60);
    service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("not a sign-up");
    service.seconds_pass(60);
    service.person("bob@example.org").await;
}

#[tokio::test]
async fn wrong_secrets_of_services_are_counted_by_network_and_right_ones_always_pass() {
    let service = Service::start_with(&[("TANDEM_AUTH_THROTTLE_WRONG_PER_NETWORK", "3")]).await;
    let wrong = || pb::IssueServiceTokenRequest {
        secret: "wrong".to_owned(),
        ..WATCHER.asks("tandem.auth")
    };
    for _ in 0..3 {
        let refused = service.issue(wrong()).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    }
    let delay = assert_throttled(service.issue(wrong()).await);
    assert_eq!(delay.as_secs(), WINDOW_SECONDS);
    service
        .issue(WATCHER.asks("tandem.auth"))
        .await
        .expect("a neighbour does not shut it out");
    service.seconds_pass(WINDOW_SECONDS);
    let refused = service.issue(wrong()).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
}
