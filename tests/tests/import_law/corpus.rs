//! Lines that break the law, each to be found, and lines like them that keep it.

use super::{dependencies_of, faults_of_foundation, faults_of_manifest, faults_of_room, has_no_place};
use std::path::Path;

const WRONG: [(&str, &str); 26] = [
    ("rpc/task_service/get_task", "use sqlx::PgPool;"),
    ("rpc/task_service", "use {std::fmt, sqlx::PgPool};"),
    ("rpc", "fn f() { sqlx::query!(\"SELECT 1\"); }"),
    ("rpc/auth_service/sign_in", "use crate::config::Config;"),
    ("rpc/auth_service/sign_in", "use super::super::super::serve;"),
    ("store/tasks", "use tonic::Status;"),
    ("store/tasks", "use proto::tasks::v1 as pb;"),
    ("store/tasks", "fn f(task: ::proto::tasks::v1::Task) {}"),
    ("store/tasks", "use prost::Message as _;"),
    ("store", "use crate::rpc::convert;"),
    ("store/tasks", "use crate::{domain::Task, rpc};"),
    ("store/tasks", "use super::super::rpc::convert;"),
    ("store/users", "use crate::app::App;"),
    ("store/users", "use crate::hashing::Hasher;"),
    ("domain/email", "use sqlx::Type;"),
    ("domain/email", "#[derive(sqlx::Type)] struct E;"),
    ("domain/task", "use tonic::Code;"),
    ("domain/task", "use prost_types::Timestamp;"),
    ("domain/task", "impl From<proto::tasks::v1::Task> for T {}"),
    ("domain", "use crate::store;"),
    ("domain/task", "use crate::{domain::Due, error::Error};"),
    ("domain/task", "use super::super::store::tasks;"),
    ("domain/clock", "use chassis::Clock;"),
    ("store/tasks", "tracing::info!(task.title = title);"),
    ("domain/task", "#[derive(prost::Message)] struct T;"),
    ("domain/clock", "async fn f() { tokio::time::sleep(d).await }"),
];

const RIGHT: [(&str, &str); 13] = [
    (
        "domain/task",
        "use proptest::prelude::any; mod tests { use super::*; }",
    ),
    (
        "rpc/task_service/get_task",
        "use crate::store::{self, tasks}; use tonic::Status; use super::convert;",
    ),
    (
        "rpc/auth_service/sign_in",
        "use crate::{app::App, domain::Email, error::Error};",
    ),
    (
        "rpc/auth_service",
        "// sqlx::query!\nconst A: &str = \"sqlx::PgPool\";",
    ),
    (
        "store/tasks",
        "use sqlx::PgConnection; use crate::domain::Task; use crate::error::Error;",
    ),
    ("store/tasks", "use super::OwnerTx; use super::users::user_of;"),
    ("store", "use chassis::deadline::Deadline;"),
    (
        "domain/task",
        "use super::due::Due; use chrono::NaiveDate; use uuid::Uuid;",
    ),
    ("domain/task", "fn f<'tonic>(x: &'tonic str) -> char { '\\'' }"),
    ("domain", "pub use self::task::Task; use crate::domain::email;"),
    (
        "serve",
        "use crate::rpc::Tasks; use sqlx::PgPool; use proto::tasks::v1;",
    ),
    ("error", "use tonic::Status; use sqlx::Error;"),
    ("main", "use task_service::config::Config;"),
];

const MANIFEST: &str = "\
[package]
name = \"task-service\"

[dependencies]
chassis.workspace = true
chrono = \"1\"
prost-types = { workspace = true }
prost.workspace = true
proto.workspace = true
serde.workspace = true
sqlx.workspace = true
tokio.workspace = true
tonic.workspace = true
tracing.workspace = true
uuid.workspace = true

[dev-dependencies]
proptest.workspace = true
";

fn faults(module: &str, source: &str) -> Vec<String> {
    let module: Vec<String> = module.split('/').map(str::to_owned).collect();
    faults_of_room(&module, source, &dependencies_of(MANIFEST))
}

#[test]
fn every_wrong_line_is_found() {
    for (module, source) in WRONG {
        assert_eq!(
            faults(module, source).len(),
            1,
            "{module}: {source}: {:?}",
            faults(module, source)
        );
    }
}

#[test]
fn no_right_line_is_taken_for_a_wrong_one() {
    for (module, source) in RIGHT {
        assert_eq!(faults(module, source), [""; 0], "{module}: {source}");
    }
}

#[test]
fn a_foundation_that_knows_a_service_is_found() {
    let strangers = ["auth-service", "task-service"];
    for source in [
        "use auth_service::App;",
        "fn f() { task_service::run() }",
        "use {task_service as t};",
    ] {
        assert_eq!(faults_of_foundation(source, &strangers).len(), 1, "{source}");
    }
    assert!(faults_of_foundation("use proto::auth::v1::auth_service_client;", &strangers).is_empty());
    for manifest in [
        "auth-service.workspace = true",
        "task-service = { path = \"../task-service\" }",
        "tasks = { package = \"task-service\", path = \"..\" }",
        "\"auth-service\" = \"1\"",
    ] {
        assert_eq!(faults_of_manifest(manifest, &strangers).len(), 1, "{manifest}");
    }
    let own = "name = \"auth-service\"\nauth-service-types = \"1\"";
    assert!(faults_of_manifest(own, &strangers).is_empty());
}

#[test]
fn a_name_that_says_nothing_is_found() {
    for path in [
        "src/utils.rs",
        "src/common",
        "web/src/helpers.ts",
        "src/Manager.rs",
    ] {
        assert!(has_no_place(Path::new(path)), "{path}");
    }
    for path in ["src/domain/common_passwords.rs", "src/store.rs"] {
        assert!(!has_no_place(Path::new(path)), "{path}");
    }
}
