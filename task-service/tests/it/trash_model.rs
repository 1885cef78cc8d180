//! Random trees of tasks in the inbox and in lists, random deletions, undeletes and purges one inside the other, against
//! a model of a few lines: never a difference, and never a task touched that the call did not take.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any};
use proptest::prop_oneof;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Status;

use crate::harness::{Person, Service, list_titled, part_of, reason_of, revision, task_in, titled};

const CASES: u32 = 16;
const STEPS: usize = 40;
const LISTS: usize = 2;

#[derive(Debug, Clone)]
enum Step {
    /// A task at the top, in the inbox or in a list.
    Create(Option<usize>),
    /// A part of some task.
    Part(Index),
    Delete(Index),
    Undelete(Index),
    Purge(Index),
    DeleteList(usize),
    UndeleteList(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => option::of(0..LISTS).prop_map(Step::Create),
        6 => any::<Index>().prop_map(Step::Part),
        4 => any::<Index>().prop_map(Step::Delete),
        4 => any::<Index>().prop_map(Step::Undelete),
        1 => any::<Index>().prop_map(Step::Purge),
        1 => (0..LISTS).prop_map(Step::DeleteList),
        1 => (0..LISTS).prop_map(Step::UndeleteList),
    ];
    vec(step, STEPS / 2..=STEPS)
}

#[test]
fn whatever_is_deleted_and_undeleted_each_undelete_restores_just_what_its_deletion_took() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let service = runtime.block_on(Service::start());
    let config = Config {
        cases: CASES,
        max_shrink_iters: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let played = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(play(&service, &steps));
        Ok(())
    });
    played.unwrap_or_else(|failure| panic!("{failure}"));
}

/// A task as the model has it.
#[derive(Debug)]
struct Node {
    id: String,
    parent: Option<usize>,
    list: Option<usize>,
    /// Which deletion took it.
    deletion: Option<usize>,
    is_gone: bool,
    /// As the service last answered.
    last: pb::Task,
}

/// Their ids, and which deletions took them.
type Lists = [(pb::List, Option<usize>); LISTS];

struct Model {
    nodes: Vec<Node>,
    lists: Lists,
    deletions: usize,
    /// The last revision.
    revision: i64,
    /// Revisions of this step that come before those of the tasks.
    ahead: i64,
}

impl Model {
    fn is_below(&self, index: usize, top: usize) -> bool {
        index == top
            || self.nodes[index]
                .parent
                .is_some_and(|parent| self.is_below(parent, top))
    }

    fn depth(&self, index: usize) -> usize {
        self.nodes[index]
            .parent
            .map_or(0, |parent| self.depth(parent) + 1)
    }

    /// The deletion of the task that this one is a part of.
    fn parents_deletion(&self, index: usize) -> Option<usize> {
        self.nodes[index]
            .parent
            .and_then(|parent| self.nodes[parent].deletion)
    }

    /// All below a task that stand where it stands.
    fn taken(&self, top: usize) -> Vec<usize> {
        let same = |index: &usize| {
            !self.nodes[*index].is_gone && self.nodes[*index].deletion == self.nodes[top].deletion
        };
        let below = (0..self.nodes.len()).filter(|index| self.is_below(*index, top));
        below.filter(same).collect()
    }

    fn delete(&mut self, index: usize) -> Result<Vec<usize>, ErrorReason> {
        self.is_there(index)?;
        if self.nodes[index].deletion.is_some() {
            return Ok(Vec::new());
        }
        self.deletions += 1;
        let taken = self.taken(index);
        for index in &taken {
            self.nodes[*index].deletion = Some(self.deletions);
        }
        Ok(taken)
    }

    fn is_there(&self, index: usize) -> Result<(), ErrorReason> {
        match self.nodes[index].is_gone {
            true => Err(ErrorReason::NotFound),
            false => Ok(()),
        }
    }

    /// Whether anything can be made there.
    fn create(&self, parent: Option<usize>, list: Option<usize>) -> Result<(), ErrorReason> {
        parent.map_or(Ok(()), |parent| self.is_there(parent))?;
        let in_trash = parent.is_some_and(|parent| self.nodes[parent].deletion.is_some())
            || list.is_some_and(|list| self.lists[list].1.is_some());
        match in_trash {
            true => Err(ErrorReason::Deleted),
            false => Ok(()),
        }
    }

    fn delete_list(&mut self, list: usize) -> Vec<usize> {
        if self.lists[list].1.is_some() {
            return Vec::new();
        }
        self.deletions += 1;
        self.lists[list].1 = Some(self.deletions);
        self.revision += 1;
        self.restamp(
            |node| node.list == Some(list) && node.deletion.is_none(),
            Some(self.deletions),
        )
    }

    fn undelete_list(&mut self, list: usize) -> Vec<usize> {
        let Some(deletion) = self.lists[list].1.take() else {
            return Vec::new();
        };
        self.ahead = 1;
        self.restamp(|node| node.deletion == Some(deletion), None)
    }

    fn restamp(&mut self, taken: impl Fn(&Node) -> bool, deletion: Option<usize>) -> Vec<usize> {
        let mut restamped = Vec::new();
        for (index, node) in self.nodes.iter_mut().enumerate() {
            if !node.is_gone && taken(node) {
                node.deletion = deletion;
                restamped.push(index);
            }
        }
        restamped
    }

    fn purge(&mut self, index: usize) -> Result<Vec<usize>, ErrorReason> {
        self.is_there(index)?;
        if self.nodes[index].deletion.is_none() {
            return Err(ErrorReason::NotDeleted);
        }
        let purged = self.taken(index);
        for index in &purged {
            self.nodes[*index].is_gone = true;
        }
        let mut orphans = Vec::new();
        for (index, node) in self.nodes.iter_mut().enumerate() {
            if !node.is_gone && node.parent.is_some_and(|parent| purged.contains(&parent)) {
                node.parent = None;
                orphans.push(index);
            }
        }
        self.revision += purged.len() as i64;
        Ok(orphans)
    }

    fn undelete(&mut self, index: usize) -> Result<Vec<usize>, ErrorReason> {
        self.is_there(index)?;
        if self.nodes[index].deletion.is_none() {
            return Ok(Vec::new());
        }
        let list = self.nodes[index].list;
        if self.parents_deletion(index).is_some() || list.is_some_and(|list| self.lists[list].1.is_some()) {
            return Err(ErrorReason::Deleted);
        }
        let taken = self.taken(index);
        for index in &taken {
            self.nodes[*index].deletion = None;
        }
        Ok(taken)
    }
}

async fn play(service: &Service, steps: &[Step]) {
    let alice = service.person();
    let mut lists = Vec::new();
    for _ in 0..LISTS {
        lists.push((alice.create_list(list_titled("List")).await.expect("made"), None));
    }
    let mut model = Model {
        nodes: Vec::new(),
        lists: lists.try_into().expect("so many"),
        deletions: 0,
        revision: 2,
        ahead: 0,
    };
    for step in steps {
        let before = model.revision;
        model.ahead = 0;
        let changed = take(&alice, &mut model, step).await;
        compare(&alice, &mut model, before, &changed).await;
    }
    service.assert_counts_are_right().await;
}

async fn create(
    alice: &Person<'_>,
    model: &mut Model,
    request: pb::CreateTaskRequest,
    (parent, list): (Option<usize>, Option<usize>),
) -> Vec<usize> {
    let made = alice.create(request).await;
    assert_same(model.create(parent, list), made.as_ref().map(drop));
    let Ok(last) = made else { return Vec::new() };
    model.nodes.push(Node {
        id: last.id.clone(),
        parent,
        list,
        deletion: None,
        is_gone: false,
        last,
    });
    vec![model.nodes.len() - 1]
}

/// Takes the step in both worlds; the tasks that it must have changed.
async fn take(alice: &Person<'_>, model: &mut Model, step: &Step) -> Vec<usize> {
    let pick = |index: &Index| (!model.nodes.is_empty()).then(|| index.index(model.nodes.len()));
    match step {
        Step::Create(list) => {
            let request = match list {
                Some(list) => task_in(&model.lists[*list].0, "Top"),
                None => titled("Top"),
            };
            create(alice, model, request, (None, *list)).await
        }
        Step::Part(index) => {
            let parent = pick(index).filter(|parent| model.depth(*parent) < 5);
            let Some(parent) = parent else { return Vec::new() };
            let (request, list) = (
                part_of(&model.nodes[parent].last, "Part"),
                model.nodes[parent].list,
            );
            create(alice, model, request, (Some(parent), list)).await
        }
        Step::DeleteList(list) => {
            let deleted = alice
                .delete_list(&model.lists[*list].0.id)
                .await
                .expect("deleted");
            assert!(deleted.delete_time.is_some());
            model.delete_list(*list)
        }
        Step::UndeleteList(list) => {
            let back = alice
                .undelete_list(&model.lists[*list].0.id)
                .await
                .expect("undeleted");
            assert!(back.delete_time.is_none());
            model.undelete_list(*list)
        }
        Step::Delete(index) => {
            let Some(index) = pick(index) else {
                return Vec::new();
            };
            let reply = alice.delete(&model.nodes[index].id).await;
            settled(model.delete(index), reply)
        }
        Step::Undelete(index) => {
            let Some(index) = pick(index) else {
                return Vec::new();
            };
            let reply = alice.undelete(&model.nodes[index].id).await;
            settled(model.undelete(index), reply)
        }
        Step::Purge(index) => {
            let Some(index) = pick(index) else {
                return Vec::new();
            };
            let reply = alice.purge_task(&model.nodes[index].id).await;
            settled(model.purge(index), reply)
        }
    }
}

#[track_caller]
fn settled<T>(expected: Result<Vec<usize>, ErrorReason>, reply: Result<T, Status>) -> Vec<usize> {
    assert_same(
        expected.as_ref().map(drop).map_err(|reason| *reason),
        reply.as_ref().map(drop),
    );
    expected.unwrap_or_default()
}

#[track_caller]
fn assert_same(expected: Result<(), ErrorReason>, reply: Result<(), &Status>) {
    let expected = expected.map_err(|reason| reason.name().to_owned());
    assert_eq!(reply.map_err(reason_of), expected);
}

/// Every task is where the model has it; those that changed have new revisions, each its own, and no other changed.
async fn compare(alice: &Person<'_>, model: &mut Model, before: i64, changed: &[usize]) {
    let listed = alice.list_all().await;
    let listed: BTreeMap<_, _> = listed.into_iter().map(|task| (task.id.clone(), task)).collect();
    let there = model.nodes.iter().filter(|node| !node.is_gone);
    assert_eq!(listed.len(), there.count());
    let mut revisions = Vec::new();
    for index in 0..model.nodes.len() {
        let parent = model.nodes[index].parent;
        let parent_id = parent.map(|parent| model.nodes[parent].id.clone());
        let node = &mut model.nodes[index];
        if node.is_gone {
            continue;
        }
        let task = &listed[&node.id];
        assert_eq!(task.parent_id, parent_id.unwrap_or_default());
        let list_id = node.list.map(|list| model.lists[list].0.id.clone());
        assert_eq!(task.list_id, list_id.unwrap_or_default());
        assert_eq!(task.delete_time.is_some(), node.deletion.is_some());
        if changed.contains(&index) {
            revisions.push(revision(task));
            node.last.clone_from(task);
        } else {
            assert_eq!(*task, node.last);
        }
    }
    revisions.sort_unstable();
    let expected: Vec<_> = (before + model.ahead + 1..).take(revisions.len()).collect();
    assert_eq!(revisions, expected);
    model.revision += model.ahead + revisions.len() as i64;
}
