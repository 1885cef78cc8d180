//! What stands in the trash, and what is known of what stood there.

use proto::tasks::v1 as pb;
use sqlx::AssertSqlSafe;

use super::{Person, Service, titled, uuid};

/// What is recorded as gone, in the order of the feed: revision, kind and id.
pub(crate) async fn removals(service: &Service) -> Vec<(i64, i16, String)> {
    let removals = "SELECT revision, kind, id::text FROM removals ORDER BY revision";
    let pool = service.database.pool();
    sqlx::query_as(removals).fetch_all(&pool).await.expect("removals")
}

/// A list in the trash with a task in it, both taken by one deletion.
pub(crate) async fn list_in_the_trash(
    service: &Service,
    person: &Person<'_>,
    number: u128,
) -> (String, pb::Task) {
    let (list, task) = (uuid(number), person.create(titled("In it")).await.expect("made"));
    person.delete(&task.id).await.expect("deleted");
    let statement = format!(
        "INSERT INTO lists (owner_id, id, revision, title, rank, size_bytes, create_time, update_time, delete_time, purge_time,
                            deletion_id)
         SELECT owner_id, '{list}', revision, 'Old', '80', 3, delete_time, delete_time, delete_time, purge_time, deletion_id
         FROM tasks WHERE id = '{0}';
         UPDATE tasks SET list_id = '{list}' WHERE id = '{0}';
         UPDATE owners SET lists = lists + 1, stored_bytes = stored_bytes + 3
         WHERE owner_id = (SELECT owner_id FROM tasks WHERE id = '{0}')",
        task.id
    );
    let run = sqlx::raw_sql(AssertSqlSafe(statement));
    run.execute(&service.database.pool()).await.expect("a list");
    (list, task)
}
