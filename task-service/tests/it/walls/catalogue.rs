//! What the catalogue must say of every table with an owner, and of the role that statements run under.

use super::{house, owned_tables};

/// Rows of text that must not be there.
async fn assert_none(what: &str, query: &'static str) {
    let database = house().await;
    let found: Vec<String> = sqlx::query_scalar(query)
        .fetch_all(&database.pool())
        .await
        .expect("the catalogue");
    assert!(found.is_empty(), "{what}: {found:?}");
}

/// The one table that belongs to nobody.
const OF_NOBODY: &str = "feed_epoch";

#[tokio::test]
async fn every_table_but_one_has_an_owner() {
    let database = house().await;
    let query = "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
         AND relnamespace = 'public'::regnamespace AND relname <> '_sqlx_migrations' ORDER BY 1";
    let all: Vec<String> = sqlx::query_scalar(query)
        .fetch_all(&database.pool())
        .await
        .expect("the catalogue");
    let mut expected = owned_tables(&database).await;
    expected.push(OF_NOBODY.to_owned());
    expected.sort_unstable();
    assert_eq!(all, expected);
}

#[tokio::test]
async fn what_belongs_to_nobody_people_may_read_and_not_change() {
    let database = house().await;
    let query = "SELECT p || ' ' || a.attname FROM pg_attribute a,
             unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p
         WHERE a.attrelid = 'feed_epoch'::regclass AND a.attnum > 0
           AND has_column_privilege('tandem_tasks_person', a.attrelid, a.attnum, p) ORDER BY 1";
    let may: Vec<String> = sqlx::query_scalar(query)
        .fetch_all(&database.pool())
        .await
        .expect("the catalogue");
    assert_eq!(may, ["SELECT epoch"]);
}

#[tokio::test]
async fn row_security_is_enabled_and_forced_on_every_owned_table() {
    assert_none(
        "open tables",
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE a.attname = 'owner_id' AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
           AND NOT (c.relrowsecurity AND c.relforcerowsecurity)",
    )
    .await;
}

#[tokio::test]
async fn every_owned_table_has_one_policy_for_people_which_is_for_every_command() {
    let database = house().await;
    // Permissive policies are joined with OR, so a second one could only open a door.
    let query = "SELECT p.tablename::text, p.roles::text[], p.cmd::text, p.qual::text, p.with_check::text
         FROM pg_policies p WHERE p.schemaname = 'public' AND p.policyname = p.tablename || '_of_person' ORDER BY 1";
    type Policy = (String, Vec<String>, String, Option<String>, Option<String>);
    let policies: Vec<Policy> = sqlx::query_as(query)
        .fetch_all(&database.pool())
        .await
        .expect("the catalogue");
    let tables: Vec<_> = policies.iter().map(|policy| policy.0.clone()).collect();
    assert_eq!(tables, owned_tables(&database).await);
    for (table, roles, command, qualification, check) in policies {
        assert_eq!(roles, ["tandem_tasks_person"], "{table}");
        assert_eq!(command, "ALL", "{table}");
        // Without a check of its own the qualification holds for new rows too.
        assert_eq!(check, None, "{table}");
        // A tombstone is found in `owners` itself; everywhere else the owner must live.
        let expected = match table.as_str() {
            "owners" => "nullif(current_setting('app.owner'::text, true), ''::text))::uuid",
            _ => "(owner_id = ( select living_owner() as living_owner))",
        };
        let qualification = qualification.expect("a condition").to_lowercase();
        assert!(qualification.contains(expected), "{table}: {qualification}");
        assert!(!qualification.contains(" or "), "{table}: {qualification}");
    }
}

#[tokio::test]
async fn every_policy_for_several_people_asks_for_those_who_are_named() {
    let database = house().await;
    let query = "SELECT p.tablename::text, p.cmd::text, p.qual::text, p.with_check::text
         FROM pg_policies p WHERE p.schemaname = 'public' AND p.policyname LIKE '%_of_people' ORDER BY 1";
    type Policy = (String, String, Option<String>, Option<String>);
    let policies: Vec<Policy> = sqlx::query_as(query)
        .fetch_all(&database.pool())
        .await
        .expect("the catalogue");
    let tables: Vec<_> = policies.iter().map(|policy| policy.0.as_str()).collect();
    let expected = [
        "lists",
        "owners",
        "requests",
        "task_events",
        "task_labels",
        "tasks",
    ];
    assert_eq!(tables, expected);
    for (table, command, qualification, check) in policies {
        assert_eq!(
            command,
            if table == "lists" { "SELECT" } else { "ALL" },
            "{table}"
        );
        assert_eq!(check, None, "{table}");
        let expected =
            "(array_position(( select (nullif(current_setting('app.owners'::text, true), ''::text))::uuid[]";
        let qualification = qualification.expect("a condition").to_lowercase();
        assert!(qualification.contains(expected), "{table}: {qualification}");
        assert!(!qualification.contains(" or "), "{table}: {qualification}");
    }
}

#[tokio::test]
async fn every_policy_is_for_one_of_the_four_roles() {
    assert_none(
        "doors for others",
        "SELECT policyname::text FROM pg_policies WHERE schemaname = 'public' AND NOT (
             roles = '{tandem_tasks_person}' AND policyname = tablename || '_of_person'
             OR roles = '{tandem_tasks_people}' AND policyname = tablename || '_of_people'
             OR roles = '{tandem_tasks_housekeeping}' AND policyname IN (tablename || '_of_housekeeping',
                    tablename || '_tombstones_of_housekeeping', tablename || '_trash_of_housekeeping',
                    tablename || '_old_of_housekeeping')
             OR roles = '{tandem_tasks_search}' AND cmd = 'SELECT'
                AND policyname IN ('owners_of_search', 'tasks_of_search') AND policyname = tablename || '_of_search')",
    )
    .await;
}

#[tokio::test]
async fn housekeeping_may_delete_and_read_keys_and_times_and_nothing_that_people_wrote() {
    let database = house().await;
    let query =
        "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
           AND NOT a.attisdropped
           AND has_column_privilege('tandem_tasks_housekeeping', c.oid, a.attnum, 'SELECT') ORDER BY 1";
    let readable: Vec<String> = sqlx::query_scalar(query)
        .fetch_all(&database.pool())
        .await
        .expect("the catalogue");
    let expected = [
        "feed_epoch.database_oid",
        "feed_epoch.epoch",
        "feed_epoch.only_row",
        "feed_epoch.system_identifier",
        "lists.deletion_id",
        "lists.id",
        "lists.owner_id",
        "lists.purge_time",
        "lists.size_bytes",
        "owners.floor_revision",
        "owners.lists",
        "owners.owner_id",
        "owners.purge_time",
        "owners.revision",
        "owners.stored_bytes",
        "owners.tasks",
        "removals.id",
        "removals.kind",
        "removals.owner_id",
        "removals.remove_time",
        "removals.revision",
        "requests.create_time",
        "requests.owner_id",
        "requests.request_id",
        "task_completions.id",
        "task_completions.owner_id",
        "task_events.event_time",
        "task_events.owner_id",
        "task_events.revision",
        "tasks.deletion_id",
        "tasks.id",
        "tasks.list_id",
        "tasks.owner_id",
        "tasks.parent_id",
        "tasks.purge_time",
        "tasks.size_bytes",
    ];
    assert_eq!(readable, expected);
    assert_none(
        "privileges of housekeeping",
        "SELECT c.relname || ' ' || p FROM pg_class c,
             unnest(ARRAY['INSERT', 'UPDATE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND has_table_privilege('tandem_tasks_housekeeping', c.oid, p)
           AND (c.relname, p) NOT IN (('owners', 'INSERT'), ('owners', 'UPDATE'), ('removals', 'INSERT'),
                ('feed_epoch', 'INSERT'), ('feed_epoch', 'UPDATE'))",
    )
    .await;
}

#[tokio::test]
async fn the_roles_cannot_sign_in_nor_pass_the_walls_nor_become_another() {
    assert_none(
        "rights of the roles",
        "SELECT rolname::text FROM pg_roles WHERE rolname IN
               ('tandem_tasks_person', 'tandem_tasks_people', 'tandem_tasks_housekeeping', 'tandem_tasks_search')
           AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
         UNION ALL
         SELECT 'member of ' || roleid::regrole FROM pg_auth_members
         WHERE member IN ('tandem_tasks_person'::regrole, 'tandem_tasks_people'::regrole,
                          'tandem_tasks_housekeeping'::regrole, 'tandem_tasks_search'::regrole)",
    )
    .await;
}

#[tokio::test]
async fn the_roles_own_nothing_but_the_functions_of_two() {
    assert_none(
        "belongings of the roles",
        "SELECT classid::regclass || ' ' || objid FROM pg_shdepend
         WHERE refobjid IN ('tandem_tasks_person'::regrole, 'tandem_tasks_housekeeping'::regrole) AND deptype = 'o'
         UNION ALL
         SELECT classid::regclass || ' ' || objid FROM pg_shdepend
         WHERE refobjid = 'tandem_tasks_search'::regrole AND deptype = 'o'
           AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND (classid, objid) <> ('pg_proc'::regclass,
                'search_candidates(uuid, text[], boolean, integer)'::regprocedure)
         UNION ALL
         SELECT classid::regclass || ' ' || objid FROM pg_shdepend
         WHERE refobjid = 'tandem_tasks_people'::regrole AND deptype = 'o'
           AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND NOT (classid = 'pg_proc'::regclass AND objid IN (
               'find_tasks(uuid[], uuid[])'::regprocedure, 'list_tasks(uuid[], text[], uuid[], integer[])'::regprocedure))",
    )
    .await;
}

#[tokio::test]
async fn the_role_may_read_and_write_rows_of_owned_tables_and_nothing_else() {
    assert_none(
        "privileges of the role",
        // TRUNCATE, and the checks behind REFERENCES and TRIGGER, mind no policy.
        "SELECT c.relname || ' ' || p FROM pg_class c,
             unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND has_table_privilege('tandem_tasks_person', c.oid, p)
           AND (p IN ('TRUNCATE', 'REFERENCES', 'TRIGGER') OR NOT EXISTS (
                SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'owner_id'))
         UNION ALL
         SELECT 'CREATE in ' || nspname FROM pg_namespace
         WHERE has_schema_privilege('tandem_tasks_person', oid, 'CREATE')
         UNION ALL
         SELECT 'a function that runs as somebody else: ' || proname FROM pg_proc
         WHERE prosecdef AND proname <> 'search_candidates'
           AND has_function_privilege('tandem_tasks_person', oid, 'EXECUTE')",
    )
    .await;
}

#[tokio::test]
async fn every_key_leads_with_the_owner() {
    // A key without the owner would tell by a conflict that somebody else has such a row.
    assert_none(
        "keys across owners",
        "SELECT i.indexrelid::regclass::text FROM pg_index i
         JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'owner_id'
         WHERE i.indisunique AND i.indkey[0] <> a.attnum",
    )
    .await;
}

#[tokio::test]
async fn every_reference_carries_the_owner() {
    // The checks of a reference see all rows: without the owner they would join two people's.
    assert_none(
        "references across owners",
        "SELECT f.conname::text FROM pg_constraint f
         JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attname = 'owner_id'
         JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attname = 'owner_id'
         WHERE f.contype = 'f' AND NOT (f.conkey[1] = a.attnum AND f.confkey[1] = b.attnum)",
    )
    .await;
}

#[tokio::test]
async fn the_functions_that_run_as_other_roles_are_these() {
    let database = house().await;
    let query = "SELECT p.oid::regprocedure::text, p.proowner::regrole::text, p.proconfig, p.provolatile::text,
             ARRAY(SELECT a.grantee::regrole::text || ' ' || a.privilege_type FROM aclexplode(p.proacl) a ORDER BY 1)
         FROM pg_proc p WHERE p.prosecdef ORDER BY 1";
    type Function = (String, String, Vec<String>, String, Vec<String>);
    let functions: Vec<Function> = sqlx::query_as(query)
        .fetch_all(&database.pool())
        .await
        .expect("the catalogue");
    let described: Vec<_> = functions
        .iter()
        .map(|(name, owner, _, volatility, granted)| {
            (
                name.as_str(),
                owner.as_str(),
                volatility.as_str(),
                granted.join(", "),
            )
        })
        .collect();
    let expected = [
        // They say whose rows exist, so they change something for Postgres. Their role may change rows as well.
        (
            "find_tasks(uuid[],uuid[])",
            "tandem_tasks_people",
            "v",
            "tandem_tasks_people EXECUTE".to_owned(),
        ),
        (
            "list_tasks(uuid[],text[],uuid[],integer[])",
            "tandem_tasks_people",
            "v",
            "tandem_tasks_people EXECUTE".to_owned(),
        ),
        // Postgres lets it write nothing.
        (
            "search_candidates(uuid,text[],boolean,integer)",
            "tandem_tasks_search",
            "s",
            "tandem_tasks_person EXECUTE, tandem_tasks_search EXECUTE".to_owned(),
        ),
    ];
    assert_eq!(described, expected);
    for (name, _, settings, ..) in &functions {
        assert_eq!(settings[0], "search_path=pg_catalog, public, pg_temp", "{name}");
    }
}

#[tokio::test]
async fn the_role_that_searches_reads_what_a_search_looks_at_and_nothing_else() {
    let database = house().await;
    let query =
        "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0
           AND NOT a.attisdropped
           AND has_column_privilege('tandem_tasks_search', c.oid, a.attnum, 'SELECT') ORDER BY 1";
    let readable: Vec<String> = sqlx::query_scalar(query)
        .fetch_all(&database.pool())
        .await
        .expect("the catalogue");
    let expected = [
        "owners.owner_id",
        "owners.purge_time",
        "tasks.delete_time",
        "tasks.id",
        "tasks.notes",
        "tasks.owner_id",
        "tasks.title",
        "tasks.update_time",
    ];
    assert_eq!(readable, expected);
    assert_none(
        "privileges of the role that searches",
        "SELECT c.relname || ' ' || p FROM pg_class c,
             unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND (has_table_privilege('tandem_tasks_search', c.oid, p)
                OR p IN ('INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege('tandem_tasks_search', c.oid, p))
         UNION ALL
         SELECT 'CREATE in ' || nspname FROM pg_namespace
         WHERE has_schema_privilege('tandem_tasks_search', oid, 'CREATE')",
    )
    .await;
}
