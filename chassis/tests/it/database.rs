//! Postgres that is away: the process stays up, says so, and callers are asked to come back.

use chassis::config::DatabaseConfig;
use chassis::{Health, Metrics, postgres};
use tokio::net::TcpListener;

use crate::harness::{config, start_with};
use crate::health::Readiness;

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
