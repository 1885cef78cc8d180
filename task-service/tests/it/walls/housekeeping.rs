//! What the role that deletes can reach: keys and times of what is over, one owner's rows at a time, and never what
//! people wrote.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tandem_postgres::test::TestDatabase;
use uuid::Uuid;

use super::{ALICE, BOB, assert_refused_by_policy, house, run};

/// The house, with a task of Alice's in the trash beside her living one.
async fn house_with_trash() -> TestDatabase {
    let database = house().await;
    let trash = format!(
        "INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time, update_time,
                            delete_time, purge_time, deletion_id)
         VALUES ('{ALICE}', '{BOB}', 1, 'Old', 'old', '', 1, 'a', now(), now(), now(), now(), '{BOB}')"
    );
    sqlx::raw_sql(AssertSqlSafe(trash))
        .execute(&database.pool())
        .await
        .expect("rows");
    database
}

async fn begin(connection: &mut PgConnection, owner: Option<Uuid>) {
    let mut text = "ROLLBACK; BEGIN; SET LOCAL ROLE tandem_tasks_housekeeping".to_owned();
    if let Some(owner) = owner {
        text += &format!("; SELECT set_config('app.owner', '{owner}', true)");
    }
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(connection)
        .await
        .expect("begun");
}

#[tokio::test]
async fn without_an_owner_it_finds_what_is_over_and_deletes_records_alone() {
    let database = house_with_trash().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    for (statement, rows) in [
        ("SELECT owner_id, id FROM tasks", 1),
        ("SELECT owner_id FROM owners", 0),
        ("SELECT owner_id, id FROM task_completions", 0),
        ("SELECT owner_id, request_id FROM requests", 1),
        ("SELECT owner_id, id FROM lists", 0),
        ("SELECT owner_id, id FROM removals", 1),
        ("DELETE FROM tasks", 0),
        ("DELETE FROM lists", 0),
        ("DELETE FROM removals", 0),
        ("DELETE FROM owners", 0),
        ("UPDATE owners SET purge_time = now()", 0),
        ("DELETE FROM task_completions", 0),
        ("DELETE FROM requests", 1),
        ("SELECT owner_id, revision FROM task_events", 1),
        ("DELETE FROM task_events", 1),
    ] {
        begin(&mut connection, None).await;
        assert_eq!(
            run(&mut connection, statement.to_owned()).await.ok(),
            Some(rows),
            "{statement}"
        );
    }
}

#[tokio::test]
async fn for_an_owner_it_reaches_that_owners_rows_and_no_others() {
    let database = house_with_trash().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    for (owner, rows) in [(ALICE, [1, 2, 1]), (BOB, [0, 0, 0])] {
        for (table, rows) in ["owners", "tasks", "task_completions"].into_iter().zip(rows) {
            begin(&mut connection, Some(owner)).await;
            let deleted = run(&mut connection, format!("DELETE FROM {table}")).await;
            assert_eq!(deleted.ok(), Some(rows), "{table} of {owner}");
        }
    }
    begin(&mut connection, Some(BOB)).await;
    let insert = format!(
        "INSERT INTO owners (owner_id, revision) VALUES ('{}', 0)",
        Uuid::max()
    );
    assert_refused_by_policy(run(&mut connection, insert).await);
}

#[tokio::test]
async fn what_people_wrote_it_can_neither_read_nor_change() {
    let database = house_with_trash().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    for statement in [
        "SELECT title FROM tasks",
        "SELECT title FROM lists",
        "SELECT * FROM tasks",
        "SELECT complete_time FROM task_completions",
        "SELECT request_hash FROM requests",
        "SELECT new_values FROM task_events",
        "DELETE FROM tasks RETURNING title",
        "UPDATE tasks SET purge_time = NULL",
        "UPDATE tasks SET parent_id = NULL",
        "INSERT INTO requests (owner_id) VALUES (gen_random_uuid())",
    ] {
        begin(&mut connection, Some(ALICE)).await;
        let refused = run(&mut connection, statement.to_owned()).await;
        let refused = refused.expect_err(statement).to_string();
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn a_tombstone_counts_nothing() {
    let database = house().await;
    let bury = format!("UPDATE owners SET purge_time = now() WHERE owner_id = '{ALICE}'");
    let mut connection = database.pool().acquire().await.expect("a connection");
    begin(&mut connection, Some(ALICE)).await;
    let refused = run(&mut connection, bury)
        .await
        .expect_err("its revision stayed")
        .to_string();
    assert!(refused.contains("owners_tombstone_is_bare"), "{refused}");
}
