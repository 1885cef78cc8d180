//! One person's tasks as the contract has them, in memory.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use prost::Message as _;
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::task::State;
use tonic::Code;

use super::history::Write;

/// What a client must see of a task: id, title, priority, state, whether it is in the trash.
pub(super) type View = (String, String, i32, State, bool);

pub(super) fn view(task: &pb::Task) -> View {
    let deleted = task.delete_time.is_some();
    (
        task.id.clone(),
        task.title.clone(),
        task.priority,
        task.state(),
        deleted,
    )
}

pub(super) type Expected = Result<Answer, (Code, ErrorReason)>;

/// The task that a call answers with.
#[derive(Debug)]
pub(super) struct Answer {
    index: usize,
    changed: bool,
    /// The completion, if it must be one that is known.
    completion: Option<String>,
    remember: Option<(String, Made)>,
}

/// A write that carried a request id.
#[derive(Debug, Clone)]
struct Made {
    method: &'static str,
    body: Vec<u8>,
    index: usize,
    completion: Option<String>,
}

#[derive(Debug, Clone)]
struct Held {
    /// Empty until the server has chosen it.
    id: String,
    title: String,
    priority: i32,
    state: State,
    deleted: bool,
    etag: String,
    /// The completion that stands.
    completion: Option<String>,
    /// The request that made it, if that chose the id.
    made_by: Option<Vec<u8>>,
}

/// In the order in which they were made, which is that of their ranks.
#[derive(Default)]
pub(super) struct Memory {
    tasks: Vec<Held>,
    requests: HashMap<String, Made>,
    /// Every etag and completion id so far: none comes twice.
    seen: BTreeSet<String>,
}

const NOT_FOUND: (Code, ErrorReason) = (Code::NotFound, ErrorReason::NotFound);
const DELETED: (Code, ErrorReason) = (Code::FailedPrecondition, ErrorReason::Deleted);
const STATE: (Code, ErrorReason) = (Code::FailedPrecondition, ErrorReason::StateNotAllowed);

impl Memory {
    pub(super) fn ids(&self) -> Vec<String> {
        self.tasks.iter().map(|held| held.id.clone()).collect()
    }

    pub(super) fn etag(&self, id: &str) -> Option<&str> {
        self.position(id).map(|index| self.tasks[index].etag.as_str())
    }

    pub(super) fn get(&self, id: &str) -> Expected {
        let index = self.position(id).ok_or(NOT_FOUND)?;
        Ok(unchanged(index))
    }

    pub(super) fn create(&mut self, message: &pb::CreateTaskRequest) -> Expected {
        let body = message.encode_to_vec();
        if let Some(answer) = self.replay("CreateTask", &message.request_id, &body)? {
            return Ok(answer);
        }
        let without_request_id = pb::CreateTaskRequest {
            request_id: String::new(),
            ..message.clone()
        };
        let made_by = (!message.task_id.is_empty()).then(|| without_request_id.encode_to_vec());
        let there = self.position(&message.task_id);
        if let Some(index) = there
            && self.tasks[index].made_by != made_by
        {
            return Err((Code::AlreadyExists, ErrorReason::IdTaken));
        }
        let index = there.unwrap_or_else(|| {
            let task = message.task.clone().unwrap_or_default();
            self.tasks.push(Held {
                id: message.task_id.clone(),
                title: task.title,
                priority: task.priority,
                state: State::Open,
                deleted: false,
                etag: String::new(),
                completion: None,
                made_by,
            });
            self.tasks.len() - 1
        });
        Ok(Answer {
            changed: there.is_none(),
            remember: remember("CreateTask", &message.request_id, body, index),
            ..unchanged(index)
        })
    }

    pub(super) fn write(
        &mut self,
        write: &Write,
        id: &str,
        etag: &str,
        request_id: &str,
        body: Vec<u8>,
    ) -> Expected {
        let method = method(write);
        if let Some(answer) = self.replay(method, request_id, &body)? {
            return Ok(answer);
        }
        let index = self.position(id).ok_or(NOT_FOUND)?;
        if !etag.is_empty() && etag != self.tasks[index].etag {
            return Err((Code::Aborted, ErrorReason::EtagMismatch));
        }
        let changed = self.tasks[index].apply(write, &body)?;
        Ok(Answer {
            changed,
            completion: self.tasks[index].completion.clone(),
            remember: remember(method, request_id, body, index),
            ..unchanged(index)
        })
    }

    pub(super) fn list(&self, order: &str, filter: &str, show_deleted: bool) -> Vec<View> {
        let wanted = |held: &&Held| {
            let matches = match filter {
                "state = OPEN" => held.state == State::Open,
                "state = DONE" => held.state == State::Done,
                "priority = HIGH" => held.priority == 3,
                "priority = UNSPECIFIED" => held.priority == 0,
                _ => true,
            };
            matches && (show_deleted || !held.deleted)
        };
        let mut held: Vec<_> = self.tasks.iter().filter(wanted).collect();
        // Empty values last, the id between equals.
        let no_priority = |held: &Held| held.priority == 0;
        match order {
            "title" => held.sort_by_key(|held| (held.title.to_lowercase(), held.id.clone())),
            "title desc" => held.sort_by_key(|held| (Reverse(held.title.to_lowercase()), held.id.clone())),
            "priority" => held.sort_by_key(|held| (no_priority(held), held.priority, held.id.clone())),
            "priority desc" => held.sort_by_key(|held| (Reverse(held.priority), held.id.clone())),
            // The clock stands still.
            "create_time" => held.sort_by_key(|held| held.id.clone()),
            _ => {}
        }
        held.into_iter().map(Held::view).collect()
    }

    /// Compares an answer with the reply, and learns what only the server could choose.
    pub(super) fn settle(&mut self, answer: Answer, task: &pb::Task, completion: Option<pb::TaskCompletion>) {
        let held = &mut self.tasks[answer.index];
        if held.id.is_empty() {
            held.id.clone_from(&task.id);
        }
        assert_eq!(view(task), held.view());
        if answer.changed {
            assert!(
                self.seen.insert(task.etag.clone()),
                "the etag {} came twice",
                task.etag
            );
            held.etag.clone_from(&task.etag);
        }
        assert_eq!(task.etag, held.etag);
        let completion = completion.map(|completion| {
            assert_eq!(completion.task_id, task.id);
            match &answer.completion {
                Some(known) => assert_eq!(completion.id, *known),
                None => {
                    assert!(self.seen.insert(completion.id.clone()), "a completion came twice");
                    held.completion = Some(completion.id.clone());
                }
            }
            let stands = held.completion.as_ref() == Some(&completion.id);
            assert_eq!(completion.undo_time.is_none(), stands, "{completion:?}");
            completion.id
        });
        if let Some((request_id, made)) = answer.remember {
            self.requests.insert(request_id, Made { completion, ..made });
        }
    }

    fn replay(
        &self,
        method: &str,
        request_id: &str,
        body: &[u8],
    ) -> Result<Option<Answer>, (Code, ErrorReason)> {
        match self.requests.get(request_id) {
            None => Ok(None),
            Some(made) if made.method == method && made.body == body => Ok(Some(Answer {
                completion: made.completion.clone(),
                ..unchanged(made.index)
            })),
            Some(_) => Err((Code::AlreadyExists, ErrorReason::RequestIdReused)),
        }
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.tasks.iter().position(|held| held.id == id)
    }
}

impl Held {
    /// Whether anything changed.
    fn apply(&mut self, write: &Write, body: &[u8]) -> Result<bool, (Code, ErrorReason)> {
        let before = self.view();
        let in_trash = matches!(write, Write::Delete | Write::Undelete);
        match write {
            _ if self.deleted && !in_trash => return Err(DELETED),
            Write::Complete if self.state == State::Cancelled => return Err(STATE),
            Write::Cancel if self.state == State::Done => return Err(STATE),
            Write::Complete => self.state = State::Done,
            Write::Cancel => self.state = State::Cancelled,
            Write::Reopen => (self.state, self.completion) = (State::Open, None),
            Write::Delete => self.deleted = true,
            Write::Undelete => self.deleted = false,
            Write::Update { title, priority } => {
                let message = pb::UpdateTaskRequest::decode(body).expect("just encoded");
                let task = message.task.expect("just given");
                title.iter().for_each(|_| self.title.clone_from(&task.title));
                priority.iter().for_each(|_| self.priority = task.priority);
            }
        }
        Ok(self.view() != before)
    }

    fn view(&self) -> View {
        (
            self.id.clone(),
            self.title.clone(),
            self.priority,
            self.state,
            self.deleted,
        )
    }
}

fn unchanged(index: usize) -> Answer {
    Answer {
        index,
        changed: false,
        completion: None,
        remember: None,
    }
}

fn remember(method: &'static str, request_id: &str, body: Vec<u8>, index: usize) -> Option<(String, Made)> {
    let made = Made {
        method,
        body,
        index,
        completion: None,
    };
    (!request_id.is_empty()).then(|| (request_id.to_owned(), made))
}

fn method(write: &Write) -> &'static str {
    match write {
        Write::Update { .. } => "UpdateTask",
        Write::Complete => "CompleteTask",
        Write::Reopen => "ReopenTask",
        Write::Cancel => "CancelTask",
        Write::Delete => "DeleteTask",
        Write::Undelete => "UndeleteTask",
    }
}
