//! What stands in the trash, and what is known of what stood there.

use proto::tasks::v1 as pb;

use super::{Person, Service, list_titled, task_in};

/// What is recorded as gone, in the order of the feed: revision, kind and id.
pub(crate) async fn removals(service: &Service) -> Vec<(i64, i16, String)> {
    let removals = "SELECT revision, kind, id::text FROM removals ORDER BY revision";
    let pool = service.database.pool();
    sqlx::query_as(removals).fetch_all(&pool).await.expect("removals")
}

/// A list in the trash with a task in it, both taken by one deletion.
pub(crate) async fn list_in_the_trash(person: &Person<'_>) -> (pb::List, pb::Task) {
    let list = person.create_list(list_titled("Old")).await.expect("made");
    let task = person.create(task_in(&list, "In it")).await.expect("made");
    (person.delete_list(&list.id).await.expect("deleted"), task)
}
