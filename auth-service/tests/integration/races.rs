//! What happens at once, on real threads.

use std::sync::Arc;

use proto::errors::v1::ErrorReason;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tonic::Code;

use crate::harness::{Service, assert_refused, refresh, sign_up};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_refreshes_from_two_tabs_never_lose_the_session() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let mut tabs = JoinSet::new();
    for _ in 0..2 {
        let auth = service.auth();
        let mut token = ann.session.refresh_token.clone();
        tabs.spawn(async move {
            for _ in 0..500 {
                token = refresh(auth.clone(), &token)
                    .await
                    .expect("the session lives")
                    .refresh_token;
            }
            token
        });
    }
    let tokens = tabs.join_all().await;
    let (one, two) = (
        service.refresh(&tokens[0]).await,
        service.refresh(&tokens[1]).await,
    );
    service
        .refresh(&two.expect("works on").refresh_token)
        .await
        .expect("works on");
    service
        .refresh(&one.expect("works on").refresh_token)
        .await
        .expect("works on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refreshes_of_one_token_at_once_agree_on_one_successor() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    for _ in 0..10 {
        let start = Arc::new(Barrier::new(8));
        let token = service
            .refresh(&ann.session.refresh_token)
            .await
            .expect("newest")
            .refresh_token;
        let mut tabs = JoinSet::new();
        for _ in 0..8 {
            let (auth, token, start) = (service.auth(), token.clone(), start.clone());
            tabs.spawn(async move {
                start.wait().await;
                refresh(auth, &token).await.expect("answered").refresh_token
            });
        }
        let mut successors = tabs.join_all().await;
        successors.dedup();
        assert_eq!(successors.len(), 1);
    }
    // The first, the one after it, and one a round.
    assert_eq!(service.count("SELECT count(*) FROM refresh_tokens").await, 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_retry_that_races_the_next_refresh_gets_a_token_that_works_on() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let mut token = ann.session.refresh_token.clone();
    for _ in 0..50 {
        let newest = service.refresh(&token).await.expect("first use").refresh_token;
        let (next, retry) = tokio::join!(service.refresh(&newest), service.refresh(&token));
        let (next, retry) = (
            next.expect("goes on").refresh_token,
            retry.expect("in the window").refresh_token,
        );
        assert!(retry == newest || retry == next);
        token = service.refresh(&retry).await.expect("works on").refresh_token;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refresh_that_races_sign_out_never_yields_a_working_token() {
    let service = Service::start().await;
    for round in 0..30 {
        let ann = service.person(&format!("ann{round}@example.org")).await;
        let token = ann.session.refresh_token.clone();
        let (refreshed, signed_out) = tokio::join!(service.refresh(&token), service.sign_out(&token));
        signed_out.expect("signed out");
        if let Ok(session) = refreshed {
            let again = service.refresh(&session.refresh_token).await;
            assert_refused(again, Code::Unauthenticated, ErrorReason::SessionEnded);
            let user = service.get_user(&session.access_token).await;
            assert_refused(user, Code::Unauthenticated, ErrorReason::TokenRevoked);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_sign_ups_for_one_email_at_once_make_one_account() {
    let service = Service::start().await;
    let mut both = JoinSet::new();
    for email in ["ann@example.org", "ANN@example.org"] {
        let mut auth = service.auth();
        both.spawn(async move { auth.sign_up(sign_up(email)).await });
    }
    let (made, refused): (Vec<_>, Vec<_>) = both.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 1));
    for refused in refused {
        assert_refused(refused, Code::AlreadyExists, ErrorReason::EmailTaken);
    }
}
