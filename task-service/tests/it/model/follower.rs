//! Somebody's copy of what they have, kept by nothing but the feed of changes.

use std::collections::{BTreeMap, BTreeSet};

use proto::tasks::v1 as pb;
use proto::tasks::v1::change::{Change, Kind};

use super::call::{bare_list, bare_task};
use super::memory::Memory;
use crate::harness::Person;

#[derive(Default)]
pub(super) struct Follower {
    token: String,
    tasks: BTreeMap<String, pb::Task>,
    lists: BTreeMap<String, pb::List>,
    completions: BTreeMap<String, pb::TaskCompletion>,
}

impl Follower {
    /// Reads on to the end. What came must be just what changed, and the copy then what there is.
    pub(super) async fn read_on(&mut self, person: &Person<'_>, memory: &mut Memory, page_size: i32) {
        let is_first = self.token.is_empty();
        let (mut came, mut last) = (BTreeSet::new(), 0);
        loop {
            let page = person.changes(&self.token, page_size).await.expect("a page");
            for change in page.changes {
                assert!(change.revision > last, "in order");
                last = change.revision;
                came.insert(self.take_in(change.change.expect("never empty")));
            }
            self.token = page.next_sync_token;
            if !page.has_more {
                break;
            }
        }
        let mut unread = std::mem::take(&mut memory.unread);
        if is_first {
            // A new copy has no use for what was gone before.
            unread.retain(|(kind, _)| !kind.starts_with("removed"));
            came.retain(|(kind, _)| !kind.starts_with("removed"));
        }
        assert_eq!(came, unread, "what changed");
        self.compare(memory);
    }

    fn take_in(&mut self, change: Change) -> (&'static str, String) {
        match change {
            Change::Task(task) => {
                let id = task.id.clone();
                self.tasks.insert(id.clone(), task);
                ("task", id)
            }
            Change::List(list) => {
                let id = list.id.clone();
                self.lists.insert(id.clone(), list);
                ("list", id)
            }
            Change::Completion(made) => {
                let id = made.id.clone();
                self.completions.insert(id.clone(), made);
                ("completion", id)
            }
            Change::Removed(gone) if gone.kind() == Kind::List => {
                self.lists.remove(&gone.id);
                ("removed list", gone.id)
            }
            Change::Removed(gone) => {
                assert_eq!(gone.kind(), Kind::Task);
                self.tasks.remove(&gone.id);
                self.completions.retain(|_, made| made.task_id != gone.id);
                ("removed task", gone.id)
            }
        }
    }

    fn compare(&self, memory: &mut Memory) {
        let mut tasks: Vec<_> = self.tasks.values().cloned().collect();
        tasks.sort_by(|one, other| (&one.rank, &one.id).cmp(&(&other.rank, &other.id)));
        let tasks: Vec<_> = tasks.into_iter().map(bare_task).collect();
        let expected: Vec<_> = memory.tasks.iter().map(|held| held.task.clone()).collect();
        assert_eq!(tasks, expected, "the copy's tasks");

        let mut lists: Vec<_> = self.lists.values().cloned().collect();
        lists.sort_by(|one, other| (&one.rank, &one.id).cmp(&(&other.rank, &other.id)));
        let lists: Vec<_> = lists.into_iter().map(bare_list).collect();
        let expected: Vec<_> = memory.lists.iter().map(|held| held.list.clone()).collect();
        assert_eq!(lists, expected, "the copy's lists");

        let completions = memory.tasks.iter().flat_map(|held| &held.completions);
        let expected: BTreeMap<_, _> = completions
            .map(|made| (made.shown.id.clone(), made.shown.clone()))
            .collect();
        assert_eq!(self.completions, expected, "the copy's completions");

        for task in self.tasks.values() {
            memory.learn_task(&task.id, &task.etag);
        }
        for list in self.lists.values() {
            memory.learn_list(&list.id, &list.etag);
        }
    }
}
