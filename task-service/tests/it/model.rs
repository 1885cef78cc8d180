//! Random histories of five people over every method, against a model in memory: never a difference, and never anything
//! of another person. `history` says what they do, `request` makes calls of it, `memory` says what must come of them, and
//! here both are asked.

mod call;
mod copy;
mod follower;
mod history;
mod import;
mod memory;
mod read;
mod request;
mod watcher;

use std::time::Duration;

use chrono::TimeDelta;
use proptest::test_runner::{Config, TestRunner};
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use task_service::streams::Pace;
use tonic::Status;
use tonic_types::StatusExt as _;
use uuid::Uuid;

use crate::harness::{Person, Service, reason_of};
use call::{Call, Reply};
use follower::Follower;
use history::{Action, Step};
use import::Import;
use memory::{Memory, REVOKED, Refusal};
use request::Names;
use watcher::Watcher;

const PEOPLE: usize = 5;
const CASES: u32 = 10;
const STEPS: usize = 200;

#[test]
fn whatever_five_people_do_each_sees_what_they_did_and_nothing_else() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let service = runtime.block_on(Service::start_streaming(pace()));
    let config = Config {
        cases: CASES,
        max_shrink_time: 60_000,
        failure_persistence: None,
        ..Config::default()
    };
    let played = TestRunner::new(config).run(&history::histories(PEOPLE, STEPS), |steps| {
        runtime.block_on(play(&service, &steps));
        Ok(())
    });
    played.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Streams that often end and soon look again.
fn pace() -> Pace {
    Pace {
        life: Duration::from_millis(200)..Duration::from_millis(2000),
        poll: Duration::from_millis(250),
        gap: Duration::from_millis(2),
        ..Pace::default()
    }
}

/// Five people whom nobody knew before take these steps.
async fn play(service: &Service, steps: &[Step]) {
    let someone = || Somebody {
        id: service.claims().sub.parse().expect("a UUID"),
        memory: Memory::default(),
        follower: Follower::default(),
        watcher: Watcher::default(),
        sent: Vec::new(),
    };
    let mut world = World {
        service,
        people: (0..PEOPLE).map(|_| someone()).collect(),
        ids: Vec::new(),
    };
    for who in 0..PEOPLE {
        for call in history::beginning(who, service.now().date_naive()) {
            world.send(who, &call).await;
        }
    }
    for step in steps {
        service.hand.advance(Duration::from_secs(step.seconds));
        world.take(step).await;
    }
    for who in (0..PEOPLE)
        .filter(|who| !world.is_forgotten(*who))
        .collect::<Vec<_>>()
    {
        world.follow(who).await;
        world.watch(who).await;
        world.read_everything(who).await;
    }
    service.assert_counts_are_right().await;
}

struct World<'a> {
    service: &'a Service,
    people: Vec<Somebody>,
    /// Every id that anybody ever got, of tasks and lists alike.
    ids: Vec<String>,
}

/// One of the five.
struct Somebody {
    id: Uuid,
    memory: Memory,
    follower: Follower,
    watcher: Watcher,
    /// Every call with a request id.
    sent: Vec<Call>,
}

impl<'a> World<'a> {
    async fn take(&mut self, step: &Step) {
        let who = step.who;
        if self.is_forgotten(who) {
            return;
        }
        match &step.action {
            Action::Write(write, repeat) => {
                let call = self.names(who).call(write, *repeat);
                if !call.request_id().is_empty() {
                    self.people[who].sent.push(call.clone());
                }
                self.send(who, &call).await;
            }
            Action::Again(index) => {
                let sent = &self.people[who].sent;
                if !sent.is_empty() {
                    let call = index.get(sent).clone();
                    self.send(who, &call).await;
                }
            }
            Action::Read(read) => self.read(who, read).await,
            Action::PurgeOwner => self.purge(who).await,
        }
        if step.follows {
            self.follow(who).await;
        }
        if step.watches {
            self.watch(who).await;
        }
    }

    /// Asks the service and the model.
    async fn send(&mut self, who: usize, call: &Call) {
        let reply = call.send(&self.person(who)).await;
        let now = self.service.now();
        let (told, listed) = match &reply {
            Ok(reply) => match call {
                Call::ImportTasks(import) => self.imported(who, import).await,
                _ => (reply.ids(), Vec::new()),
            },
            Err(_) => Default::default(),
        };
        let expected = self.people[who].memory.answer(call, now, told);
        match (expected, reply) {
            (Ok(expected), Ok(reply)) => {
                assert_eq!(reply.clone().bare(), expected, "{call:?}");
                self.learn(who, &reply);
                self.learn(who, &Reply::Tasks(listed));
            }
            (Err(expected), Err(status)) => assert_eq!(refusal_of(&status), expected, "{call:?}: {status:?}"),
            (expected, reply) => panic!("{call:?}: expected {expected:?}, got {reply:?}"),
        }
    }

    /// A file's result does not tell of its tasks: they are looked for. First the ids of those that are new, in their order.
    async fn imported(&self, who: usize, import: &Import) -> (Vec<String>, Vec<pb::Task>) {
        let mut tasks = self.person(who).list_all().await;
        tasks.sort_by(|one, other| (&one.rank, &one.id).cmp(&(&other.rank, &other.id)));
        let memory = &self.people[who].memory;
        let ids = tasks.iter().map(|task| task.id.clone());
        let is_named = |id: &String| import.rows.iter().any(|row| row.task_id == *id);
        let is_told = |id: &String| memory.task(id).is_err() && !is_named(id);
        (ids.filter(is_told).collect(), tasks)
    }

    /// Takes note of what only the server could know.
    fn learn(&mut self, who: usize, reply: &Reply) {
        let memory = &mut self.people[who].memory;
        for (place, task) in reply.tasks().iter().enumerate() {
            // What a batch changes twice it shows twice, and the first is over.
            let is_last = reply.tasks()[place + 1..].iter().all(|later| later.id != task.id);
            if is_last {
                memory.learn_task(&task.id, &task.etag);
            }
        }
        let mut ids: Vec<_> = reply.tasks().iter().map(|task| &task.id).collect();
        if let Reply::List(list) = reply {
            memory.learn_list(&list.id, &list.etag);
            ids.push(&list.id);
        }
        for id in ids {
            if !self.ids.contains(id) {
                self.ids.push(id.clone());
            }
        }
    }

    async fn follow(&mut self, who: usize) {
        let person = self.person(who);
        let Somebody { follower, memory, .. } = &mut self.people[who];
        if memory.is_gone() {
            let refused = person.changes("", 0).await.expect_err("gone");
            assert_eq!(refusal_of(&refused), REVOKED);
        } else {
            follower.read_on(&person, memory, 3).await;
        }
    }

    async fn watch(&mut self, who: usize) {
        let person = self.person(who);
        let Somebody { watcher, memory, .. } = &mut self.people[who];
        match memory.is_gone() {
            true => watcher.until_refused(who, &person).await,
            false => watcher.catch_up(who, &person, memory).await,
        }
    }

    /// From now on nothing is there for them, and their stream ends.
    async fn purge(&mut self, who: usize) {
        let (purger, id) = (self.service.purger(), self.people[who].id.to_string());
        while !purger.purge(&id).await.expect("it goes on") {}
        self.people[who].memory.gone = Some(self.service.now());
        self.watch(who).await;
        self.read_everything(who).await;
        for call in self.people[who].sent.clone() {
            self.send(who, &call).await;
        }
    }

    /// Whether the last token that somebody deleted may have expired an hour ago, and with it the tombstone.
    fn is_forgotten(&self, who: usize) -> bool {
        let gone = self.people[who].memory.gone;
        gone.is_some_and(|time| self.service.now() - time > TimeDelta::hours(1))
    }

    /// Signed in now: time goes on.
    fn person(&self, who: usize) -> Person<'a> {
        self.service.person_of(self.people[who].id)
    }

    fn names(&self, who: usize) -> Names<'_> {
        Names {
            who,
            memory: &self.people[who].memory,
            ids: &self.ids,
            today: self.service.now().date_naive(),
        }
    }
}

fn refusal_of(status: &Status) -> Refusal {
    let info = status.get_details_error_info();
    let index = info.as_ref().and_then(|info| info.metadata.get("index"));
    let member = index.map(|index| index.parse().expect("a number"));
    Refusal {
        code: status.code(),
        reason: ErrorReason::from_str_name(&format!("ERROR_REASON_{}", reason_of(status)))
            .unwrap_or_default(),
        member,
    }
}
