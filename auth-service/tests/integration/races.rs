//! What happens at once, on real threads.

use std::sync::Arc;

use auth_service::domain::{Salt, Token};

use proto::errors::v1::ErrorReason;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tonic::Code;

use crate::harness::{PASSWORD, Service, assert_refused, refresh, sign_up};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_refreshes_from_two_tabs_at_two_replicas_never_lose_the_session() {
    let one = Service::start().await;
    let two = one.replica().await;
    let ann = one.person("ann@example.org").await;
    let mut tabs = JoinSet::new();
    for auth in [one.auth(), two.auth()] {
        let mut token = ann.session.refresh_token.clone();
        tabs.spawn(async move {
            for _ in 0..1000 {
                token = refresh(auth.clone(), &token)
                    .await
                    .expect("the session lives")
                    .refresh_token;
            }
            token
        });
    }
    let tokens = tabs.join_all().await;
    let [first, second] = [one.refresh(&tokens[0]).await, two.refresh(&tokens[1]).await];
    for session in [second, first] {
        let session = session.expect("works on");
        one.refresh(&session.refresh_token).await.expect("works on");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reuse_after_the_window_always_ends_the_session_whatever_else_is_refreshed_at_two_replicas() {
    let one = Service::start().await;
    let two = one.replica().await;
    for round in 0..30 {
        let ann = one.person(&format!("ann{round}@example.org")).await;
        let stolen = ann.session.refresh_token.clone();
        let second = one.refresh(&stolen).await.expect("first use").refresh_token;
        let newest = two.refresh(&second).await.expect("first use").refresh_token;
        for replica in [&one, &two] {
            replica.seconds_pass(31);
        }
        let start = Arc::new(Barrier::new(8));
        let mut callers = JoinSet::new();
        for number in 0..8 {
            let auth = if number % 2 == 0 { one.auth() } else { two.auth() };
            let is_thief = number % 4 < 2;
            let token = if is_thief { stolen.clone() } else { newest.clone() };
            let start = start.clone();
            callers.spawn(async move {
                start.wait().await;
                (is_thief, refresh(auth, &token).await)
            });
        }
        for (is_thief, answer) in callers.join_all().await {
            match answer {
                // The owner may have been first.
                Ok(session) => {
                    assert!(!is_thief, "a token that was used long ago opened the session");
                    two.assert_ended(&session).await;
                    one.assert_ended(&session).await;
                }
                refused => drop(assert_refused(
                    refused,
                    Code::Unauthenticated,
                    ErrorReason::SessionEnded,
                )),
            }
        }
        one.assert_ended(&ann.session).await;
    }
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
async fn a_refresh_that_races_sign_out_at_another_replica_never_yields_a_working_token() {
    let one = Service::start().await;
    let two = one.replica().await;
    for round in 0..50 {
        let ann = one.person(&format!("ann{round}@example.org")).await;
        let token = ann.session.refresh_token.clone();
        let (refreshed, signed_out) = tokio::join!(one.refresh(&token), two.sign_out(&token));
        signed_out.expect("signed out");
        for session in refreshed.iter().chain([&ann.session]) {
            one.assert_ended(session).await;
            two.assert_ended(session).await;
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

#[tokio::test]
async fn a_retry_that_waited_while_the_chain_grew_is_answered_with_the_newest_token() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let newest = service
        .refresh(&ann.session.refresh_token)
        .await
        .expect("first use")
        .refresh_token;
    let newest = Token::parse(&newest).expect("a token");

    // Somebody else's refresh of the newest token, held open until the retry waits for it with an old view.
    let salt = Salt::new([5; 32]);
    let successor = newest.successor(&salt);
    let mut other = service.database.pool().begin().await.expect("begun");
    for (statement, token) in [
        (
            "UPDATE sessions SET generation = 2 WHERE $1::bytea IS NOT NULL",
            &newest,
        ),
        (
            "UPDATE refresh_tokens SET use_time = create_time, successor_salt = $2 WHERE token_hash = $1",
            &newest,
        ),
        (
            "INSERT INTO refresh_tokens (token_hash, session_id, generation, create_time)
             SELECT $1, id, 2, create_time FROM sessions",
            &successor,
        ),
    ] {
        let mut query = sqlx::query(statement).bind(token.hash().as_bytes().to_vec());
        if statement.contains("$2") {
            query = query.bind(salt.as_bytes().to_vec());
        }
        query.execute(&mut *other).await.expect("done");
    }
    let (auth, token) = (service.auth(), ann.session.refresh_token.clone());
    let retry = tokio::spawn(async move { refresh(auth, &token).await });
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while service.count(WAITING).await == 0 {
        tokio::task::yield_now().await;
    }
    other.commit().await.expect("committed");

    let answered = retry.await.expect("no panic").expect("in the window");
    assert_eq!(answered.refresh_token, successor.to_text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sign_in_that_races_the_end_of_all_sessions_is_ended_or_comes_after_it() {
    let one = Service::start().await;
    let two = one.replica().await;
    for round in 0..30 {
        let ann = one.person(&format!("ann{round}@example.org")).await;
        let (signed_in, ended) = tokio::join!(
            two.sign_in_on(&ann.session.device_token, &ann.email),
            ann.change_password(PASSWORD, "another horse of mine"),
        );
        ended.expect("changed");
        // What was proven with the old password must not outlive it.
        if let Ok(session) = signed_in {
            one.assert_ended(&session).await;
            two.assert_ended(&session).await;
        }
        ann.get_user().await.expect("her own goes on");
    }
}
