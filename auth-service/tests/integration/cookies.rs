//! Refresh tokens in cookies: who may have one set or read, and where the answer goes.

use proto::auth::v1::{RefreshSessionRequest, RefreshTokenDelivery, SignOutRequest, SignUpRequest};
use proto::errors::v1::ErrorReason;
use tonic::Code;

use crate::harness::{Browser, ORIGIN, Service, assert_invalid, assert_refused, sign_up};

const ELSEWHERE: &str = "https://evil.example";

fn by_cookie() -> RefreshSessionRequest {
    RefreshSessionRequest::default()
}

fn asking_for(delivery: RefreshTokenDelivery) -> RefreshSessionRequest {
    RefreshSessionRequest {
        refresh_token: String::new(),
        refresh_token_delivery: delivery.into(),
    }
}

#[tokio::test]
async fn a_cookie_carries_the_token_and_the_message_does_not() {
    let service = Service::start().await;
    let mut browser = Browser::on(&service, ORIGIN);
    let session = browser.sign_up("ann@example.org").await.expect("signed up");
    assert!(session.refresh_token.is_empty());
    let cookie = browser.set_cookie.expect("set");
    assert!(cookie.starts_with("tandem_refresh_8080="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert!(
        !cookie.contains("Secure") && !cookie.contains("Domain"),
        "{cookie}"
    );
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host_and_to_tls() {
    const HTTPS: &str = "https://tandem.example.org";
    let service = Service::start_with(&[("TANDEM_PUBLIC_ORIGIN", HTTPS)]).await;
    let mut browser = Browser::on(&service, HTTPS);
    browser.sign_up("ann@example.org").await.expect("signed up");
    let cookie = browser.set_cookie.clone().expect("set");
    assert!(cookie.starts_with("__Host-tandem_refresh="), "{cookie}");
    assert!(
        cookie.contains("; Secure") && cookie.contains("Path=/"),
        "{cookie}"
    );
    browser
        .refresh(by_cookie())
        .await
        .expect("its own cookie comes back");
}

#[tokio::test]
async fn where_a_cookie_could_be_overheard_none_is_set() {
    for origin in ["http://tandem.example.org", ""] {
        let service = Service::start_with(&[("TANDEM_PUBLIC_ORIGIN", origin)]).await;
        let mut browser = Browser::on(&service, "http://tandem.example.org");
        assert_invalid(
            browser.sign_up("ann@example.org").await,
            &["refresh_token_delivery"],
        );
        assert_eq!(service.count("SELECT count(*) FROM users").await, 0);
    }
}

#[tokio::test]
async fn a_token_that_came_by_cookie_is_answered_by_cookie() {
    let service = Service::start().await;
    let mut browser = Browser::signed_up(&service, "ann@example.org").await;
    for delivery in [RefreshTokenDelivery::Unspecified, RefreshTokenDelivery::Cookie] {
        let before = browser.cookie.clone();
        let session = browser.refresh(asking_for(delivery)).await.expect("refreshed");
        assert!(session.refresh_token.is_empty() && !session.access_token.is_empty());
        assert_ne!(browser.cookie, before);
    }
}

#[tokio::test]
async fn a_token_that_came_by_cookie_is_never_answered_in_the_message() {
    let service = Service::start().await;
    let mut browser = Browser::signed_up(&service, "ann@example.org").await;
    let refused = browser.refresh(asking_for(RefreshTokenDelivery::Body)).await;
    assert_invalid(refused, &["refresh_token_delivery"]);
    browser.refresh(by_cookie()).await.expect("nothing was used up");
}

#[tokio::test]
async fn a_token_in_the_message_wins_over_a_cookie() {
    let service = Service::start().await;
    let mut browser = Browser::signed_up(&service, "ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    let request = RefreshSessionRequest {
        refresh_token: bob.session.refresh_token.clone(),
        refresh_token_delivery: 0,
    };
    let session = browser.refresh(request).await.expect("refreshed");
    assert_eq!(session.user.as_ref(), Some(bob.user()));
    assert!(!session.refresh_token.is_empty() && browser.set_cookie.is_none());
}

#[tokio::test]
async fn a_token_from_a_message_can_move_into_a_cookie() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let mut browser = Browser::on(&service, ORIGIN);
    let request = RefreshSessionRequest {
        refresh_token: ann.session.refresh_token.clone(),
        refresh_token_delivery: RefreshTokenDelivery::Cookie.into(),
    };
    assert!(
        browser
            .refresh(request)
            .await
            .expect("refreshed")
            .refresh_token
            .is_empty()
    );
    browser.refresh(by_cookie()).await.expect("by cookie from now on");
}

#[tokio::test]
async fn another_origin_can_neither_set_nor_read_nor_clear_a_cookie() {
    let service = Service::start().await;
    let mut browser = Browser::signed_up(&service, "ann@example.org").await;
    for origin in [
        None,
        Some(ELSEWHERE),
        Some("null"),
        Some("http://127.0.0.1:8080"),
        Some("http://localhost"),
    ] {
        browser.origin = origin;
        let denied =
            |status| assert_refused::<()>(Err(status), Code::PermissionDenied, ErrorReason::OriginNotAllowed);
        denied(browser.sign_up("bob@example.org").await.expect_err("set"));
        denied(browser.refresh(by_cookie()).await.expect_err("read"));
        assert!(browser.set_cookie.is_none(), "{origin:?}");
        denied(
            browser
                .refresh(asking_for(RefreshTokenDelivery::Cookie))
                .await
                .expect_err("read"),
        );
        denied(
            browser
                .sign_out(SignOutRequest::default())
                .await
                .expect_err("read"),
        );
        assert!(browser.set_cookie.is_none(), "{origin:?}");
    }
    assert_eq!(service.count("SELECT count(*) FROM users").await, 1);
    browser.origin = Some(ORIGIN);
    browser
        .refresh(by_cookie())
        .await
        .expect("nothing happened to it");
}

#[tokio::test]
async fn two_origins_are_none() {
    let service = Service::start().await;
    let mut request = tonic::Request::new(SignUpRequest {
        refresh_token_delivery: RefreshTokenDelivery::Cookie.into(),
        ..sign_up("ann@example.org")
    });
    request
        .metadata_mut()
        .append("origin", ORIGIN.parse().expect("ASCII"));
    request
        .metadata_mut()
        .append("origin", ELSEWHERE.parse().expect("ASCII"));
    let refused = service.auth().sign_up(request).await;
    assert_refused(refused, Code::PermissionDenied, ErrorReason::OriginNotAllowed);
}

#[tokio::test]
async fn a_refused_refresh_clears_the_cookie() {
    let service = Service::start().await;
    let mut browser = Browser::signed_up(&service, "ann@example.org").await;
    service.days_pass(31);
    let refused = browser.refresh(by_cookie()).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::SessionEnded);
    let cleared = browser.set_cookie.expect("cleared");
    assert!(
        cleared.starts_with("tandem_refresh_8080=;") && cleared.contains("Max-Age=0"),
        "{cleared}"
    );
}

#[tokio::test]
async fn a_browser_without_a_cookie_is_simply_not_signed_in() {
    let service = Service::start().await;
    let mut browser = Browser::on(&service, ORIGIN);
    let refused = browser.refresh(by_cookie()).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::SessionEnded);
    browser
        .sign_out(SignOutRequest::default())
        .await
        .expect("idempotent");
}

#[tokio::test]
async fn sign_out_by_cookie_ends_the_session_and_clears_the_cookie() {
    let service = Service::start().await;
    let mut browser = Browser::signed_up(&service, "ann@example.org").await;
    let before = browser.cookie.clone();
    browser
        .sign_out(SignOutRequest::default())
        .await
        .expect("signed out");
    assert!(
        browser
            .set_cookie
            .as_ref()
            .is_some_and(|cookie| cookie.contains("Max-Age=0"))
    );
    browser.cookie = before;
    assert_refused(
        browser.refresh(by_cookie()).await,
        Code::Unauthenticated,
        ErrorReason::SessionEnded,
    );
}

#[tokio::test]
async fn sign_out_in_the_web_apps_browser_clears_its_cookie_also_with_the_token_in_the_message() {
    let service = Service::start().await;
    let mut browser = Browser::signed_up(&service, "ann@example.org").await;
    let other = service.person("bob@example.org").await;
    let request = SignOutRequest {
        refresh_token: other.session.refresh_token.clone(),
    };
    browser.sign_out(request).await.expect("signed out");
    let cleared = browser.set_cookie.as_ref();
    assert!(cleared.is_some_and(|cookie| cookie.contains("Max-Age=0")));
}

#[tokio::test]
async fn malformed_cookies_are_as_good_as_none() {
    let service = Service::start().await;
    let mut browser = Browser::on(&service, ORIGIN);
    for cookie in [
        "tandem_refresh_8080",
        "tandem_refresh_8080=",
        "=;;=;",
        "tandem_refresh_8080=%%%;",
        "; ; ;",
        "\"",
        "tandem_refresh_8080=\"AAAA\"",
        "Tandem_Refresh_8080=AAAA",
        &"x=y; ".repeat(2000),
        &format!("tandem_refresh_8080={}", "A".repeat(4000)),
    ] {
        browser.cookie = Some(cookie.to_owned());
        let refused = browser.refresh(by_cookie()).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::SessionEnded);
    }
}

#[tokio::test]
async fn the_cookie_is_found_among_others() {
    let service = Service::start().await;
    let mut browser = Browser::signed_up(&service, "ann@example.org").await;
    let cookie = browser.cookie.clone().expect("set");
    browser.cookie = Some(format!("a=1; xtandem_refresh_8080=nonsense; {cookie};b=2"));
    browser.refresh(by_cookie()).await.expect("found");
}

#[tokio::test]
async fn the_removal_of_a_refused_cookie_reaches_a_browser() {
    let service = Service::start().await;
    let headers = format!("origin: {ORIGIN}\r\ncookie: tandem_refresh_8080=unknown\r\n");
    let answer = service.post("RefreshSession", &headers, &[0; 5]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("grpc-status: 16"), "{answer}");
    assert!(answer.contains("set-cookie: tandem_refresh_8080=;"), "{answer}");
}
