//! The schema as the migrations leave it.

use crate::harness::Service;

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let service = Service::start().await;
    let pool = service.database.pool();
    chassis::postgres::migrate(&pool, &auth_service::MIGRATOR)
        .await
        .expect("nothing to do");
    let migrations = i64::try_from(auth_service::MIGRATOR.iter().count()).expect("few");
    assert_eq!(
        service.count("SELECT count(*) FROM _sqlx_migrations").await,
        migrations
    );
}

#[tokio::test]
async fn every_constraint_was_named_by_us() {
    let service = Service::start().await;
    // Names that Postgres makes up for itself end like this, after table and columns.
    let made_up: Vec<String> = sqlx::query_scalar(
        "SELECT conname FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND conrelid <> '_sqlx_migrations'::regclass
           AND (conname ~ '_check[0-9]*$' OR (contype = 'u' AND conname !~ '_unique$'))",
    )
    .fetch_all(&service.database.pool())
    .await
    .expect("read");
    assert!(made_up.is_empty(), "{made_up:?}");
}

#[tokio::test]
async fn every_table_says_what_it_is_for() {
    let service = Service::start().await;
    let silent: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> '_sqlx_migrations'
           AND obj_description(oid) IS NULL",
    )
    .fetch_all(&service.database.pool())
    .await
    .expect("read");
    assert!(silent.is_empty(), "{silent:?}");
}

#[tokio::test]
async fn deleting_a_person_leaves_nothing_behind() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    sqlx::query("DELETE FROM users")
        .execute(&service.database.pool())
        .await
        .expect("deleted");
    for what in [
        "SELECT count(*) FROM sessions",
        "SELECT count(*) FROM refresh_tokens",
        "SELECT count(*) FROM devices",
    ] {
        assert_eq!(service.count(what).await, 0, "{what}");
    }
}
