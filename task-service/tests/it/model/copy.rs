//! Somebody's copy of what they have, made of nothing but changes that they were told of.

use std::collections::BTreeMap;

use proto::tasks::v1 as pb;
use proto::tasks::v1::change::{Change, Kind};

use super::call::{bare_list, bare_task};
use super::memory::Memory;

#[derive(Default)]
pub(super) struct Copy {
    tasks: BTreeMap<String, pb::Task>,
    lists: BTreeMap<String, pb::List>,
    completions: BTreeMap<String, pb::TaskCompletion>,
}

impl Copy {
    /// Which kind of thing changed, and its id.
    pub(super) fn take_in(&mut self, change: Change) -> (&'static str, String) {
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

    /// Fails where it is not what the model says.
    pub(super) fn compare(&self, memory: &mut Memory) {
        assert_eq!(self.tasks_in_order(), tasks_of(memory), "the copy's tasks");
        assert_eq!(self.lists_in_order(), lists_of(memory), "the copy's lists");
        assert_eq!(self.completions, completions_of(memory), "the copy's completions");
        for task in self.tasks.values() {
            memory.learn_task(&task.id, &task.etag);
        }
        for list in self.lists.values() {
            memory.learn_list(&list.id, &list.etag);
        }
    }

    /// Whether it is what the model says.
    pub(super) fn is(&self, memory: &Memory) -> bool {
        self.tasks_in_order() == tasks_of(memory)
            && self.lists_in_order() == lists_of(memory)
            && self.completions == completions_of(memory)
    }

    /// Every title in it.
    pub(super) fn titles(&self) -> impl Iterator<Item = &String> {
        let lists = self.lists.values().map(|list| &list.title);
        self.tasks.values().map(|task| &task.title).chain(lists)
    }

    fn tasks_in_order(&self) -> Vec<pb::Task> {
        let mut tasks: Vec<_> = self.tasks.values().cloned().collect();
        tasks.sort_by(|one, other| (&one.rank, &one.id).cmp(&(&other.rank, &other.id)));
        tasks.into_iter().map(bare_task).collect()
    }

    fn lists_in_order(&self) -> Vec<pb::List> {
        let mut lists: Vec<_> = self.lists.values().cloned().collect();
        lists.sort_by(|one, other| (&one.rank, &one.id).cmp(&(&other.rank, &other.id)));
        lists.into_iter().map(bare_list).collect()
    }
}

fn tasks_of(memory: &Memory) -> Vec<pb::Task> {
    memory.tasks.iter().map(|held| held.task.clone()).collect()
}

fn lists_of(memory: &Memory) -> Vec<pb::List> {
    memory.lists.iter().map(|held| held.list.clone()).collect()
}

fn completions_of(memory: &Memory) -> BTreeMap<String, pb::TaskCompletion> {
    let completions = memory.tasks.iter().flat_map(|held| &held.completions);
    completions
        .map(|made| (made.shown.id.clone(), made.shown.clone()))
        .collect()
}
