//! Random histories of three people over every method, against a model in memory: never a difference, and never
//! anything of another person.

mod history;
mod memory;

use proptest::test_runner::{Config, TestRunner};
use prost::Message as _;
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::{Response, Status};

use crate::harness::{Person, Service, reason_of};
use history::{Action, Chosen, Etag, Pick, Step, Target, Write};
use memory::{Answer, Expected, Memory};

const CASES: u32 = 24;
const STEPS: usize = 60;

#[test]
fn whatever_three_people_do_each_sees_what_they_did_and_nothing_else() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let service = runtime.block_on(Service::start());
    let config = Config {
        cases: CASES,
        max_shrink_iters: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let played = TestRunner::new(config).run(&history::histories(STEPS), |steps| {
        runtime.block_on(play(&service, &steps));
        Ok(())
    });
    played.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Three people whom nobody knew before take these steps.
async fn play(service: &Service, steps: &[Step]) {
    let people: Vec<_> = (0..3).map(|_| service.person()).collect();
    let mut world = World {
        people,
        memories: (0..3).map(|_| Memory::default()).collect(),
        ids: Vec::new(),
        sent: vec![Vec::new(); 3],
    };
    for step in steps {
        world.take(step).await;
    }
    for who in 0..3 {
        world.list(who, "rank", "", true).await;
    }
}

struct World<'a> {
    people: Vec<Person<'a>>,
    memories: Vec<Memory>,
    /// Every id that anybody ever got.
    ids: Vec<String>,
    /// What was sent under a request id, by each.
    sent: Vec<Vec<Sent>>,
}

/// A write as it was sent: what, to which task, with which etag and request id.
type Sent = (Write, String, String, String);

impl World<'_> {
    async fn take(&mut self, Step { who, action }: &Step) {
        let who = *who;
        match action {
            Action::Create {
                title,
                priority,
                chosen,
                repeat,
            } => {
                let task_id = match chosen {
                    Chosen::ByServer => String::new(),
                    Chosen::Fresh(id) => id.to_string(),
                    Chosen::Used(pick) => self.pick(who, pick),
                };
                let message = pb::CreateTaskRequest {
                    task: Some(task(who, *title, *priority)),
                    task_id,
                    request_id: request_id(*repeat),
                };
                let expected = self.memories[who].create(&message);
                let mut client = self.people[who].client();
                let reply = client.create_task(self.people[who].request(message)).await;
                self.settle(who, expected, reply.map(|task| (task.into_inner(), None)));
            }
            Action::Get(pick) => {
                let id = self.pick(who, pick);
                let expected = self.memories[who].get(&id);
                let reply = self.people[who].get(&id).await;
                self.settle(who, expected, reply.map(|task| (task, None)));
            }
            Action::List {
                order,
                filter,
                show_deleted,
            } => self.list(who, order, filter, *show_deleted).await,
            Action::Write(write, target) => self.write(who, write, target).await,
            Action::Again(index) => {
                if !self.sent[who].is_empty() {
                    let again = index.get(&self.sent[who]).clone();
                    self.send(who, again).await;
                }
            }
        }
    }

    async fn write(&mut self, who: usize, write: &Write, target: &Target) {
        let id = self.pick(who, &target.task);
        let etag = match target.etag {
            Etag::None => String::new(),
            Etag::Current => self.memories[who].etag(&id).unwrap_or("r1").to_owned(),
            Etag::Stale => "r0".to_owned(),
        };
        let sent = (write.clone(), id, etag, request_id(target.repeat));
        if target.repeat.is_some() {
            self.sent[who].push(sent.clone());
        }
        self.send(who, sent).await;
    }

    async fn send(&mut self, who: usize, (write, id, etag, request_id): Sent) {
        let write = &write;
        let (person, memory) = (&self.people[who], &mut self.memories[who]);
        let mut client = person.client();
        macro_rules! simply {
            ($method:ident, $request:ident) => {{
                let message = pb::$request {
                    id,
                    etag,
                    request_id,
                };
                let expected = memory.write(
                    write,
                    &message.id,
                    &message.etag,
                    &message.request_id,
                    message.encode_to_vec(),
                );
                let reply = client.$method(person.request(message)).await;
                (expected, reply.map(|task| (task.into_inner(), None)))
            }};
        }
        let (expected, reply) = match write {
            Write::Reopen => simply!(reopen_task, ReopenTaskRequest),
            Write::Cancel => simply!(cancel_task, CancelTaskRequest),
            Write::Delete => simply!(delete_task, DeleteTaskRequest),
            Write::Undelete => simply!(undelete_task, UndeleteTaskRequest),
            Write::Complete => {
                let message = pb::CompleteTaskRequest {
                    id,
                    etag,
                    request_id,
                    ..Default::default()
                };
                let expected = memory.write(
                    write,
                    &message.id,
                    &message.etag,
                    &message.request_id,
                    message.encode_to_vec(),
                );
                let reply = client.complete_task(person.request(message)).await;
                let reply = reply.map(Response::into_inner);
                (
                    expected,
                    reply.map(|reply| (reply.task.expect("a task"), reply.completion)),
                )
            }
            Write::Update { title, priority } => {
                let paths = [title.map(|_| "title"), priority.map(|_| "priority")];
                let wanted = task(who, title.unwrap_or_default(), priority.unwrap_or_default());
                let message = pb::UpdateTaskRequest {
                    task: Some(pb::Task {
                        id,
                        etag,
                        title: title.map(|_| wanted.title).unwrap_or_default(),
                        ..wanted
                    }),
                    update_mask: Some(prost_types::FieldMask {
                        paths: paths.into_iter().flatten().map(str::to_owned).collect(),
                    }),
                    request_id,
                };
                let task = message.task.as_ref().expect("just given");
                let expected = memory.write(
                    write,
                    &task.id,
                    &task.etag,
                    &message.request_id,
                    message.encode_to_vec(),
                );
                let reply = client.update_task(person.request(message)).await;
                (expected, reply.map(|task| (task.into_inner(), None)))
            }
        };
        self.settle(who, expected, reply);
    }

    /// All pages, two tasks each.
    async fn list(&mut self, who: usize, order: &str, filter: &str, show_deleted: bool) {
        let expected = self.memories[who].list(order, filter, show_deleted);
        let mut message = pb::ListTasksRequest {
            filter: filter.to_owned(),
            order_by: order.to_owned(),
            page_size: 2,
            show_deleted,
            ..Default::default()
        };
        let mut listed = Vec::new();
        loop {
            let page = self.people[who].list(message.clone()).await.expect("a page");
            assert!(page.tasks.len() <= 2);
            listed.extend(page.tasks);
            if page.next_page_token.is_empty() {
                break;
            }
            message.page_token = page.next_page_token;
        }
        let listed: Vec<_> = listed.iter().map(memory::view).collect();
        assert_eq!(listed, expected, "{order} of {filter:?}");
    }

    fn settle(
        &mut self,
        who: usize,
        expected: Expected,
        reply: Result<(pb::Task, Option<pb::TaskCompletion>), Status>,
    ) {
        match (expected, reply) {
            (Ok(answer), Ok((task, completion))) => {
                let answer: Answer = answer;
                self.memories[who].settle(answer, &task, completion);
                if !self.ids.contains(&task.id) {
                    self.ids.push(task.id);
                }
            }
            (Err((code, reason)), Err(status)) => {
                let reason: ErrorReason = reason;
                assert_eq!(
                    (status.code(), reason_of(&status)),
                    (code, reason.name().to_owned())
                );
            }
            (expected, reply) => panic!("expected {expected:?}, got {reply:?}"),
        }
    }

    /// The id of some task: one of the caller's newest if that is wanted and there is one, or anybody's.
    fn pick(&self, who: usize, pick: &Pick) -> String {
        let mut own = self.memories[who].ids();
        let older = own.len().saturating_sub(3);
        own.drain(..older);
        let among = if pick.own && !own.is_empty() {
            own
        } else {
            self.ids.clone()
        };
        match among.len() {
            0 => history::NEVER.to_string(),
            many => among[pick.index.index(many)].clone(),
        }
    }
}

/// Titles say whose they are, so that one in the wrong hands is a difference.
fn task(who: usize, title: usize, priority: i32) -> pb::Task {
    pb::Task {
        title: format!("{} of {who}", ["alpha", "Beta", "beta"][title]),
        priority,
        ..Default::default()
    }
}

/// The same few for everybody.
fn request_id(repeat: Option<usize>) -> String {
    repeat.map(history::request_id).unwrap_or_default()
}
