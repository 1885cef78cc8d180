//! The databases lent to tests: separate, cheap, and gone however the borrower ends.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::migrate::Migrator;
use sqlx::{Connection as _, PgConnection};
use tandem_postgres::test::{Trace, database, traces_of};

static MIGRATOR: Migrator = sqlx::migrate!("tests/migrations");

async fn things(url: &str) -> Result<i64, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar("SELECT count(*) FROM things")
        .fetch_one(&mut connection)
        .await
}

#[tokio::test]
async fn every_test_has_a_migrated_database_of_its_own() {
    let (one, two) = tokio::join!(database("lending", &MIGRATOR), database("lending", &MIGRATOR));
    sqlx::query("INSERT INTO things VALUES (2)")
        .execute(&one.pool())
        .await
        .unwrap();
    assert_eq!(things(&one.url()).await.unwrap(), 2);
    assert_eq!(things(&two.url()).await.unwrap(), 1);
}

#[test]
fn threads_with_runtimes_of_their_own_share_the_cluster() {
    let threads: Vec<_> = (0..8)
        .map(|_| {
            std::thread::spawn(|| {
                let runtime = tokio::runtime::Runtime::new().unwrap();
                runtime.block_on(async {
                    let database = database("lending", &MIGRATOR).await;
                    assert_eq!(things(&database.url()).await.unwrap(), 1);
                });
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[tokio::test]
async fn a_trace_is_found_in_columns_of_every_type_and_schema() {
    const ID: &str = "0193a0b0-0000-7000-8000-00000000a11c";
    let database = database("lending", &MIGRATOR).await;
    let pool = database.pool();
    assert_eq!(traces_of(&pool, ID).await, []);
    let tables = format!(
        r#"CREATE TABLE "A person's" (id uuid, bytes bytea, uuids uuid[], document jsonb, other text);
           INSERT INTO "A person's" VALUES ('{ID}', uuid_send('{ID}'), '{{{ID}}}', '{{"of": ["{ID}"]}}', 'x');
           INSERT INTO "A person's" (other) VALUES ('of {upper}'), ('{simple}');
           CREATE SCHEMA apart;
           CREATE TABLE apart.letters (body bytea) PARTITION BY RANGE (body);
           CREATE TABLE apart.letters_all PARTITION OF apart.letters DEFAULT;
           INSERT INTO apart.letters VALUES (convert_to('Dear Alice@Example.com,', 'UTF8'))"#,
        upper = ID.to_uppercase(),
        simple = ID.replace('-', ""),
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(tables))
        .execute(&pool)
        .await
        .unwrap();
    let found = |table: &str, column: &str, rows| Trace {
        table: table.to_owned(),
        column: column.to_owned(),
        rows,
    };
    let persons = r#""A person's""#;
    let expected = [
        found(persons, "id", 1),
        found(persons, "bytes", 1),
        found(persons, "uuids", 1),
        found(persons, "document", 1),
        found(persons, "other", 2),
    ];
    assert_eq!(traces_of(&pool, ID).await, expected);
    let letters = [found("apart.letters_all", "body", 1)];
    assert_eq!(traces_of(&pool, "Alice@Example.com").await, letters);
    assert_eq!(traces_of(&pool, "bob@example.com").await, []);
}

#[tokio::test]
async fn a_lost_answer_to_commit_is_a_commit_all_the_same() {
    let database = database("lending", &MIGRATOR).await;
    let proxy = database.proxy().await;
    let mut client = PgConnection::connect(&proxy.url()).await.unwrap();
    let mut transaction = client.begin().await.unwrap();
    sqlx::query("INSERT INTO things VALUES (2)")
        .execute(&mut *transaction)
        .await
        .unwrap();
    let lost = proxy.lose_answer_to("COMMIT");
    transaction.commit().await.unwrap_err();
    lost.await.unwrap();
    assert_eq!(things(&database.url()).await.unwrap(), 2);
    assert_eq!(
        things(&proxy.url()).await.unwrap(),
        2,
        "only one answer was to be lost"
    );
}

#[tokio::test]
async fn a_lost_answer_to_a_statement_that_was_prepared_before_is_lost_after_it_was_executed() {
    let database = database("lending", &MIGRATOR).await;
    let proxy = database.proxy().await;
    let mut client = PgConnection::connect(&proxy.url()).await.unwrap();
    let insert = || sqlx::query("INSERT INTO things VALUES ($1)");
    insert().bind(2).execute(&mut client).await.unwrap();
    let lost = proxy.lose_answer_to_executed("INSERT INTO things");
    insert().bind(3).execute(&mut client).await.unwrap_err();
    lost.await.unwrap();
    assert_eq!(things(&database.url()).await.unwrap(), 3);
}

#[tokio::test]
async fn a_cut_ends_old_and_new_connections_until_it_is_restored() {
    let database = database("lending", &MIGRATOR).await;
    let proxy = database.proxy().await;
    let mut client = PgConnection::connect(&proxy.url()).await.unwrap();
    proxy.cut();
    sqlx::query("SELECT 1").execute(&mut client).await.unwrap_err();
    things(&proxy.url()).await.unwrap_err();
    proxy.restore();
    assert_eq!(things(&proxy.url()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_delay_holds_answers_back() {
    let database = database("lending", &MIGRATOR).await;
    let proxy = database.proxy().await;
    let mut client = PgConnection::connect(&proxy.url()).await.unwrap();
    proxy.delay(Duration::from_millis(100));
    let begun = Instant::now();
    sqlx::query("SELECT 1").execute(&mut client).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(100));
}

/// Not a test of its own: the process that `a_killed_borrower_leaves_nothing` kills.
#[tokio::test]
#[ignore = "run by a_killed_borrower_leaves_nothing"]
async fn borrow_until_killed() {
    let database = database("lending", &MIGRATOR).await;
    std::fs::write("url", database.url()).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_killed_borrower_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    // Another place than the one of this run, so that the borrower starts a cluster and is its only owner.
    let mut borrower = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "borrow_until_killed", "--ignored"])
        .env("TANDEM_TEST_DIR", folder.path())
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let note = folder.path().join("url");
    until("the borrower has a database", || {
        std::fs::read_to_string(&note).is_ok_and(|url| !url.is_empty())
    })
    .await;
    let url = std::fs::read_to_string(&note).unwrap();
    assert_eq!(things(&url).await.unwrap(), 1);
    borrower.kill().unwrap();
    borrower.wait().unwrap();
    let clusters = || -> Vec<PathBuf> {
        let base = std::fs::read_dir(folder.path())
            .unwrap()
            .flatten()
            .map(|entry| entry.path());
        let base = base.filter(|path| path.is_dir());
        base.flat_map(|base| {
            std::fs::read_dir(base)
                .unwrap()
                .flatten()
                .map(|entry| entry.path())
        })
        .filter(|path| path.is_dir())
        .collect()
    };
    until("the cluster and its files are gone", || clusters().is_empty()).await;
    things(&url).await.unwrap_err();
}

async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < Duration::from_secs(20), "still not so: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
