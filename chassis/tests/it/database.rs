//! Postgres, there and away: the process stays up, says so, and callers are asked to come back.

use chassis::config::DatabaseConfig;
use chassis::{Health, Metrics, postgres};
use sqlx::migrate::Migrator;
use tandem_postgres::test::{TestDatabase, database};
use tokio::net::TcpListener;

use crate::harness::{config, start_with};
use crate::health::Readiness;

static MIGRATOR: Migrator = sqlx::migrate!("tests/it/migrations");
static NOTHING: Migrator = Migrator::DEFAULT;

async fn empty_database() -> TestDatabase {
    database("chassis", &NOTHING).await
}

async fn applied(database: &TestDatabase) -> i64 {
    let count = "SELECT count(*) FROM _sqlx_migrations WHERE success";
    sqlx::query_scalar(count)
        .fetch_one(&database.pool())
        .await
        .unwrap()
}

/// A port where nobody listens.
async fn away() -> DatabaseConfig {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    DatabaseConfig::from_url(&format!(
        "postgres://tandem@127.0.0.1:{port}/tandem?sslmode=disable"
    ))
    .unwrap()
}

#[tokio::test]
async fn a_database_that_is_away_is_told_from_a_wrong_statement() {
    let pool = postgres::connect(&away().await, "chassis-test");
    let error = sqlx::query("SELECT 1").execute(&pool).await.unwrap_err();
    assert!(postgres::is_unavailable(&error), "{error:?}");
    assert!(!postgres::is_unavailable(&sqlx::Error::RowNotFound));
    assert!(!postgres::is_deadline(&error));
}

#[tokio::test]
async fn a_service_starts_without_its_database_and_waits_to_migrate() {
    let pool = postgres::connect(&away().await, "chassis-test");
    let migrator = sqlx::migrate::Migrator::DEFAULT;
    let error = postgres::migrate(&pool, &migrator).await.unwrap_err();
    assert!(
        matches!(error, sqlx::migrate::MigrateError::Execute(_)),
        "{error:?}"
    );

    let server = start_with(config(), |server| {
        server.starting(async move { postgres::migrate_patiently(&pool, &migrator).await })
    })
    .await;
    Readiness::watch(&server, "").await.becomes(true).await;
    Readiness::watch(&server, "test.Echo").await.becomes(false).await;
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_pool_shows_in_the_metrics() {
    let (pool, metrics) = (postgres::connect(&away().await, "chassis-test"), Metrics::new());
    postgres::observe(&pool, &metrics);
    assert!(
        metrics
            .encode()
            .contains("tandem_database_connections_limit 16\n")
    );
}

#[tokio::test]
async fn the_watcher_says_that_the_database_is_away() {
    let server = start_with(config(), |server| server).await;
    let health: Health = server.health.clone();
    health.database(true).await;
    let mut database = Readiness::watch(&server, chassis::health::DATABASE).await;
    database.becomes(true).await;
    let watcher = tokio::spawn(postgres::watch(
        postgres::connect(&away().await, "chassis-test"),
        health,
    ));
    database.becomes(false).await;
    watcher.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_migrate_at_once_apply_each_migration_once() {
    let database = empty_database().await;
    let replicas = (0..8).map(|_| {
        let pool = database.pool();
        tokio::spawn(async move { postgres::migrate(&pool, &MIGRATOR).await })
    });
    for replica in futures_util::future::join_all(replicas).await {
        replica.unwrap().unwrap();
    }
    assert_eq!(applied(&database).await, 2);
}

#[tokio::test]
async fn an_older_replica_starts_beside_a_newer_schema() {
    let database = empty_database().await;
    postgres::migrate(&database.pool(), &MIGRATOR).await.unwrap();
    let older = Migrator::with_migrations(MIGRATOR.iter().take(1).cloned().collect());
    postgres::migrate(&database.pool(), &older).await.unwrap();
    assert_eq!(applied(&database).await, 2);
}

#[tokio::test]
async fn the_watcher_follows_postgres_away_and_back() {
    let database = empty_database().await;
    let proxy = database.proxy().await;
    let pool = postgres::connect(&DatabaseConfig::from_url(&proxy.url()).unwrap(), "chassis-test");
    let server = start_with(config(), |server| server).await;
    let watcher = tokio::spawn(postgres::watch(pool, server.health.clone()));
    let mut seen = Readiness::watch(&server, chassis::health::DATABASE).await;
    seen.becomes(true).await;
    proxy.cut();
    seen.becomes(false).await;
    proxy.restore();
    seen.becomes(true).await;
    watcher.abort();
}

#[tokio::test]
async fn what_a_cut_connection_says_means_away_and_the_pool_recovers() {
    let database = empty_database().await;
    let proxy = database.proxy().await;
    let pool = postgres::connect(&DatabaseConfig::from_url(&proxy.url()).unwrap(), "chassis-test");
    sqlx::query("SELECT 1").execute(&pool).await.unwrap();
    proxy.cut();
    let error = sqlx::query("SELECT 1").execute(&pool).await.unwrap_err();
    assert!(postgres::is_unavailable(&error), "{error:?}");
    proxy.restore();
    let answered = async { while sqlx::query("SELECT 1").execute(&pool).await.is_err() {} };
    tokio::time::timeout(crate::harness::PATIENCE, answered)
        .await
        .expect("the pool recovers");
}

#[tokio::test]
async fn a_statement_out_of_time_is_a_deadline_and_not_an_outage() {
    let database = empty_database().await;
    let mut connection = database.pool().acquire().await.unwrap();
    sqlx::query("SET statement_timeout = 10")
        .execute(&mut *connection)
        .await
        .unwrap();
    let error = sqlx::query("SELECT pg_sleep(60)")
        .execute(&mut *connection)
        .await
        .unwrap_err();
    assert!(
        postgres::is_deadline(&error) && !postgres::is_unavailable(&error),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_transaction_that_is_silent_for_too_long_ends_and_the_call_can_be_tried_again() {
    let database = empty_database().await;
    let limits = postgres::time_limits(std::time::Duration::from_millis(200));
    let mut transaction = postgres::begin(&database.pool(), format!("BEGIN; {limits}"))
        .await
        .unwrap();
    let server: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    let ended = async {
        let there = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = $1)";
        let there = || sqlx::query_scalar::<_, bool>(there).bind(server);
        while there().fetch_one(&database.pool()).await.unwrap() {}
    };
    tokio::time::timeout(crate::harness::PATIENCE, ended)
        .await
        .expect("the server ends it");
    let error = sqlx::query("SELECT 1")
        .execute(&mut *transaction)
        .await
        .unwrap_err();
    // Postgres says why before it hangs up; when the socket is closed already, that is no longer read.
    assert!(
        postgres::is_deadline(&error) || postgres::is_unavailable(&error),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_call_with_hardly_any_time_left_spoils_no_connection() {
    let database = empty_database().await;
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let pool = options.connect(&database.url()).await.unwrap();
    // What stands before the limits takes longer than they allow.
    let limits = postgres::time_limits(std::time::Duration::from_millis(1));
    let begin = format!("BEGIN; SELECT pg_sleep(0.02); {limits}");
    for _ in 0..5 {
        let mut transaction = postgres::begin(&pool, begin.clone()).await.unwrap();
        let late = sqlx::query("SELECT pg_sleep(0.02)")
            .execute(&mut *transaction)
            .await;
        assert!(postgres::is_deadline(&late.unwrap_err()));
    }
    assert!(!in_transaction(&pool).await);
}

/// Whether the pool's one connection stands in a transaction: then its time stands still between statements.
async fn in_transaction(pool: &sqlx::PgPool) -> bool {
    let mut connection = pool.acquire().await.unwrap();
    let time = "SELECT now()::text";
    let first: String = sqlx::query_scalar(time)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    let second: String = sqlx::query_scalar(time)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    first == second
}

#[tokio::test]
async fn a_begin_that_is_given_up_leaves_no_transaction_on_the_connection() {
    let database = empty_database().await;
    let proxy = database.proxy().await;
    // Without a ping, so that the first thing to wait for is the answer to BEGIN.
    let options = sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false);
    let pool = options.connect(&proxy.url()).await.unwrap();
    proxy.delay(std::time::Duration::from_millis(50));

    // Polled until BEGIN is on its way, and dropped before its answer.
    let given_up = std::time::Duration::from_millis(25);
    let begun = tokio::time::timeout(given_up, postgres::begin(&pool, "BEGIN".to_owned())).await;
    assert!(begun.is_err(), "the answer came too soon for this test");
    assert!(!in_transaction(&pool).await);

    let transaction = postgres::begin(&pool, "BEGIN; SET LOCAL ROLE NONE".to_owned())
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert!(!in_transaction(&pool).await);
}
