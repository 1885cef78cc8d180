//! A client's local copy, kept by nothing but the feed, and what the server says of itself to compare it with.

use std::collections::BTreeMap;

use proto::tasks::v1 as pb;
use proto::tasks::v1::change::{Change, Kind};
use sqlx::Row as _;
use uuid::Uuid;

use crate::harness::{Person, Service};

/// What a client keeps: the objects, and with them the token.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Copy {
    pub(super) tasks: BTreeMap<String, pb::Task>,
    pub(super) lists: BTreeMap<String, pb::List>,
    pub(super) completions: BTreeMap<String, pb::TaskCompletion>,
    pub(super) token: String,
}

impl Copy {
    /// Takes in what came, all of it or nothing.
    pub(super) fn take_in(&mut self, changes: Vec<pb::Change>, next: String) {
        let mut last = 0;
        for change in changes {
            assert!(change.revision > last, "in order, each place once");
            last = change.revision;
            match change.change.expect("never empty") {
                Change::Task(task) => drop(self.tasks.insert(task.id.clone(), task)),
                Change::List(list) => drop(self.lists.insert(list.id.clone(), list)),
                Change::Completion(made) => drop(self.completions.insert(made.id.clone(), made)),
                Change::Removed(gone) if gone.kind() == Kind::List => drop(self.lists.remove(&gone.id)),
                Change::Removed(gone) => {
                    assert_eq!(gone.kind(), Kind::Task);
                    self.tasks.remove(&gone.id);
                    self.completions.retain(|_, made| made.task_id != gone.id);
                }
            }
        }
        self.token = next;
    }

    /// Reads on to the end.
    pub(super) async fn catch_up(&mut self, person: &Person<'_>, page_size: i32) {
        loop {
            let page = person.changes(&self.token, page_size).await.expect("a page");
            let has_more = page.has_more;
            self.take_in(page.changes, page.next_sync_token);
            if !has_more {
                return;
            }
        }
    }

    /// That it is what the server has: tasks by ListTasks, the rest by its tables.
    #[track_caller]
    pub(super) fn assert_is(&self, server: &Self) {
        assert_eq!(self.tasks, server.tasks);
        assert_eq!(self.lists, server.lists);
        assert_eq!(self.completions, server.completions);
    }
}

/// What the server has of a person.
pub(super) async fn server_state(service: &Service, id: Uuid) -> Copy {
    let person = service.person_of(id);
    let mut state = Copy::default();
    let mut request = pb::ListTasksRequest {
        page_size: 1000,
        show_deleted: true,
        ..Default::default()
    };
    loop {
        let page = person.list(request.clone()).await.expect("a page");
        state
            .tasks
            .extend(page.tasks.into_iter().map(|task| (task.id.clone(), task)));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    // No method lists these over all tasks; what the feed says of each must at least be what the table says.
    let fresh = {
        let mut fresh = Copy::default();
        fresh.catch_up(&person, 1000).await;
        fresh
    };
    for (table, known) in [
        ("lists", fresh.lists.keys().collect::<Vec<_>>()),
        ("task_completions", fresh.completions.keys().collect()),
        ("tasks", fresh.tasks.keys().collect()),
    ] {
        let ids = format!("SELECT id::text FROM {table} WHERE owner_id = '{id}' ORDER BY id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(ids))
            .fetch_all(&service.database.pool())
            .await
            .expect("ids");
        let ids: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(known, ids.iter().collect::<Vec<_>>(), "{table}");
    }
    Copy {
        lists: fresh.lists,
        completions: fresh.completions,
        ..state
    }
}
