//! What the wall costs: under the policies every statement still reaches its index, and the owner is read once per
//! statement (an InitPlan), not once per row.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tandem_postgres::test::{self, TestDatabase};
use task_service::MIGRATOR;
use task_service::domain::{Filter, OrderBy};
use task_service::store::list::{Page, build};
use uuid::Uuid;

use super::begin;

const OWNERS: u128 = 20;
const TASKS_EACH: i32 = 500;

/// 10,000 tasks, and statistics of them.
async fn full_house() -> TestDatabase {
    let database = test::database("task-service", &MIGRATOR).await;
    let owners: Vec<_> = (1..=OWNERS).map(Uuid::from_u128).collect();
    let pool = database.pool();
    let rows = [
        "INSERT INTO owners (owner_id, revision) SELECT o, $2 FROM unnest($1::uuid[]) o",
        "INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time, update_time)
         SELECT o, gen_random_uuid(), n, 'x', 'x', '', 1, lpad(n::text, 5, '0'), now(), now()
         FROM unnest($1::uuid[]) o, generate_series(1, $2) n",
    ];
    for rows in rows {
        let query = sqlx::query(rows).bind(&owners).bind(TASKS_EACH);
        query.execute(&pool).await.expect("rows");
    }
    sqlx::query("ANALYZE tasks")
        .execute(&pool)
        .await
        .expect("statistics");
    database
}

/// The plan, which must be one that the wall does not spoil.
async fn assert_reaches_an_index(connection: &mut PgConnection, sql: &str) -> String {
    let lines: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("EXPLAIN (VERBOSE, COSTS OFF) {sql}")))
        .fetch_all(connection)
        .await
        .expect("a plan");
    let plan = lines.join("\n");
    assert!(!plan.contains("Seq Scan"), "{sql}\n{plan}");
    assert!(
        plan.contains("Index Cond: (") && plan.contains("owner_id = "),
        "{sql}\n{plan}"
    );
    // The owner is asked for in one place, and that is not the scan.
    assert!(plan.contains("InitPlan"), "{sql}\n{plan}");
    assert_eq!(plan.matches("living_owner").count(), 1, "{sql}\n{plan}");
    plan
}

#[tokio::test]
async fn under_the_wall_a_read_by_id_is_one_index_probe() {
    let database = full_house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    let owner = Uuid::from_u128(7);
    begin(&mut connection, Some(owner)).await;
    let sql = format!("SELECT title FROM tasks WHERE owner_id = '{owner}' AND id = '{owner}'");
    let plan = assert_reaches_an_index(&mut connection, &sql).await;
    assert!(plan.contains("Index Scan using tasks_pkey"), "{plan}");
    assert!(plan.contains(&format!("id = '{owner}'::uuid")), "{plan}");
}

#[tokio::test]
async fn under_the_wall_the_feed_reads_the_owners_newest_rows_and_no_others() {
    let database = full_house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    let owner = Uuid::from_u128(7);
    begin(&mut connection, Some(owner)).await;
    let changed = format!(
        "SELECT revision, 1 AS what, id FROM tasks
         WHERE owner_id = '{owner}' AND revision > 490 ORDER BY revision LIMIT 101"
    );
    let plan = assert_reaches_an_index(&mut connection, &changed).await;
    assert!(
        plan.contains("tasks_owner_id_revision_idx") && plan.contains("revision > 490"),
        "{plan}"
    );
    assert!(!plan.contains("Sort"), "{plan}");
    let rows =
        format!("SELECT title FROM tasks WHERE owner_id = '{owner}' AND id = ANY ('{{{owner}}}'::uuid[])");
    let plan = assert_reaches_an_index(&mut connection, &rows).await;
    assert!(plan.contains("tasks_pkey") && plan.contains("ANY"), "{plan}");
}

#[tokio::test]
async fn under_the_wall_no_list_reads_other_peoples_tasks() {
    let database = full_house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    let owner = Uuid::from_u128(7);
    begin(&mut connection, Some(owner)).await;
    for order in [
        "rank",
        "due",
        "priority",
        "title",
        "create_time",
        "update_time",
        "due desc",
    ] {
        let page = Page {
            filter: &Filter::default(),
            order: OrderBy::parse(order).expect("an order"),
            show_deleted: false,
            after: None,
            limit: 51,
        };
        let sql = build(owner, &page)
            .sql()
            .as_str()
            .replace("$1", &format!("'{owner}'"))
            .replace("$2", "51");
        let plan = assert_reaches_an_index(&mut connection, &sql).await;
        if order == "rank" {
            assert!(
                plan.contains("tasks_owner_id_rank_idx") && !plan.contains("Sort"),
                "{plan}"
            );
        }
    }
}
