//! The third wall with the second one taken away: statements that forget the owner, as no code of ours does, run under
//! the service's role and get nothing of anybody else.

mod catalogue;
mod housekeeping;
mod people;
mod plans;
mod search;
mod service;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tandem_postgres::test::{self, TestDatabase};
use task_service::MIGRATOR;
use task_service::store::{WallDown, check_walls};
use uuid::Uuid;

/// Every table with an owner, from the catalogue: a new one is tested without being named here.
const OWNED: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE a.attname = 'owner_id' AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1";

const ALICE: Uuid = Uuid::from_u128(0xa11ce);
const BOB: Uuid = Uuid::from_u128(0xb0b);

/// A database in which Alice has a row in every table.
async fn house() -> TestDatabase {
    let database = test::database("task-service", &MIGRATOR).await;
    let rows = "INSERT INTO owners (owner_id, revision) VALUES ('{owner}', 1);
         INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time, update_time)
         VALUES ('{owner}', '{owner}', 1, 'Hers', 'hers', '', 1, 'a', now(), now());
         INSERT INTO task_completions (owner_id, id, task_id, revision, complete_time)
         VALUES ('{owner}', '{owner}', '{owner}', 1, now());
         INSERT INTO lists (owner_id, id, revision, title, rank, size_bytes, create_time, update_time)
         VALUES ('{owner}', '{owner}', 1, 'Hers', 'a', 4, now(), now());
         INSERT INTO task_labels (owner_id, label, task_id) VALUES ('{owner}', 'hers', '{owner}');
         INSERT INTO task_events
             (owner_id, revision, task_id, event_time, actor, method, fields, old_values, new_values, cuts)
         VALUES ('{owner}', 1, '{owner}', now(), 'person', 'CreateTask', '{title}', '{\"\"}', '{Hers}', '{false}');
         INSERT INTO removals (owner_id, revision, kind, id, remove_time)
         VALUES ('{owner}', 1, 1, '{owner}', now());
         INSERT INTO requests (owner_id, request_id, method, request_hash, task_id, create_time)
         VALUES ('{owner}', '{owner}', 'CreateTask', decode(repeat('00', 32), 'hex'), '{owner}', now())";
    let rows = rows.replace("{owner}", &ALICE.to_string());
    sqlx::raw_sql(AssertSqlSafe(rows))
        .execute(&database.pool())
        .await
        .expect("rows");
    database
}

async fn owned_tables(database: &TestDatabase) -> Vec<String> {
    let tables = sqlx::query_scalar(OWNED).fetch_all(&database.pool()).await;
    tables.expect("the catalogue")
}

/// What the service says when it begins: its role, and whose the rows are if anybody's.
async fn begin(connection: &mut PgConnection, owner: Option<Uuid>) {
    let mut text = "BEGIN; SET LOCAL ROLE tandem_tasks_person".to_owned();
    if let Some(owner) = owner {
        text += &format!("; SELECT set_config('app.owner', '{owner}', true)");
    }
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(connection)
        .await
        .expect("begun");
}

async fn run(connection: &mut PgConnection, statement: String) -> Result<u64, sqlx::Error> {
    let done = connection.execute(AssertSqlSafe(statement)).await?;
    Ok(done.rows_affected())
}

/// Every deliberately wrong statement, for every table, in the transaction that has begun.
async fn assert_nothing_is_seen_or_changed(connection: &mut PgConnection, tables: &[String]) {
    for table in tables {
        for statement in [
            format!("SELECT * FROM {table}"),
            format!("SELECT * FROM {table} WHERE owner_id = '{ALICE}'"),
            format!("UPDATE {table} SET owner_id = owner_id"),
            format!("UPDATE {table} SET owner_id = '{BOB}' WHERE owner_id = '{ALICE}'"),
            format!("DELETE FROM {table}"),
            format!("DELETE FROM {table} WHERE owner_id = '{ALICE}'"),
        ] {
            assert_eq!(
                run(connection, statement.clone()).await.ok(),
                Some(0),
                "{statement}"
            );
        }
    }
}

/// Postgres's own words for it.
#[track_caller]
fn assert_refused_by_policy(result: Result<u64, sqlx::Error>) {
    let error = result.expect_err("let through").to_string();
    assert!(error.contains("row-level security"), "{error}");
}

#[tokio::test]
async fn the_owner_sees_and_changes_her_own_rows_without_naming_herself() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    for table in owned_tables(&database).await {
        begin(&mut connection, Some(ALICE)).await;
        for statement in [
            "SELECT * FROM {}",
            "UPDATE {} SET owner_id = owner_id",
            "DELETE FROM {}",
        ] {
            let statement = statement.replace("{}", &table);
            assert_eq!(
                run(&mut connection, statement.clone()).await.ok(),
                Some(1),
                "{statement}"
            );
        }
        run(&mut connection, "ROLLBACK".to_owned())
            .await
            .expect("rolled back");
    }
}

#[tokio::test]
async fn another_owner_gets_nothing_from_statements_without_an_owner() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    begin(&mut connection, Some(BOB)).await;
    assert_nothing_is_seen_or_changed(&mut connection, &owned_tables(&database).await).await;
}

#[tokio::test]
async fn without_an_owner_there_is_nothing() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    begin(&mut connection, None).await;
    assert_nothing_is_seen_or_changed(&mut connection, &owned_tables(&database).await).await;
}

#[tokio::test]
async fn an_owner_ends_with_her_transaction_on_the_same_connection() {
    let database = house().await;
    let tables = owned_tables(&database).await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    for end in ["ROLLBACK", "COMMIT"] {
        begin(&mut connection, Some(ALICE)).await;
        let seen = run(&mut connection, "SELECT * FROM tasks".to_owned()).await;
        assert_eq!(seen.ok(), Some(1));
        run(&mut connection, end.to_owned()).await.expect("ended");

        for next in [None, Some(BOB)] {
            begin(&mut connection, next).await;
            assert_nothing_is_seen_or_changed(&mut connection, &tables).await;
            run(&mut connection, "ROLLBACK".to_owned())
                .await
                .expect("rolled back");
        }
    }
}

#[tokio::test]
async fn an_owner_ends_with_a_transaction_that_failed() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    begin(&mut connection, Some(ALICE)).await;
    run(&mut connection, "SELECT 1 / 0".to_owned())
        .await
        .expect_err("a failure");
    run(&mut connection, "ROLLBACK".to_owned())
        .await
        .expect("rolled back");
    begin(&mut connection, None).await;
    assert_nothing_is_seen_or_changed(&mut connection, &owned_tables(&database).await).await;
}

#[tokio::test]
async fn rows_cannot_be_put_under_another_owner() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    for table in owned_tables(&database).await {
        // Her own row, given away, and a copy of it in somebody else's name.
        let given = format!("UPDATE {table} SET owner_id = '{BOB}'");
        let copied = format!(
            "INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('owner_id', '{BOB}'))).* FROM {table} t"
        );
        for statement in [given, copied] {
            begin(&mut connection, Some(ALICE)).await;
            assert_refused_by_policy(run(&mut connection, statement).await);
            run(&mut connection, "ROLLBACK".to_owned())
                .await
                .expect("rolled back");
        }
    }
    for owner in [None, Some(BOB)] {
        begin(&mut connection, owner).await;
        let insert = format!(
            "INSERT INTO owners (owner_id, revision) VALUES ('{}', 0)",
            Uuid::max()
        );
        assert_refused_by_policy(run(&mut connection, insert).await);
        run(&mut connection, "ROLLBACK".to_owned())
            .await
            .expect("rolled back");
    }
}

#[tokio::test]
async fn another_owners_task_cannot_be_referred_to() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    begin(&mut connection, Some(BOB)).await;
    let statement = format!(
        "WITH bob AS (INSERT INTO owners (owner_id, revision) VALUES ('{BOB}', 0))
         INSERT INTO task_completions (owner_id, id, task_id, revision, complete_time)
         VALUES ('{BOB}', '{BOB}', '{ALICE}', 1, now())"
    );
    let error = run(&mut connection, statement)
        .await
        .expect_err("refused")
        .to_string();
    assert!(
        error.contains("task_completions_owner_id_task_id_fkey"),
        "{error}"
    );
}

#[tokio::test]
async fn whoever_owns_the_tables_is_behind_the_wall_too() {
    let database = house().await;
    let mut transaction = database.pool().begin().await.expect("begun");
    // Everything is rolled back, the role too: roles belong to the whole server.
    let landlord = format!("landlord_{}", std::process::id());
    for table in owned_tables(&database).await {
        let text = format!(
            "CREATE ROLE {landlord}; GRANT ALL ON SCHEMA public TO {landlord};
             ALTER TABLE {table} OWNER TO {landlord}; SET LOCAL ROLE {landlord}"
        );
        let mut inner = transaction.begin().await.expect("a savepoint");
        sqlx::raw_sql(AssertSqlSafe(text))
            .execute(&mut *inner)
            .await
            .expect("a landlord");
        let seen = run(&mut inner, format!("SELECT * FROM {table}")).await;
        assert_eq!(seen.ok(), Some(0), "{table} is not forced");
        inner.rollback().await.expect("rolled back");
    }
}

#[tokio::test]
async fn the_service_does_not_start_when_one_wall_is_down() {
    let database = house().await;
    let pool = database.pool();
    check_walls(&pool).await.expect("the walls stand");
    for table in owned_tables(&database).await {
        for (down, up) in [("DISABLE", "ENABLE"), ("NO FORCE", "FORCE")] {
            let alter = |how| AssertSqlSafe(format!("ALTER TABLE {table} {how} ROW LEVEL SECURITY"));
            pool.execute(alter(down)).await.expect("down");
            match check_walls(&pool).await {
                Err(WallDown::Inactive { table: named, .. }) => assert_eq!(named, table),
                other => panic!("{table} {down}: {other:?}"),
            }
            pool.execute(alter(up)).await.expect("up");
        }
    }
    check_walls(&pool).await.expect("the walls stand again");
}

#[tokio::test]
async fn the_service_does_not_start_when_a_function_would_not_keep_to_the_owners() {
    let database = house().await;
    let pool = database.pool();
    for (function, role) in [
        ("find_tasks", "tandem_tasks_people"),
        ("list_tasks", "tandem_tasks_people"),
        ("search_candidates", "tandem_tasks_search"),
    ] {
        // The first is what a restored dump comes to.
        for (down, up) in [
            ("OWNER TO CURRENT_USER", format!("OWNER TO {role}")),
            ("SECURITY INVOKER", "SECURITY DEFINER".to_owned()),
        ] {
            let alter = |how: &str| AssertSqlSafe(format!("ALTER FUNCTION {function} {how}"));
            pool.execute(alter(down)).await.expect("down");
            match check_walls(&pool).await {
                Err(WallDown::Astray { function: named }) => assert_eq!(named, function),
                other => panic!("{function} {down}: {other:?}"),
            }
            pool.execute(alter(&up)).await.expect("up");
        }
    }
    check_walls(&pool).await.expect("the walls stand again");
}

#[tokio::test]
async fn a_new_table_without_a_wall_stops_the_start() {
    let database = house().await;
    let pool = database.pool();
    pool.execute("CREATE TABLE forgotten (owner_id uuid NOT NULL)")
        .await
        .expect("made");
    let down = check_walls(&pool).await.expect_err("refused").to_string();
    assert!(down.contains("forgotten"), "{down}");
}
