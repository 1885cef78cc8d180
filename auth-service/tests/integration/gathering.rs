//! Refreshes that are worked on together: that they are, and that nobody gets more, less or anything else by it.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use tonic::{Code, Status};

use crate::harness::{Person, Service, assert_refused};

const PEOPLE: usize = 12;

async fn settle(service: &Service) -> Vec<Person<'_>> {
    let emails: Vec<_> = (0..PEOPLE)
        .map(|number| format!("person{number}@example.org"))
        .collect();
    join_all(emails.iter().map(|email| service.person(email))).await
}

/// Does what all of them ask for while nobody can get at the table, until a statement waits for it: the first call's or that of
/// all, as they come. Those behind it wait for the batches before them.
async fn at_once<T>(service: &Service, calls: impl Future<Output = T>) -> T {
    let mut stopped = connection(service).await;
    stopped
        .execute("BEGIN; LOCK TABLE refresh_tokens IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("locked");
    let release = async {
        until_something_waits(service).await;
        // The others are on their way, which nothing tells.
        tokio::time::sleep(Duration::from_millis(300)).await;
        stopped.execute("ROLLBACK").await.expect("released");
    };
    tokio::join!(calls, release).0
}

async fn refresh_at_once(service: &Service, tokens: &[&str]) -> Vec<Result<pb::Session, Status>> {
    let refreshes = tokens.iter().map(|token| service.refresh(token));
    at_once(service, join_all(refreshes)).await
}

async fn connection(service: &Service) -> PgConnection {
    PgConnection::connect(&service.database.url())
        .await
        .expect("a connection")
}

async fn until_something_waits(service: &Service) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while service.count(waiting).await < 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_many_refresh_at_the_same_moment_is_few_commits_and_each_has_their_own() {
    let service = Service::start().await;
    let people = settle(&service).await;
    let tokens: Vec<_> = people
        .iter()
        .map(|person| person.session.refresh_token.as_str())
        .collect();
    let refreshed = refresh_at_once(&service, &tokens).await;
    let commits = service
        .count("SELECT count(DISTINCT xmin::text) FROM refresh_tokens WHERE generation = 1")
        .await;
    assert!(commits < PEOPLE as i64 / 2, "{commits} commits");
    for (person, session) in people.iter().zip(refreshed) {
        let session = session.expect("refreshed");
        assert_eq!(session.user.as_ref(), Some(person.user()));
        let retried = service.refresh(&person.session.refresh_token).await;
        assert_eq!(
            retried.expect("in the window").refresh_token,
            session.refresh_token,
            "a retry has the same successor"
        );
        let next = service.refresh(&session.refresh_token).await.expect("works on");
        assert_eq!(next.user.as_ref(), Some(person.user()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_refresh_fails_alone() {
    let service = Service::start().await;
    let people = settle(&service).await;
    let [gone, disabled, used, late, ..] = &people[..] else {
        panic!("too few people")
    };
    // Of the last one the newest token is asked for, and one that may not be used any more.
    let mut newest = late.session.refresh_token.clone();
    for _ in 0..2 {
        newest = service.refresh(&newest).await.expect("first use").refresh_token;
    }
    let successor = service
        .refresh(&used.session.refresh_token)
        .await
        .expect("first use");
    service.seconds_pass(31);
    service
        .sign_out(&gone.session.refresh_token)
        .await
        .expect("signed out");
    service.disable("person1@example.org").await;
    let unknown = "A".repeat(43);

    let mut tokens: Vec<_> = people
        .iter()
        .map(|person| person.session.refresh_token.as_str())
        .collect();
    tokens.push(&unknown);
    let refreshed = refresh_at_once(&service, &tokens).await;
    for (number, session) in refreshed.into_iter().enumerate() {
        let token = tokens[number];
        let ends = [gone, disabled, late].map(|person| person.session.refresh_token.as_str());
        if token == used.session.refresh_token {
            let session = session.expect("its successor was never presented");
            assert_eq!(session.refresh_token, successor.refresh_token);
        } else if ends.contains(&token) || token == unknown {
            assert_refused(session, Code::Unauthenticated, ErrorReason::SessionEnded);
        } else {
            let session = session.expect("refreshed");
            assert_eq!(session.user.as_ref(), Some(people[number].user()));
        }
    }
    assert_refused(
        service.refresh(&newest).await,
        Code::Unauthenticated,
        ErrorReason::SessionEnded,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_held_up_holds_nobody_else_up() {
    // One whom somebody waits for at once, and one who is found to be the newest before anybody has to wait.
    for lock in ["FOR UPDATE OF s", "FOR SHARE OF s"] {
        let service = Service::start().await;
        let people = settle(&service).await;
        let held = PEOPLE / 2;
        let mut holding = connection(&service).await;
        let statement = format!(
            "BEGIN; SELECT FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE u.email = 'person{held}@example.org' {lock}"
        );
        holding
            .execute(sqlx::AssertSqlSafe(statement))
            .await
            .expect("locked");
        let calls = people.iter().enumerate().map(async |(number, person)| {
            let session = service.refresh(&person.session.refresh_token).await;
            (number, session.expect("refreshed"))
        });
        let mut calls: FuturesUnordered<_> = calls.collect();
        let others = at_once(&service, calls.by_ref().take(PEOPLE - 1).collect::<Vec<_>>()).await;
        assert!(others.iter().all(|(number, _)| *number != held), "{lock}");
        let release = async {
            until_something_waits(&service).await;
            // Longer than it takes to ask time and again.
            tokio::time::sleep(Duration::from_millis(300)).await;
            holding.execute("ROLLBACK").await.expect("released");
        };
        let (last, ()) = tokio::join!(calls.next(), release);
        let (number, session) = last.expect("the last one");
        assert_eq!(number, held);
        assert_eq!(session.user.as_ref(), Some(people[held].user()), "{lock}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_batch_that_fails_only_who_is_at_fault_hears() {
    let service = Service::start().await;
    let people = settle(&service).await;
    service
        .execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 IF EXISTS (SELECT FROM sessions s JOIN users u ON u.id = s.user_id
                            WHERE s.id = new.session_id AND u.email = 'person5@example.org') THEN
                     RAISE EXCEPTION 'refused';
                 END IF;
                 RETURN NULL;
             END $$;
             CREATE TRIGGER refused AFTER INSERT ON refresh_tokens FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        .await;
    let tokens: Vec<_> = people
        .iter()
        .map(|person| person.session.refresh_token.as_str())
        .collect();
    let refreshed = refresh_at_once(&service, &tokens).await;
    for (number, session) in refreshed.into_iter().enumerate() {
        if number == 5 {
            assert_refused(session, Code::Internal, ErrorReason::Internal);
        } else {
            let session = session.expect("refreshed");
            assert_eq!(session.user.as_ref(), Some(people[number].user()));
        }
    }
}
