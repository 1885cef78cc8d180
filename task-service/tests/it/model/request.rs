//! From what somebody wants to do to the call that says so: picks become ids, and days become dates.

mod parts;

use chrono::NaiveDate;
use proto::tasks::v1 as pb;

use super::call::Call;
use super::history::{self, Etag, NEVER, Pick, Target, Whose, Write};
use super::memory::{Filter, Memory};

/// What a person knows when they make a call.
pub(super) struct Names<'a> {
    pub(super) who: usize,
    pub(super) memory: &'a Memory,
    /// Every id that anybody ever got, of tasks and lists alike.
    pub(super) ids: &'a [String],
    pub(super) today: NaiveDate,
}

impl Names<'_> {
    pub(super) fn call(&self, write: &Write, repeat: Option<usize>) -> Call {
        let request_id = repeat.map(history::request_id).unwrap_or_default();
        macro_rules! simply {
            ($name:ident, $request:ident, $target:expr, $ids:ident) => {{
                let (id, etag) = self.$ids($target);
                Call::$name(pb::$request {
                    id,
                    etag,
                    request_id,
                })
            }};
        }
        match write {
            Write::Create(new) => Call::CreateTask(pb::CreateTaskRequest {
                request_id,
                ..self.create(new, "")
            }),
            Write::CreateMany(many) => Call::BatchCreateTasks(pb::BatchCreateTasksRequest {
                requests: self.create_many(many),
                request_id,
            }),
            Write::Update(edit) => Call::UpdateTask(pb::UpdateTaskRequest {
                request_id,
                ..self.update(edit)
            }),
            Write::UpdateMany(many) => Call::BatchUpdateTasks(pb::BatchUpdateTasksRequest {
                requests: many.iter().map(|edit| self.update(edit)).collect(),
                request_id,
            }),
            Write::Complete(target, meant, zone) => {
                let (id, etag) = self.task_target(target);
                Call::CompleteTask(pb::CompleteTaskRequest {
                    occurrence: self.occurrence(&id, meant),
                    id,
                    etag,
                    request_id,
                    time_zone: (*zone).to_owned(),
                })
            }
            Write::Skip(target, zone) => {
                let (id, etag) = self.task_target(target);
                Call::SkipOccurrence(pb::SkipOccurrenceRequest {
                    id,
                    etag,
                    request_id,
                    time_zone: (*zone).to_owned(),
                })
            }
            Write::Move(target, list, parent, place) => {
                let (id, etag) = self.task_target(target);
                let named = |pick: &Option<Pick>, name: &dyn Fn(&Pick) -> String| {
                    pick.as_ref().map(name).unwrap_or_default()
                };
                Call::MoveTask(pb::MoveTaskRequest {
                    id,
                    list_id: list.as_ref().map(|pick| named(pick, &|pick| self.list(pick))),
                    parent_id: parent.as_ref().map(|pick| named(pick, &|pick| self.task(pick))),
                    position: self.task_position(place),
                    etag,
                    request_id,
                })
            }
            Write::Reopen(target) => simply!(ReopenTask, ReopenTaskRequest, target, task_target),
            Write::Cancel(target) => simply!(CancelTask, CancelTaskRequest, target, task_target),
            Write::Delete(target) => simply!(DeleteTask, DeleteTaskRequest, target, task_target),
            Write::Undelete(target) => simply!(UndeleteTask, UndeleteTaskRequest, target, task_target),
            Write::Purge(target) => simply!(PurgeTask, PurgeTaskRequest, target, task_target),
            Write::DeleteList(target) => simply!(DeleteList, DeleteListRequest, target, list_target),
            Write::UndeleteList(target) => simply!(UndeleteList, UndeleteListRequest, target, list_target),
            Write::DeleteMany(many) => Call::BatchDeleteTasks(pb::BatchDeleteTasksRequest {
                requests: many.iter().map(|target| self.delete(target)).collect(),
                request_id,
            }),
            Write::EmptyTrash => Call::EmptyTrash(pb::EmptyTrashRequest { request_id }),
            Write::CreateList(title, chosen) => Call::CreateList(pb::CreateListRequest {
                list: Some(self.list_titled(*title)),
                list_id: self.chosen(chosen),
                request_id,
            }),
            Write::UpdateList(target, title) => {
                let (id, etag) = self.list_target(target);
                let list = self.list_titled(*title);
                Call::UpdateList(pb::UpdateListRequest {
                    list: Some(pb::List { id, etag, ..list }),
                    update_mask: None,
                    request_id,
                })
            }
            Write::MoveList(target, place) => {
                let (id, etag) = self.list_target(target);
                Call::MoveList(pb::MoveListRequest {
                    id,
                    position: self.list_position(place),
                    etag,
                    request_id,
                })
            }
            Write::RenameLabel(from, to) => Call::RenameLabel(pb::RenameLabelRequest {
                name: (*from).to_owned(),
                new_name: (*to).to_owned(),
                request_id,
            }),
            Write::Import(load) => Call::ImportTasks(self.import(load, request_id)),
            Write::DeleteLabel(name) => Call::DeleteLabel(pb::DeleteLabelRequest {
                name: (*name).to_owned(),
                request_id,
            }),
        }
    }

    pub(super) fn task(&self, pick: &Pick) -> String {
        let own = self.memory.tasks.iter().filter(|held| match pick.whose {
            Whose::Trashed => held.task.delete_time.is_some(),
            Whose::Recurring => held.task.recurrence.is_some() && held.task.delete_time.is_none(),
            _ => true,
        });
        self.one_of(pick, own.map(|held| &held.task.id).collect())
    }

    pub(super) fn list(&self, pick: &Pick) -> String {
        let own = self.memory.lists.iter().map(|held| &held.list);
        let own = own.filter(|list| pick.whose != Whose::Trashed || list.delete_time.is_some());
        self.one_of(pick, own.map(|list| &list.id).collect())
    }

    pub(super) fn filter(&self, filter: Filter<Pick>) -> Filter<String> {
        match filter {
            Filter::PartOf(_) => filter.map(|pick| self.task(&pick)),
            _ => filter.map(|pick| self.list(&pick)),
        }
    }

    fn one_of(&self, pick: &Pick, own: Vec<&String>) -> String {
        let newest = own.len().saturating_sub(4);
        let among = match pick.whose {
            Whose::OwnNewest => own[newest..].to_vec(),
            Whose::Own | Whose::Trashed | Whose::Recurring => own,
            Whose::Anybodys => self.ids.iter().collect(),
        };
        match among.len() {
            0 => NEVER.to_string(),
            many => among[pick.index.index(many)].clone(),
        }
    }

    fn task_target(&self, target: &Target) -> (String, String) {
        let id = self.task(&target.pick);
        let known = self.memory.task(&id).ok().and_then(|held| held.etag.as_deref());
        let etag = self.etag(&id, known, target.etag);
        (id, etag)
    }

    fn list_target(&self, target: &Target) -> (String, String) {
        let id = self.list(&target.pick);
        let known = self.memory.list(&id).ok().and_then(|held| held.etag.as_deref());
        let etag = self.etag(&id, known, target.etag);
        (id, etag)
    }

    fn etag(&self, id: &str, known: Option<&str>, etag: Etag) -> String {
        match etag {
            Etag::None => String::new(),
            Etag::Current => known.unwrap_or_default().to_owned(),
            Etag::Stale => self
                .memory
                .stale_etag(id, known)
                .unwrap_or_else(|| "r0".to_owned()),
        }
    }
}
