//! Random trees of tasks, random deletions and undeletes one inside the other, against a model of a few lines: never a
//! difference, and never a task touched that the call did not take.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Status;

use crate::harness::{Person, Service, part_of, reason_of, revision, titled};

const CASES: u32 = 16;
const STEPS: usize = 40;

#[derive(Debug, Clone)]
enum Step {
    /// A task at the top, or a part of some task.
    Create(Option<Index>),
    Delete(Index),
    Undelete(Index),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => Just(Step::Create(None)),
        4 => any::<Index>().prop_map(|index| Step::Create(Some(index))),
        3 => any::<Index>().prop_map(Step::Delete),
        3 => any::<Index>().prop_map(Step::Undelete),
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
    /// Which deletion took it.
    deletion: Option<usize>,
    /// As the service last answered.
    last: pb::Task,
}

#[derive(Default)]
struct Model {
    nodes: Vec<Node>,
    deletions: usize,
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
        let same = |index: &usize| self.nodes[*index].deletion == self.nodes[top].deletion;
        let below = (0..self.nodes.len()).filter(|index| self.is_below(*index, top));
        below.filter(same).collect()
    }

    fn delete(&mut self, index: usize) -> Vec<usize> {
        if self.nodes[index].deletion.is_some() {
            return Vec::new();
        }
        self.deletions += 1;
        let taken = self.taken(index);
        for index in &taken {
            self.nodes[*index].deletion = Some(self.deletions);
        }
        taken
    }

    fn undelete(&mut self, index: usize) -> Result<Vec<usize>, ErrorReason> {
        if self.nodes[index].deletion.is_none() {
            return Ok(Vec::new());
        }
        if self.parents_deletion(index).is_some() {
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
    let mut model = Model::default();
    for step in steps {
        let changed = take(&alice, &mut model, step).await;
        compare(&alice, &mut model, &changed).await;
    }
}

/// Takes the step in both worlds; the tasks that it must have changed.
async fn take(alice: &Person<'_>, model: &mut Model, step: &Step) -> Vec<usize> {
    let pick = |index: &Index| (!model.nodes.is_empty()).then(|| index.index(model.nodes.len()));
    match step {
        Step::Create(parent) => {
            let parent = parent.as_ref().and_then(pick);
            let parent = parent.filter(|parent| model.depth(*parent) < 5);
            let request = match parent {
                Some(parent) => part_of(&model.nodes[parent].last, "Part"),
                None => titled("Top"),
            };
            let made = alice.create(request).await;
            if parent.is_some_and(|parent| model.nodes[parent].deletion.is_some()) {
                assert_same(Err(ErrorReason::Deleted), made);
                return Vec::new();
            }
            let last = made.expect("made");
            model.nodes.push(Node {
                id: last.id.clone(),
                parent,
                deletion: None,
                last,
            });
            vec![]
        }
        Step::Delete(index) => {
            let Some(index) = pick(index) else {
                return Vec::new();
            };
            alice.delete(&model.nodes[index].id).await.expect("deleted");
            model.delete(index)
        }
        Step::Undelete(index) => {
            let Some(index) = pick(index) else {
                return Vec::new();
            };
            let reply = alice.undelete(&model.nodes[index].id).await;
            let expected = model.undelete(index);
            assert_same(expected.as_ref().map(drop).map_err(|reason| *reason), reply);
            expected.unwrap_or_default()
        }
    }
}

#[track_caller]
fn assert_same<T>(expected: Result<(), ErrorReason>, reply: Result<T, Status>) {
    let expected = expected.map_err(|reason| reason.name().to_owned());
    assert_eq!(reply.map(drop).map_err(|status| reason_of(&status)), expected);
}

/// Every task is where the model has it; those that changed have new revisions, each its own, and no other changed.
async fn compare(alice: &Person<'_>, model: &mut Model, changed: &[usize]) {
    let newest = model.nodes.iter().map(|node| revision(&node.last)).max();
    let listed = alice.list_all().await;
    let listed: BTreeMap<_, _> = listed.into_iter().map(|task| (task.id.clone(), task)).collect();
    assert_eq!(listed.len(), model.nodes.len());
    let mut revisions = Vec::new();
    for index in 0..model.nodes.len() {
        let parent = model.nodes[index].parent;
        let parent_id = parent.map(|parent| model.nodes[parent].id.clone());
        let node = &mut model.nodes[index];
        let task = &listed[&node.id];
        assert_eq!(task.parent_id, parent_id.unwrap_or_default());
        assert_eq!(task.delete_time.is_some(), node.deletion.is_some());
        if changed.contains(&index) {
            revisions.push(revision(task));
            node.last.clone_from(task);
        } else {
            assert_eq!(*task, node.last);
        }
    }
    revisions.sort_unstable();
    let first = newest.unwrap_or_default() + 1;
    let expected: Vec<_> = (first..).take(revisions.len()).collect();
    assert_eq!(revisions, expected);
}
