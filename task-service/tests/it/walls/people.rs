//! What is seen under the role that works for several people at once: the rows of those whom the transaction names.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, PgPool, Row as _};
use uuid::Uuid;

use super::{ALICE, BOB, assert_refused_by_policy, house, run};

const CAROL: Uuid = Uuid::from_u128(0xca201);

/// The tables that the role works on.
const TABLES: [&str; 6] = [
    "owners",
    "tasks",
    "task_labels",
    "requests",
    "task_events",
    "lists",
];

async fn begin(connection: &mut PgConnection, owners: Option<&[Uuid]>) {
    let mut text = "ROLLBACK; BEGIN; SET LOCAL ROLE tandem_tasks_people".to_owned();
    if let Some(owners) = owners {
        let owners: Vec<_> = owners.iter().map(Uuid::to_string).collect();
        text += &format!(
            "; SELECT set_config('app.owners', '{{{}}}', true)",
            owners.join(",")
        );
    }
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(connection)
        .await
        .expect("begun");
}

#[tokio::test]
async fn rows_of_those_who_are_named_exist_and_no_others() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    for table in TABLES {
        for (owners, rows) in [
            (None, 0),
            (Some(&[][..]), 0),
            (Some(&[BOB, CAROL][..]), 0),
            (Some(&[BOB, ALICE][..]), 1),
        ] {
            begin(&mut connection, owners).await;
            let seen = run(&mut connection, format!("SELECT owner_id FROM {table}")).await;
            assert_eq!(seen.ok(), Some(rows), "{table} {owners:?}");
        }
    }
}

#[tokio::test]
async fn rows_of_others_are_neither_changed_nor_made() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    for table in ["owners", "tasks"] {
        begin(&mut connection, Some(&[BOB, CAROL])).await;
        let changed = run(&mut connection, format!("UPDATE {table} SET revision = revision")).await;
        assert_eq!(changed.ok(), Some(0), "{table}");
        begin(&mut connection, Some(&[ALICE, CAROL])).await;
        let given = run(&mut connection, format!("UPDATE {table} SET owner_id = '{BOB}'")).await;
        assert_refused_by_policy(given);
    }
    for table in ["tasks", "task_labels", "requests", "task_events"] {
        begin(&mut connection, Some(&[ALICE, CAROL])).await;
        let copied = format!(
            "INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('owner_id', '{BOB}'))).* FROM {table} t"
        );
        assert_refused_by_policy(run(&mut connection, copied).await);
    }
}

#[tokio::test]
async fn it_deletes_nothing_and_makes_no_owner() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    let deletes = TABLES.map(|table| format!("DELETE FROM {table}"));
    let owner = format!("INSERT INTO owners (owner_id, revision) VALUES ('{BOB}', 0)");
    for statement in deletes.into_iter().chain([owner]) {
        begin(&mut connection, Some(&[ALICE, BOB])).await;
        let refused = run(&mut connection, statement.clone()).await;
        let refused = refused.expect_err(&statement).to_string();
        assert!(refused.contains("permission denied"), "{refused}");
    }
}

#[tokio::test]
async fn what_one_owner_names_opens_nothing_here_and_the_other_way_round() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    begin(&mut connection, None).await;
    let one = format!("SELECT set_config('app.owner', '{ALICE}', true)");
    run(&mut connection, one).await.expect("set");
    let seen = run(&mut connection, "SELECT id FROM tasks".to_owned()).await;
    assert_eq!(seen.ok(), Some(0));

    run(&mut connection, "ROLLBACK".to_owned())
        .await
        .expect("rolled back");
    super::begin(&mut connection, None).await;
    let many = format!("SELECT set_config('app.owners', '{{{ALICE}}}', true)");
    run(&mut connection, many).await.expect("set");
    let seen = run(&mut connection, "SELECT id FROM tasks".to_owned()).await;
    assert_eq!(seen.ok(), Some(0));
}

async fn find(connection: &mut PgConnection, pairs: &[(Uuid, Uuid)]) -> Vec<(i64, Uuid)> {
    let (owners, ids): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    let rows = sqlx::query("SELECT place, id FROM find_tasks($1, $2)")
        .bind(owners)
        .bind(ids)
        .fetch_all(connection)
        .await
        .expect("found");
    rows.iter().map(|row| (row.get("place"), row.get("id"))).collect()
}

#[tokio::test]
async fn tasks_are_found_for_their_own_owners_alone() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    // Alice's task has the id of Alice. Somebody else in the same call asks for it in vain.
    let pairs = [(BOB, ALICE), (ALICE, ALICE), (ALICE, BOB), (CAROL, ALICE)];
    assert_eq!(find(&mut connection, &pairs).await, [(2, ALICE)]);
    assert_eq!(find(&mut connection, &[(BOB, ALICE)]).await, []);
}

/// Everything that these own outside the trash, in their own orders.
async fn list(connection: &mut PgConnection, owners: &[Uuid]) -> Vec<(i64, Uuid)> {
    let rows = sqlx::query("SELECT place, id FROM list_tasks($1, $2, $3, $4)")
        .bind(owners)
        .bind(vec![""; owners.len()])
        .bind(vec![Uuid::nil(); owners.len()])
        .bind(vec![10; owners.len()])
        .fetch_all(connection)
        .await
        .expect("listed");
    rows.iter().map(|row| (row.get("place"), row.get("id"))).collect()
}

#[tokio::test]
async fn tasks_are_listed_for_their_own_owners_alone() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    assert_eq!(list(&mut connection, &[BOB, ALICE, CAROL]).await, [(2, ALICE)]);
    assert_eq!(list(&mut connection, &[BOB, CAROL]).await, []);
}

#[tokio::test]
async fn what_the_functions_opened_is_shut_behind_them() {
    let database = house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    assert_eq!(find(&mut connection, &[(ALICE, ALICE)]).await.len(), 1);
    assert_eq!(list(&mut connection, &[ALICE]).await.len(), 1);
    let left: Option<String> = sqlx::query_scalar("SELECT nullif(current_setting('app.owners', true), '')")
        .fetch_one(&mut *connection)
        .await
        .expect("a setting");
    assert_eq!(left, None);
    let role: String = sqlx::query_scalar("SELECT current_user::text")
        .fetch_one(&mut *connection)
        .await
        .expect("a role");
    assert_ne!(role, "tandem_tasks_people");
}

/// Opens a hole in the second wall: the function no longer says whose rows it wants.
async fn open(pool: &PgPool, function: &str, bound: &str) {
    let definition: String =
        sqlx::query_scalar("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = $1")
            .bind(function)
            .fetch_one(pool)
            .await
            .expect("the function");
    assert!(definition.contains(bound), "{definition}");
    sqlx::raw_sql(AssertSqlSafe(definition.replace(bound, "true")))
        .execute(pool)
        .await
        .expect("a hole in the wall");
}

#[tokio::test]
async fn with_their_second_wall_taken_away_the_functions_find_no_more() {
    let database = house().await;
    let pool = database.pool();
    open(
        &pool,
        "find_tasks",
        "tasks.owner_id = asked.owner_id AND tasks.id = asked.id",
    )
    .await;
    open(&pool, "list_tasks", "tasks.owner_id = asked.owner_id").await;
    let mut connection = pool.acquire().await.expect("a connection");
    assert_eq!(find(&mut connection, &[(BOB, ALICE)]).await, []);
    assert_eq!(
        find(&mut connection, &[(ALICE, BOB)]).await,
        [(1, ALICE)],
        "there is a hole"
    );
    assert_eq!(list(&mut connection, &[BOB]).await, []);
    assert_eq!(
        list(&mut connection, &[BOB, ALICE]).await,
        [(1, ALICE), (2, ALICE)],
        "there is a hole"
    );
}

/// How a function's statement runs in a table whose rows nobody has counted for the planner, and which has other indexes
/// that begin with the owner too.
async fn plan_in_a_young_table(function: &str, types: &str, arguments: &str) -> String {
    let database = house().await;
    let pool = database.pool();
    let rows = "INSERT INTO owners (owner_id, revision) SELECT md5(o::text)::uuid, 1 FROM generate_series(1, 30) o;
         INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time, update_time)
         SELECT md5(o::text)::uuid, gen_random_uuid(), n, 'Water the plants', 'water the plants', 'Two litres', 1,
                lpad(n::text, 5, '0'), now(), now()
         FROM generate_series(1, 30) o, generate_series(1, 100) n";
    sqlx::raw_sql(rows).execute(&pool).await.expect("rows");
    let (body, settings): (String, Vec<String>) =
        sqlx::query_as("SELECT prosrc, proconfig FROM pg_proc WHERE proname = $1")
            .bind(function)
            .fetch_one(&pool)
            .await
            .expect("the function");
    assert!(
        settings.contains(&"plan_cache_mode=force_generic_plan".to_owned()),
        "{settings:?}"
    );
    let (_, query) = body.rsplit_once("RETURN QUERY").expect("a query");
    let (query, _) = query.split_once(';').expect("its end");

    let mut connection = pool.acquire().await.expect("a connection");
    begin(&mut connection, Some(&[ALICE])).await;
    let settings = settings
        .iter()
        .filter(|setting| !setting.starts_with("search_path"));
    let settings: String = settings.map(|setting| format!("SET LOCAL {setting}; ")).collect();
    let prepare = format!("{settings} PREPARE asked ({types}) AS {query}");
    sqlx::raw_sql(AssertSqlSafe(prepare))
        .execute(&mut *connection)
        .await
        .expect("prepared");
    let plan: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("EXPLAIN EXECUTE asked ({arguments})")))
        .fetch_all(&mut *connection)
        .await
        .expect("a plan");
    plan.join("\n")
}

#[tokio::test]
async fn in_a_young_table_tasks_are_found_through_their_key() {
    let pair = format!("'{{{ALICE}}}', '{{{ALICE}}}'");
    let plan = plan_in_a_young_table("find_tasks", "uuid[], uuid[]", &pair).await;
    assert!(plan.contains("Index Scan using tasks_pkey"), "{plan}");
}

#[tokio::test]
async fn in_a_young_table_tasks_are_listed_along_their_order() {
    let asked = format!("'{{{ALICE}}}', '{{\"\"}}', '{{{}}}', '{{51}}'", Uuid::nil());
    let plan = plan_in_a_young_table("list_tasks", "uuid[], text[], uuid[], integer[]", &asked).await;
    assert!(
        plan.contains("Index Scan using tasks_owner_id_rank_idx"),
        "{plan}"
    );
    assert!(
        plan.contains("ROW(rank, id) > ROW(asked.rank, asked.id)"),
        "{plan}"
    );
    assert!(!plan.contains("Sort"), "{plan}");
}
