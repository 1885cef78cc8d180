//! What the wall costs: under the policies every statement still reaches its index, and the owner is read once per
//! statement (an InitPlan), not once per row.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};
use tandem_postgres::test::{self, TestDatabase};
use task_service::MIGRATOR;
use task_service::domain::{Filter, Here, OrderBy, SortField, TaskId};
use task_service::store::list::{Key, Page, Place, Section, build, sections};
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
        "INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time, update_time,
                            priority, due_date, due_order)
         SELECT o, gen_random_uuid(), n, 'x', 'title ' || n, '', 1, lpad(n::text, 5, '0'), t + n * interval '1 s',
                t + n * interval '1 s', nullif(n % 5, 0), d, to_char(d, 'YYYY-MM-DD')
         FROM unnest($1::uuid[]) o, generate_series(1, $2) n,
              LATERAL (SELECT CASE WHEN n % 3 > 0 THEN date '2026-11-21' + n END AS d,
                              timestamptz '2026-11-21T12:00:00Z' AS t) due",
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

async fn plan_of(connection: &mut PgConnection, sql: &str) -> String {
    let lines: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("EXPLAIN (VERBOSE, COSTS OFF) {sql}")))
        .fetch_all(connection)
        .await
        .expect("a plan");
    lines.join("\n")
}

/// The plan, which must be one that the wall does not spoil.
async fn assert_reaches_an_index(connection: &mut PgConnection, sql: &str) -> String {
    let plan = plan_of(connection, sql).await;
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

/// A place in the middle of an order.
fn place(field: SortField) -> Place {
    let key = match field {
        SortField::Rank => Key::Text("00250".to_owned()),
        SortField::Due => Key::Text("2027-07-29".to_owned()),
        SortField::Title => Key::Text("title 250".to_owned()),
        SortField::Priority => Key::Number(2),
        SortField::CreateTime | SortField::UpdateTime => {
            Key::Time("2026-11-21T12:04:10Z".parse().expect("a time"))
        }
    };
    Place {
        key: Some(key),
        id: TaskId(Uuid::from_u128(250)),
    }
}

/// A statement with its parameters in it: the first few are the same in all.
fn with_values(mut sql: String, owner: Uuid, section: Section<'_>) -> String {
    let literal = |key: &Key| match key {
        Key::Text(text) => format!("'{text}'"),
        Key::Number(number) => number.to_string(),
        Key::Time(time) => format!("'{}'", time.to_rfc3339()),
    };
    let mut values = vec![format!("'{owner}'")];
    match section {
        Section::Filled | Section::Empty(None) => {}
        Section::Behind(key, id) | Section::Same(key, id) => {
            values.extend([literal(key), format!("'{}'", id.0)]);
        }
        Section::Below(key) => values.push(literal(key)),
        Section::Empty(Some(id)) => values.push(format!("'{}'", id.0)),
    }
    values.push("51".to_owned());
    for (index, value) in values.iter().enumerate().rev() {
        sql = sql.replace(&format!("${}", index + 1), value);
    }
    assert!(!sql.contains('$'), "{sql}");
    sql
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
async fn under_the_wall_every_order_is_read_from_its_index_and_never_sorted_whole() {
    let database = full_house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    let owner = Uuid::from_u128(7);
    begin(&mut connection, Some(owner)).await;
    for (field, index) in [
        ("rank", "tasks_owner_id_rank_idx"),
        ("due", "tasks_owner_id_due_order_idx"),
        ("priority", "tasks_owner_id_priority_idx"),
        ("title", "tasks_owner_id_title_order_idx"),
        ("create_time", "tasks_owner_id_create_time_idx"),
        ("update_time", "tasks_owner_id_update_time_idx"),
    ] {
        for direction in ["", " desc"] {
            let order = OrderBy::parse(&format!("{field}{direction}")).expect("an order");
            let middle = place(order.field);
            let empty = Place {
                key: None,
                ..middle.clone()
            };
            for after in [None, Some(&middle), Some(&empty)] {
                let page = Page {
                    filter: &Filter::default(),
                    order,
                    show_deleted: false,
                    after,
                    limit: 51,
                };
                // Only what can be empty has a place behind its values.
                let can_be_empty = ["due", "priority"].contains(&field);
                for section in sections(order, after)
                    .into_iter()
                    .filter(|section| can_be_empty || !matches!(section, Section::Empty(_)))
                {
                    let sql = build(owner, &page, section, 51).expect("a limit");
                    let sql = with_values(sql.sql().as_str().to_owned(), owner, section);
                    let plan = assert_reaches_an_index(&mut connection, &sql).await;
                    assert!(plan.contains(index), "{sql}\n{plan}");
                    // What is equal is put in the order of ids, the rest comes as the index has it.
                    let mut steps = plan.lines().map(|line| line.trim_start_matches([' ', '-', '>']));
                    assert!(steps.all(|step| step != "Sort"), "{sql}\n{plan}");
                }
            }
        }
    }
}

#[tokio::test]
async fn under_the_wall_a_list_and_the_inbox_are_read_in_their_order() {
    let database = full_house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    let owner = Uuid::from_u128(7);
    begin(&mut connection, Some(owner)).await;
    let here = Here::in_utc("2026-11-21T12:00:00Z".parse().expect("a time"));
    for (filter, values) in [
        ("list_id = \"\"", vec!["51".to_owned()]),
        (
            "list_id = \"00000000-0000-0000-0000-000000000001\"",
            vec![format!("'{}'", Uuid::from_u128(1)), "51".to_owned()],
        ),
    ] {
        let page = Page {
            filter: &Filter::parse(filter, &here).expect("a filter"),
            order: OrderBy::default(),
            show_deleted: false,
            after: None,
            limit: 51,
        };
        let sql = build(owner, &page, Section::Filled, 51).expect("a limit");
        let mut sql = sql.sql().as_str().replace("$1", &format!("'{owner}'"));
        for (index, value) in values.iter().enumerate() {
            sql = sql.replace(&format!("${}", index + 2), value);
        }
        let plan = assert_reaches_an_index(&mut connection, &sql).await;
        assert!(plan.contains("tasks_owner_id_list_id_rank_idx"), "{sql}\n{plan}");
        assert!(!plan.contains("Sort"), "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn under_the_wall_no_filter_reads_other_peoples_rows() {
    let database = full_house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    let owner = Uuid::from_u128(7);
    for filter in crate::sql_audit::filters::of_every_kind() {
        let page = Page {
            filter: &filter,
            order: OrderBy::default(),
            show_deleted: true,
            after: None,
            limit: 51,
        };
        begin(&mut connection, Some(owner)).await;
        let sql = build(owner, &page, Section::Filled, 51).expect("a limit");
        let prepare = format!("PREPARE built AS {}", sql.sql().as_str());
        connection
            .execute(AssertSqlSafe(prepare))
            .await
            .expect("prepared");
        // Null is a value of every type; a generic plan shows what is done with any.
        let types: i64 = sqlx::query_scalar(
            "SELECT cardinality(parameter_types)::bigint FROM pg_prepared_statements WHERE name = 'built'",
        )
        .fetch_one(&mut *connection)
        .await
        .expect("its parameters");
        let nulls = vec!["NULL"; usize::try_from(types).expect("few")].join(", ");
        sqlx::raw_sql("SET LOCAL plan_cache_mode = force_generic_plan")
            .execute(&mut *connection)
            .await
            .expect("set");
        let plan = plan_of(&mut connection, &format!("EXECUTE built ({nulls})")).await;
        assert!(!plan.contains("Seq Scan on public.tasks"), "{plan}");
        let scans = plan.matches(" on public.task").count();
        let bound = plan.matches("owner_id = $1").count();
        assert!(scans >= 1 && bound >= scans, "{plan}");
        sqlx::raw_sql("DEALLOCATE built; ROLLBACK")
            .execute(&mut *connection)
            .await
            .expect("gone");
    }
}

#[tokio::test]
async fn under_the_wall_a_place_in_the_order_is_found_without_reading_the_order() {
    let database = full_house().await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    let owner = Uuid::from_u128(7);
    begin(&mut connection, Some(owner)).await;
    for (beyond, direction) in [("<", "DESC"), (">", "ASC")] {
        let sql = format!(
            "SELECT rank, id FROM tasks WHERE owner_id = '{owner}' AND (rank, id) {beyond} ('00250', '{owner}')
             ORDER BY rank {direction}, id {direction} LIMIT 2"
        );
        let plan = assert_reaches_an_index(&mut connection, &sql).await;
        assert!(
            plan.contains("tasks_owner_id_rank_idx") && plan.contains("(ROW(") && !plan.contains("Sort"),
            "{plan}"
        );
        assert!(!plan.contains("Filter: (ROW("), "{plan}");
    }
}

#[tokio::test]
async fn in_a_young_table_tasks_of_several_ids_are_read_through_their_key() {
    // Nobody has counted its rows for the planner, and other indexes begin with the owner too.
    let database = test::database("task-service", &MIGRATOR).await;
    let mut connection = database.pool().acquire().await.expect("a connection");
    let owner = Uuid::from_u128(7);
    begin(&mut connection, Some(owner)).await;
    let sql = crate::sql_audit::source::checked()
        .into_iter()
        .find(|sql| sql.contains("unnest($2::uuid[]) AS named (id)"))
        .expect("the statement");
    let prepare =
        format!("SET LOCAL plan_cache_mode = force_generic_plan; PREPARE named (uuid, uuid[]) AS {sql}");
    sqlx::raw_sql(AssertSqlSafe(prepare))
        .execute(&mut *connection)
        .await
        .expect("prepared");
    let plan = plan_of(
        &mut connection,
        &format!("EXECUTE named ('{owner}', '{{{owner}}}')"),
    )
    .await;
    assert!(plan.contains("Index Scan using tasks_pkey"), "{plan}");
    assert!(
        plan.contains("(tasks.id >= named.id) AND (tasks.id <= named.id)"),
        "{plan}"
    );
}
