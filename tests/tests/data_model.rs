//! `docs/data-model.md` and the migrated databases say the same: every table, column with its type, constraint, index
//! and policy of the one is in the other.

mod catalogue;
mod document;

use std::collections::BTreeSet;

use sqlx::migrate::Migrator;

use crate::harness::repository;

/// One thing that both must name, as `table: kind name rest`.
type Facts = BTreeSet<String>;

#[tokio::test]
async fn the_document_names_all_of_auth_services_database() {
    compare("tandem_auth", "auth-service").await;
}

#[tokio::test]
async fn the_document_names_all_of_task_services_database() {
    compare("tandem_tasks", "task-service").await;
}

async fn compare(database: &str, service: &str) {
    let migrations = Migrator::new(repository().join(service).join("migrations")).await;
    // Databases for tests are lent for as long as the process lives.
    let migrations: &'static Migrator = Box::leak(Box::new(migrations.expect("the migrations can be read")));
    let lent = tandem_postgres::test::database(service, migrations).await;
    let there = catalogue::facts(&lent.pool())
        .await
        .expect("the catalogue can be read");
    let text =
        std::fs::read_to_string(repository().join("docs/data-model.md")).expect("the document is there");
    let said = document::facts(&text, database);
    for table in there.iter().filter_map(|fact| Some(fact.split_once(':')?.0)) {
        assert!(
            document::draws(&text, database, table),
            "{table} is not in the diagram of {database}"
        );
    }
    let missing: Vec<_> = there
        .difference(&said)
        .map(|fact| format!("  - not in the document: {fact}"))
        .collect();
    let invented: Vec<_> = said
        .difference(&there)
        .map(|fact| format!("  - not in the database: {fact}"))
        .collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "docs/data-model.md, {database}:\n{}\n{}",
        missing.join("\n"),
        invented.join("\n")
    );
}
