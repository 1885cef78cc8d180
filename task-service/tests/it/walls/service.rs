//! That the service itself works behind the wall, whoever it signs in as: here it is a superuser.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use sqlx::{AssertSqlSafe, Executor as _};
use task_service::store::WallDown;
use tokio_util::sync::CancellationToken;
use tonic::Code;

use super::house;
use crate::harness::{Service, assert_refused, config_for};

#[tokio::test]
async fn the_service_reads_its_own_rows_through_the_wall() {
    let service = Service::start().await;
    let alice = service.person();
    let task = pb::Task {
        title: "Hers".to_owned(),
        ..Default::default()
    };
    let request = pb::CreateTaskRequest {
        task: Some(task),
        ..Default::default()
    };
    let id = alice.create(request).await.expect("made").id;
    let pool = service.database.pool();

    let door = async |condition: &str| {
        for policy in ["tasks_of_person", "tasks_of_people"] {
            let alter = format!("ALTER POLICY {policy} ON tasks USING ({condition})");
            pool.execute(AssertSqlSafe(alter)).await.expect("altered");
        }
    };
    door("false").await;
    assert_refused(alice.get(&id).await, Code::NotFound, ErrorReason::NotFound);
    let listed = alice.list(pb::ListTasksRequest::default()).await.expect("a page");
    assert_eq!(listed.tasks, []);
    assert_refused(alice.delete(&id).await, Code::NotFound, ErrorReason::NotFound);

    door("true").await;
    alice.get(&id).await.expect("still hers");
    // Wall 2 alone holds too.
    let bob = service.person();
    assert_refused(bob.get(&id).await, Code::NotFound, ErrorReason::NotFound);
    let listed = bob.list(pb::ListTasksRequest::default()).await.expect("a page");
    assert_eq!(listed.tasks, []);
    assert_refused(bob.delete(&id).await, Code::NotFound, ErrorReason::NotFound);
}

#[tokio::test]
async fn the_service_does_not_run_on_an_open_wall() {
    let database = house().await;
    let open = "ALTER TABLE requests DISABLE ROW LEVEL SECURITY";
    database.pool().execute(open).await.expect("open");
    let refused = task_service::run(config_for(&database.url()), CancellationToken::new()).await;
    let refused = format!("{:#}", refused.expect_err("refused"));
    let why = WallDown::Inactive {
        table: "requests".to_owned(),
        role: "tandem_tasks_person",
    };
    let why = why.to_string();
    assert!(refused.contains(&why), "{refused}");
}
