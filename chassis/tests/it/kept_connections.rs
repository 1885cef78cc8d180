//! Connections that stay at hand: who gets which, and that none is kept from the pool that it belongs to.

use std::time::Duration;

use chassis::config::DatabaseConfig;
use chassis::postgres::{self, KeptConnection, KeptConnections};
use sqlx::PgPool;
use tandem_postgres::test::{TestDatabase, database};
use tokio::time::{sleep, timeout};

/// Longer than a connection without work stays at hand.
const UNUSED: Duration = Duration::from_millis(2500);

async fn empty_database() -> TestDatabase {
    database("chassis", &sqlx::migrate::Migrator::DEFAULT).await
}

fn pool(url: &str, most: u32) -> PgPool {
    let mut config = DatabaseConfig::from_url(url).unwrap();
    config.max_connections = most;
    postgres::connect(&config, "chassis-test")
}

/// Which connection it is.
async fn process(connection: &mut KeptConnection) -> i32 {
    sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut **connection)
        .await
        .unwrap()
}

/// Waits for as many of the pool's connections without work.
async fn idle(pool: &PgPool, count: usize) {
    let reached = async {
        while pool.num_idle() != count {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let reached = timeout(Duration::from_secs(10), reached).await;
    assert!(reached.is_ok(), "{} are idle, not {count}", pool.num_idle());
}

#[tokio::test]
async fn the_latest_is_taken_first() {
    let database = empty_database().await;
    let pool = pool(&database.url(), 8);
    let kept = KeptConnections::of(&pool);
    let (mut first, mut second) = (kept.acquire().await.unwrap(), kept.acquire().await.unwrap());
    let (_, latest) = (process(&mut first).await, process(&mut second).await);
    first.keep();
    second.keep();
    for _ in 0..3 {
        let mut connection = kept.acquire().await.unwrap();
        assert_eq!(process(&mut connection).await, latest);
        connection.keep();
    }
}

#[tokio::test]
async fn it_goes_back_to_the_pool_when_nobody_asks_for_it() {
    let database = empty_database().await;
    let pool = pool(&database.url(), 8);
    let kept = KeptConnections::of(&pool);
    kept.acquire().await.unwrap().keep();
    assert_eq!((pool.size(), pool.num_idle()), (1, 0));
    idle(&pool, 1).await;
    // And so does the next one, after the watch over the first has ended.
    kept.acquire().await.unwrap().keep();
    assert_eq!((pool.size(), pool.num_idle()), (1, 0));
    idle(&pool, 1).await;
}

#[tokio::test]
async fn three_quarters_of_a_pool_are_never_kept() {
    let database = empty_database().await;
    let small = pool(&database.url(), 3);
    KeptConnections::of(&small).acquire().await.unwrap().keep();
    idle(&small, 1).await;

    let larger = pool(&database.url(), 7);
    let kept = KeptConnections::of(&larger);
    let (first, second) = (kept.acquire().await.unwrap(), kept.acquire().await.unwrap());
    first.keep();
    second.keep();
    idle(&larger, 1).await;
    assert_eq!(larger.size(), 2);
}

#[tokio::test]
async fn whoever_waits_for_one_of_the_pool_gets_it() {
    let database = empty_database().await;
    let pool = pool(&database.url(), 4);
    let kept = KeptConnections::of(&pool);
    let connection = kept.acquire().await.unwrap();
    let mut others = Vec::new();
    for _ in 1..4 {
        others.push(pool.acquire().await.unwrap());
    }
    let waiting = tokio::spawn(async move { pool.acquire().await.map(drop) });
    sleep(Duration::from_millis(50)).await;
    connection.keep();
    let served = timeout(Duration::from_millis(700), waiting).await;
    served.expect("before it goes back by itself").unwrap().unwrap();
}

#[tokio::test]
async fn what_was_given_up_in_the_middle_of_an_answer_is_nobodys_next() {
    let database = empty_database().await;
    let pool = pool(&database.url(), 8);
    let kept = KeptConnections::of(&pool);
    let mut connection = kept.acquire().await.unwrap();
    let busy = process(&mut connection).await;
    let answer = sqlx::query("SELECT pg_sleep(0.5)").execute(&mut *connection);
    assert!(timeout(Duration::from_millis(50), answer).await.is_err());
    drop(connection);
    let mut next = kept.acquire().await.unwrap();
    assert_ne!(process(&mut next).await, busy);
}

#[tokio::test]
async fn one_that_broke_costs_one_call() {
    let database = empty_database().await;
    let pool = pool(&database.url(), 8);
    let kept = KeptConnections::of(&pool);
    let mut connection = kept.acquire().await.unwrap();
    let broken = process(&mut connection).await;
    sqlx::query("SELECT pg_terminate_backend($1)")
        .bind(broken)
        .execute(&database.pool())
        .await
        .unwrap();
    connection.keep();

    let mut connection = kept.acquire().await.unwrap();
    let error = sqlx::query("SELECT 1")
        .execute(&mut *connection)
        .await
        .unwrap_err();
    assert!(postgres::is_unavailable(&error), "{error:?}");
    drop(connection);
    let mut next = kept.acquire().await.unwrap();
    assert_ne!(process(&mut next).await, broken);
    next.keep();
}

#[tokio::test]
async fn one_that_broke_while_nobody_asked_costs_no_call() {
    let database = empty_database().await;
    let pool = pool(&database.url(), 8);
    let kept = KeptConnections::of(&pool);
    let mut connection = kept.acquire().await.unwrap();
    let broken = process(&mut connection).await;
    connection.keep();
    sqlx::query("SELECT pg_terminate_backend($1)")
        .bind(broken)
        .execute(&database.pool())
        .await
        .unwrap();
    sleep(UNUSED).await;
    assert_ne!(process(&mut kept.acquire().await.unwrap()).await, broken);
}

#[test]
fn they_can_be_dropped_when_the_runtime_has_gone() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let kept = runtime.block_on(async {
        let database = empty_database().await;
        let kept = KeptConnections::of(&pool(&database.url(), 8));
        kept.acquire().await.unwrap().keep();
        kept
    });
    drop(runtime);
    drop(kept);
}
