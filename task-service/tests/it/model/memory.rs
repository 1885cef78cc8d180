//! What one person has, in memory and as the contract says it. Nothing here knows how the service does it: calls come in as
//! they are sent, and every change of a task goes through one door, which is where it gets its time, its event and its
//! place among what the follower must hear of.

mod events;
mod find;
mod form;
mod imports;
mod labels;
mod lists;
mod progress;
mod recurrence;
mod tasks;
mod trash;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;

use super::call::{Call, Reply};

pub(super) use find::{Filter, ORDERS};
pub(super) use lists::HeldList;
pub(super) use recurrence::{day, time};

/// How a call must be refused.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) reason: ErrorReason,
    /// Which request of a batch is to blame.
    pub(super) member: Option<usize>,
}

const fn refusal(code: Code, reason: ErrorReason) -> Refusal {
    Refusal {
        code,
        reason,
        member: None,
    }
}

impl Refusal {
    /// Of one request of a batch.
    pub(super) fn of_member(self, member: usize) -> Self {
        Self {
            member: Some(member),
            ..self
        }
    }
}

const NOT_FOUND: Refusal = refusal(Code::NotFound, ErrorReason::NotFound);
const INVALID: Refusal = refusal(Code::InvalidArgument, ErrorReason::FieldInvalid);
const STALE: Refusal = refusal(Code::Aborted, ErrorReason::EtagMismatch);
const REUSED: Refusal = refusal(Code::AlreadyExists, ErrorReason::RequestIdReused);
const ID_TAKEN: Refusal = refusal(Code::AlreadyExists, ErrorReason::IdTaken);

/// A call that comes too early or too late.
const fn not_now(reason: ErrorReason) -> Refusal {
    refusal(Code::FailedPrecondition, reason)
}

const DELETED: Refusal = not_now(ErrorReason::Deleted);
/// Whatever somebody calls whose account was deleted.
pub(super) const REVOKED: Refusal = refusal(Code::Unauthenticated, ErrorReason::TokenRevoked);

pub(super) type Answer<T> = Result<T, Refusal>;

/// A task.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// As its owner sees it, without `rank` and `etag`.
    pub(super) task: pb::Task,
    /// Unknown after a change until somebody reads it.
    pub(super) etag: Option<String>,
    /// Which deletion took it to the trash.
    deletion: Option<usize>,
    /// The request that made it, if that chose the id.
    made_by: Option<pb::CreateTaskRequest>,
    /// Which occurrence the present due is.
    pub(super) occurrence: i32,
    /// The oldest first.
    pub(super) completions: Vec<Completed>,
    /// The oldest first, without their ids.
    pub(super) events: Vec<pb::TaskEvent>,
}

/// That a task was completed, and where it stood then.
#[derive(Debug, Clone)]
pub(super) struct Completed {
    pub(super) shown: pb::TaskCompletion,
    start: Option<pb::When>,
    occurrence: i32,
}

/// A write that was made under a request id.
#[derive(Debug, Clone)]
struct Made {
    call: Call,
    reply: Reply,
    time: DateTime<Utc>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    /// In the person's order, those in the trash too.
    pub(super) tasks: Vec<Held>,
    /// In the person's order, those in the trash too.
    pub(super) lists: Vec<HeldList>,
    /// When the person was deleted as an owner. What they had stays here, so that it can be asked for.
    pub(super) gone: Option<DateTime<Utc>>,
    made: BTreeMap<String, Made>,
    deletions: usize,
    /// Every etag that an object had.
    etags: BTreeSet<(String, String)>,
    /// What changed since the follower last read: which kind, and the id.
    pub(super) unread: BTreeSet<(&'static str, String)>,
    /// Of the present call: its method, its time, and the ids that the server says it chose.
    method: &'static str,
    now: DateTime<Utc>,
    told: VecDeque<String>,
}

impl Memory {
    /// What the service must answer. A call that is refused changes nothing.
    pub(super) fn answer(&mut self, call: &Call, now: DateTime<Utc>, told: Vec<String>) -> Answer<Reply> {
        let mut after = self.clone();
        (after.method, after.now, after.told) = (call.method(), now, told.into());
        let reply = after.perform(call)?;
        *self = after;
        Ok(reply)
    }

    fn perform(&mut self, call: &Call) -> Answer<Reply> {
        form::check(call)?;
        self.seen()?;
        if let Some(made) = self.made.get(call.request_id()) {
            let made = made.clone();
            return match made.call == *call {
                true => self.repeat(made),
                false => Err(REUSED),
            };
        }
        let reply = match call {
            Call::CreateTask(request) => Reply::Task(self.create_task(request)?),
            Call::UpdateTask(request) => Reply::Task(self.update_task(request)?),
            Call::CompleteTask(request) => self.complete_task(request)?,
            Call::ReopenTask(request) => Reply::Task(self.reopen_task(request)?),
            Call::CancelTask(request) => Reply::Task(self.cancel_task(request)?),
            Call::SkipOccurrence(request) => Reply::Task(self.skip_occurrence(request)?),
            Call::MoveTask(request) => Reply::Task(self.move_task(request)?),
            Call::DeleteTask(request) => Reply::Task(self.delete_task(request)?),
            Call::UndeleteTask(request) => Reply::Task(self.undelete_task(request)?),
            Call::PurgeTask(request) => self.purge_task(request)?,
            Call::EmptyTrash(_) => self.empty_trash(self.now),
            Call::BatchCreateTasks(batch) => self.all(&batch.requests, Self::create_task)?,
            Call::BatchUpdateTasks(batch) => self.all(&batch.requests, Self::update_task)?,
            Call::BatchDeleteTasks(batch) => self.all(&batch.requests, Self::delete_task)?,
            Call::CreateList(request) => Reply::List(self.create_list(request)?),
            Call::UpdateList(request) => Reply::List(self.update_list(request)?),
            Call::MoveList(request) => Reply::List(self.move_list(request)?),
            Call::DeleteList(request) => Reply::List(self.delete_list(request)?),
            Call::UndeleteList(request) => Reply::List(self.undelete_list(request)?),
            Call::RenameLabel(request) => self.rename_label(request)?,
            Call::DeleteLabel(request) => self.delete_label(request),
            Call::ImportTasks(import) => self.import_tasks(import)?,
        };
        let is_dry = matches!(call, Call::ImportTasks(import) if import.dry_run);
        if !call.request_id().is_empty() && !is_dry {
            let made = Made {
                call: call.clone(),
                reply: reply.clone(),
                time: self.now,
            };
            self.made.insert(call.request_id().to_owned(), made);
        }
        Ok(reply)
    }

    /// All of a batch or none of it.
    fn all<R>(&mut self, requests: &[R], one: impl Fn(&mut Self, &R) -> Answer<pb::Task>) -> Answer<Reply> {
        let mut tasks = Vec::new();
        for (member, request) in requests.iter().enumerate() {
            tasks.push(one(self, request).map_err(|refusal| refusal.of_member(member))?);
        }
        Ok(Reply::Tasks(tasks))
    }

    /// A repeat changes nothing and shows things as they are now.
    fn repeat(&mut self, made: Made) -> Answer<Reply> {
        if let Call::ImportTasks(import) = &made.call {
            return Ok(imports::repeat(import));
        }
        Ok(match made.reply {
            Reply::Task(task) => Reply::Task(self.task(&task.id)?.task.clone()),
            Reply::Completed(task, completion) => {
                let held = self.task(&task.id)?;
                let known = held
                    .completions
                    .iter()
                    .find(|known| known.shown.id == completion.id);
                Reply::Completed(held.task.clone(), known.ok_or(NOT_FOUND)?.shown.clone())
            }
            Reply::Tasks(tasks) => {
                let now = |(member, task): (usize, &pb::Task)| {
                    let held = self.task(&task.id).map(|held| held.task.clone());
                    held.map_err(|refusal| refusal.of_member(member))
                };
                Reply::Tasks(tasks.iter().enumerate().map(now).collect::<Answer<_>>()?)
            }
            Reply::List(list) => Reply::List(self.list(&list.id)?.list.clone()),
            Reply::Label(label) => Reply::Label(self.label(&label.name).ok_or(NOT_FOUND)?),
            // It goes on with what it was to drop when it was first called.
            Reply::Emptied(_) => self.empty_trash(made.time),
            Reply::Imported(_) | Reply::Nothing => Reply::Nothing,
        })
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone.is_some()
    }

    /// What the service shows to the person.
    pub(super) fn seen(&self) -> Answer<&Self> {
        match self.is_gone() {
            true => Err(REVOKED),
            false => Ok(self),
        }
    }

    /// The task of that id, in the trash or not.
    pub(super) fn task(&self, id: &str) -> Answer<&Held> {
        let held = self.tasks.iter().find(|held| held.task.id == id);
        held.ok_or(NOT_FOUND)
    }

    /// The task that a request names, as it knows it.
    fn known(&self, id: &str, etag: &str) -> Answer<&Held> {
        let held = self.task(id)?;
        match etag.is_empty() || held.etag.as_deref() == Some(etag) {
            true => Ok(held),
            false => Err(STALE),
        }
    }

    /// The same, and it is not in the trash.
    fn living(&self, id: &str, etag: &str) -> Answer<Held> {
        let held = self.known(id, etag)?;
        match held.deletion {
            None => Ok(held.clone()),
            Some(_) => Err(DELETED),
        }
    }

    /// The one door through which a task changes; how it is then.
    fn change(&mut self, id: &str, with: impl FnOnce(&mut Held)) -> pb::Task {
        self.change_telling(id, with, events::between)
    }

    /// The same with another way to tell of it.
    fn change_telling(
        &mut self,
        id: &str,
        with: impl FnOnce(&mut Held),
        tell: impl FnOnce(&pb::Task, &pb::Task) -> Vec<pb::task_event::FieldChange>,
    ) -> pb::Task {
        let (method, now) = (self.method, events::timestamp(self.now));
        let held = self.tasks.iter_mut().find(|held| held.task.id == id);
        let held = held.expect("asked for before");
        let before = held.task.clone();
        with(held);
        held.etag = None;
        held.task.update_time = Some(now);
        let changes = tell(&before, &held.task);
        if !changes.is_empty() {
            held.events.push(events::event(id, method, now, changes));
        }
        let task = held.task.clone();
        self.unread.insert(("task", id.to_owned()));
        task
    }

    /// An id that the server says it chose.
    fn chosen(&mut self) -> String {
        self.told.pop_front().unwrap_or_else(|| "untold".to_owned())
    }

    /// Takes note of a task's etag.
    pub(super) fn learn_task(&mut self, id: &str, etag: &str) {
        let held = self.tasks.iter_mut().find(|held| held.task.id == id);
        learn(&mut self.etags, &mut held.expect("compared").etag, id, etag);
    }

    /// Takes note of a list's etag.
    pub(super) fn learn_list(&mut self, id: &str, etag: &str) {
        let held = self.lists.iter_mut().find(|held| held.list.id == id);
        learn(&mut self.etags, &mut held.expect("compared").etag, id, etag);
    }

    /// Some etag that the object had and has no more.
    pub(super) fn stale_etag(&self, id: &str, present: Option<&str>) -> Option<String> {
        let of_it = self.etags.iter().filter(|(known, _)| known == id);
        of_it
            .map(|(_, etag)| etag.clone())
            .find(|etag| Some(etag.as_str()) != present)
    }
}

/// It must be the known one, or after a change one that the object never had.
fn learn(etags: &mut BTreeSet<(String, String)>, known: &mut Option<String>, id: &str, etag: &str) {
    match known {
        Some(known) => assert_eq!(known, etag, "the etag of {id}"),
        None => {
            let is_new = etags.insert((id.to_owned(), etag.to_owned()));
            assert!(is_new, "{id} had the etag {etag} before");
            *known = Some(etag.to_owned());
        }
    }
}
