//! The one function that looks past the policies: whatever it is asked, by whomever, it answers with ids of the
//! transaction's own owner.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};

use super::{ALICE, BOB, begin, house, run};

/// The house has a task of Alice's with the title "Hers".
fn call(owner: &str, words: &str) -> String {
    format!("SELECT id FROM search_candidates({owner}, {words}, {{typos}}, 1000)")
}

const WORDS: [&str; 11] = [
    "'{hers}'",
    "'{her}'",
    "'{hesr}'",
    "'{%}'",
    "'{_}'",
    "'{\"\"}'",
    "'{}'",
    "NULL",
    "'{NULL}'",
    "'{\" OR true --\",\"'' OR true --\",\"$1\"}'",
    "ARRAY(SELECT 'hers' FROM generate_series(1, 50))",
];

async fn found(connection: &mut PgConnection, statement: &str) -> u64 {
    let mut most = 0;
    for typos in ["true", "false"] {
        let statement = statement.replace("{typos}", typos);
        let rows = run(connection, statement.clone()).await;
        most = most.max(rows.unwrap_or_else(|error| panic!("{statement}: {error}")));
    }
    most
}

#[tokio::test]
async fn the_owner_finds_her_own_task() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    begin(&mut connection, Some(ALICE)).await;
    for words in ["'{hers}'", "'{her}'"] {
        let rows = found(&mut connection, &call(&format!("'{ALICE}'"), words)).await;
        assert_eq!(rows, 1, "{words}");
    }
}

#[tokio::test]
async fn whatever_it_is_asked_it_answers_with_nothing_of_another_owner() {
    let database = house().await;
    let pool = database.pool();
    for setting in [None, Some(BOB)] {
        for owner in [format!("'{ALICE}'"), format!("'{BOB}'"), "NULL".to_owned()] {
            for words in WORDS {
                let mut connection = pool.acquire().await.expect("a connection");
                begin(&mut connection, setting).await;
                let rows = found(&mut connection, &call(&owner, words)).await;
                assert_eq!(rows, 0, "{setting:?} asks for {owner} with {words}");
                run(&mut connection, "ROLLBACK".to_owned())
                    .await
                    .expect("rolled back");
            }
        }
    }
}

#[tokio::test]
async fn another_owner_in_the_argument_gets_nothing_of_ones_own_either() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    begin(&mut connection, Some(ALICE)).await;
    for owner in [format!("'{BOB}'"), "NULL".to_owned()] {
        assert_eq!(
            found(&mut connection, &call(&owner, "'{hers}'")).await,
            0,
            "{owner}"
        );
    }
}

#[tokio::test]
async fn it_answers_with_a_thousand_at_the_most() {
    let database = house().await;
    let rows = format!(
        "INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time, update_time)
         SELECT '{ALICE}', gen_random_uuid(), n, 'Hers', 'hers', '', 1, 'a', now(), now() FROM generate_series(1, 1200) n"
    );
    database.pool().execute(AssertSqlSafe(rows)).await.expect("rows");
    let mut connection = database.pool().acquire().await.expect("a connection");
    begin(&mut connection, Some(ALICE)).await;
    for (most, expected) in [("1000000", 1000), ("7", 7), ("0", 0), ("-1", 0), ("NULL", 0)] {
        let statement = format!("SELECT id FROM search_candidates('{ALICE}', '{{hers}}', false, {most})");
        let rows = run(&mut connection, statement).await.expect("answered");
        assert_eq!(rows, expected, "{most}");
    }
}

#[tokio::test]
async fn things_that_the_caller_made_do_not_stand_in_its_way() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    begin(&mut connection, Some(BOB)).await;
    // Whoever may sign in may make temporary things, and could set the path to them.
    let made = format!(
        "CREATE TEMP TABLE tasks (owner_id uuid, id uuid, title text, notes text, update_time timestamptz, delete_time timestamptz);
         INSERT INTO pg_temp.tasks VALUES ('{BOB}', '{ALICE}', 'Hers', '', now(), NULL);
         CREATE TEMP TABLE owners (owner_id uuid, purge_time timestamptz);
         CREATE FUNCTION pg_temp.living_owner() RETURNS uuid LANGUAGE sql AS $$ SELECT '{ALICE}'::uuid $$;
         CREATE FUNCTION pg_temp.search_text(text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'hers' $$;
         SET LOCAL search_path = pg_temp, public"
    );
    sqlx::raw_sql(AssertSqlSafe(made))
        .execute(&mut *connection)
        .await
        .expect("made");
    for owner in [ALICE, BOB] {
        let statement = call(&format!("'{owner}'"), "'{hers}'").replace("FROM ", "FROM public.");
        assert_eq!(found(&mut connection, &statement).await, 0, "{owner}");
    }
}

#[tokio::test]
async fn a_tombstone_gets_an_error_and_nothing_else() {
    let database = house().await;
    let bury = format!(
        "DELETE FROM tasks; DELETE FROM lists; UPDATE owners SET purge_time = now(), revision = 0 WHERE owner_id = '{ALICE}'"
    );
    sqlx::raw_sql(AssertSqlSafe(bury))
        .execute(&database.pool())
        .await
        .expect("buried");
    for words in WORDS {
        let mut connection = database.pool().acquire().await.expect("a connection");
        begin(&mut connection, Some(ALICE)).await;
        let statement = call(&format!("'{ALICE}'"), words).replace("{typos}", "true");
        let refused = run(&mut connection, statement).await.expect_err(words);
        let code = refused.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("TD001"), "{words}");
        run(&mut connection, "ROLLBACK".to_owned())
            .await
            .expect("rolled back");
    }
}

#[tokio::test]
async fn nobody_but_a_persons_role_can_call_it() {
    let database = house().await;
    let mut transaction = database.pool().begin().await.expect("begun");
    let stranger = format!("stranger_{}", std::process::id());
    let text = format!("CREATE ROLE {stranger}");
    transaction.execute(AssertSqlSafe(text)).await.expect("made");
    for role in ["tandem_tasks_housekeeping", &stranger] {
        let may: bool = sqlx::query_scalar(
            "SELECT has_function_privilege($1::text, 'search_candidates(uuid, text[], boolean, integer)', 'EXECUTE')",
        )
        .bind(role)
        .fetch_one(&mut *transaction)
        .await
        .expect("asked");
        assert!(!may, "{role}");
    }
    transaction.rollback().await.expect("rolled back");
}

#[tokio::test]
async fn it_finds_words_by_its_index_and_reads_no_other_owners_tasks() {
    let database = house().await;
    let pool = database.pool();
    // Fifty owners whose every task has the word, and Alice with a few that have.
    let rows = format!(
        "INSERT INTO owners (owner_id, revision)
         SELECT ('00000000-0000-0000-0001-' || lpad(o::text, 12, '0'))::uuid, 0 FROM generate_series(1, 50) o;
         INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time, update_time)
         SELECT ('00000000-0000-0000-0001-' || lpad((1 + n % 50)::text, 12, '0'))::uuid, gen_random_uuid(), n, 'Passport ' || n,
                '', '', 1, 'a', now(), now() FROM generate_series(1, 5000) n;
         INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time, update_time)
         SELECT '{ALICE}', gen_random_uuid(), n, md5(n::text) || CASE WHEN n % 100 = 0 THEN ' passport' ELSE '' END, '', '', 1,
                'a', now(), now() FROM generate_series(1, 3000) n;
         ANALYZE tasks"
    );
    sqlx::raw_sql(AssertSqlSafe(rows))
        .execute(&pool)
        .await
        .expect("rows");
    let mut connection = pool.acquire().await.expect("a connection");
    for condition in [
        "search_text(title, notes) LIKE '%asspor%'",
        "'pasport' <% search_text(title, notes)",
    ] {
        let explain = format!(
            "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT id FROM tasks WHERE owner_id = '{ALICE}' AND delete_time IS NULL AND {condition}"
        );
        sqlx::raw_sql("ROLLBACK; BEGIN; SET LOCAL ROLE tandem_tasks_search")
            .execute(&mut *connection)
            .await
            .expect("as the function runs");
        let lines: Vec<String> = sqlx::query_scalar(AssertSqlSafe(explain))
            .fetch_all(&mut *connection)
            .await
            .expect("a plan");
        let plan = lines.join("\n");
        assert!(
            plan.contains("Bitmap Index Scan on tasks_search_idx (actual rows=30 "),
            "{plan}"
        );
        assert!(
            plan.contains(&format!("(owner_id = '{ALICE}'::uuid) AND (search_text(")),
            "{plan}"
        );
    }
    begin(&mut connection, Some(ALICE)).await;
    assert_eq!(
        found(&mut connection, &call(&format!("'{ALICE}'"), "'{passport}'")).await,
        30
    );
}
