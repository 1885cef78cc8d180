//! Tasks: how they are made, changed and put elsewhere.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::move_task_request::Position;

use super::events::timestamp;
use super::form::{labels, recurrence, title};
use super::{Answer, DELETED, Held, ID_TAKEN, INVALID, Memory, not_now};

/// How many levels of subtasks there can be.
pub(super) const LEVELS: usize = 5;

impl Memory {
    pub(super) fn create_task(&mut self, request: &pb::CreateTaskRequest) -> Answer<pb::Task> {
        let chosen = self.chosen();
        let made_by = (!request.task_id.is_empty()).then(|| pb::CreateTaskRequest {
            request_id: String::new(),
            ..request.clone()
        });
        if let Ok(held) = self.task(&request.task_id) {
            return match held.made_by == made_by {
                true => Ok(held.task.clone()),
                false => Err(ID_TAKEN),
            };
        }
        let task = request.task.clone().expect("checked");
        let list_id = self.list_of_new(&task)?;
        let now = Some(timestamp(self.now));
        let task = pb::Task {
            id: made_by.as_ref().map_or(chosen, |made_by| made_by.task_id.clone()),
            list_id,
            parent_id: task.parent_id,
            title: title(&task.title),
            notes: task.notes,
            state: pb::task::State::Open.into(),
            priority: task.priority,
            labels: labels(&task.labels),
            start: task.start,
            due: task.due,
            recurrence: task.recurrence.map(recurrence),
            create_time: now,
            ..pb::Task::default()
        };
        let id = task.id.clone();
        Ok(self.add(&id, made_by, task))
    }

    /// A task behind all others. One that is made changes from nothing.
    pub(super) fn add(
        &mut self,
        id: &str,
        made_by: Option<pb::CreateTaskRequest>,
        task: pb::Task,
    ) -> pb::Task {
        self.tasks.push(Held {
            task: pb::Task {
                id: id.to_owned(),
                ..pb::Task::default()
            },
            etag: None,
            deletion: None,
            made_by,
            occurrence: 1,
            completions: Vec::new(),
            events: Vec::new(),
        });
        self.change(id, |held| held.task = task)
    }

    /// Where a new task will be: what it names must be there, and outside the trash.
    fn list_of_new(&self, task: &pb::Task) -> Answer<String> {
        if !task.list_id.is_empty() && self.list(&task.list_id)?.deletion.is_some() {
            return Err(DELETED);
        }
        if task.parent_id.is_empty() {
            return Ok(task.list_id.clone());
        }
        let parent = self.living(&task.parent_id, "")?;
        if !task.list_id.is_empty() && task.list_id != parent.task.list_id {
            return Err(INVALID);
        }
        match self.depth(&task.parent_id) < LEVELS {
            true => Ok(parent.task.list_id),
            false => Err(not_now(ErrorReason::TooDeep)),
        }
    }

    pub(super) fn update_task(&mut self, request: &pb::UpdateTaskRequest) -> Answer<pb::Task> {
        let wanted = request.task.clone().expect("checked");
        let before = self.living(&wanted.id, &wanted.etag)?;
        let mut after = before.clone();
        let named = super::form::Mask::of(request);
        let task = &mut after.task;
        if named.has("title", !wanted.title.is_empty()) {
            task.title = title(&wanted.title);
        }
        if named.has("notes", !wanted.notes.is_empty()) {
            task.notes = wanted.notes;
        }
        if named.has("priority", wanted.priority != 0) {
            task.priority = wanted.priority;
        }
        if named.has("labels", !wanted.labels.is_empty()) {
            task.labels = labels(&wanted.labels);
        }
        if named.has("start", wanted.start.is_some()) {
            task.start = wanted.start;
        }
        if named.has("due", wanted.due.is_some()) {
            task.due = wanted.due;
        }
        if named.has("recurrence", wanted.recurrence.is_some()) {
            task.recurrence = wanted.recurrence.map(recurrence);
        }
        if task.recurrence.is_some() && task.due.is_none() {
            return Err(INVALID);
        }
        if task.recurrence != before.task.recurrence {
            // Another rule counts from the present due again.
            after.occurrence = 1;
        }
        Ok(match after.task == before.task {
            true => before.task,
            false => self.change(&before.task.id, |held| *held = after),
        })
    }

    pub(super) fn move_task(&mut self, request: &pb::MoveTaskRequest) -> Answer<pb::Task> {
        // What is not there is told before anything that is wrong with what is.
        self.task(&request.id)?;
        let named = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
        let list = named(&request.list_id).map(|id| self.list(&id)).transpose()?;
        let parent = named(&request.parent_id).map(|id| self.task(&id)).transpose()?;
        let beside = match &request.position {
            Some(Position::BeforeId(id) | Position::AfterId(id)) => Some(self.task(id)?),
            _ => None,
        };
        let before = self.living(&request.id, &request.etag)?.task;
        let in_trash = list.is_some_and(|list| list.deletion.is_some())
            || [parent, beside]
                .into_iter()
                .flatten()
                .any(|held| held.deletion.is_some());
        if in_trash {
            return Err(DELETED);
        }

        let mut after = before.clone();
        (after.list_id, after.parent_id) = destination(&before, request, parent)?;
        let place = |task: &pb::Task| (task.list_id.clone(), task.parent_id.clone());
        if beside.is_some_and(|beside| place(&beside.task) != place(&after)) {
            return Err(INVALID);
        }
        if !after.parent_id.is_empty() && after.parent_id != before.parent_id {
            if self.is_below(&after.parent_id, &before.id) {
                return Err(not_now(ErrorReason::Cycle));
            }
            if self.depth(&after.parent_id) + 1 + self.levels_below(&before.id) > LEVELS {
                return Err(not_now(ErrorReason::TooDeep));
            }
        }
        let is_elsewhere = self.put(&before.id, request.position.as_ref());
        if after == before && !is_elsewhere {
            return Ok(before);
        }
        let (list_id, parent_id) = place(&after);
        if list_id != before.list_id {
            for id in self.below(&before.id) {
                self.change(&id, |held| held.task.list_id.clone_from(&list_id));
            }
        }
        Ok(self.change(&before.id, |held| {
            (held.task.list_id, held.task.parent_id) = (list_id, parent_id)
        }))
    }

    /// Puts a task in its place in the person's order of all tasks, and says whether it stood elsewhere.
    fn put(&mut self, id: &str, position: Option<&Position>) -> bool {
        let from = self.place_of(id);
        let held = self.tasks.remove(from);
        let to = match position {
            None | Some(Position::Last(_)) => self.tasks.len(),
            Some(Position::First(_)) => 0,
            Some(Position::BeforeId(other)) => self.place_of(other),
            Some(Position::AfterId(other)) => self.place_of(other) + 1,
        };
        self.tasks.insert(to, held);
        to != from
    }

    fn place_of(&self, id: &str) -> usize {
        let place = self.tasks.iter().position(|held| held.task.id == id);
        place.expect("asked for before")
    }

    /// How many tasks stand above this one.
    pub(super) fn depth(&self, id: &str) -> usize {
        match self.task(id) {
            Ok(held) if !held.task.parent_id.is_empty() => 1 + self.depth(&held.task.parent_id),
            _ => 0,
        }
    }

    /// Whether a task is that one or below it.
    fn is_below(&self, id: &str, top: &str) -> bool {
        id == top
            || self
                .task(id)
                .is_ok_and(|held| self.is_below(&held.task.parent_id, top))
    }

    /// The tasks below this one, in the trash or not.
    fn below(&self, top: &str) -> Vec<String> {
        let ids = self.tasks.iter().map(|held| held.task.id.clone());
        ids.filter(|id| id != top && self.is_below(id, top)).collect()
    }

    fn levels_below(&self, id: &str) -> usize {
        let depths = self.below(id).into_iter().map(|below| self.depth(&below));
        depths.max().map_or(0, |deepest| deepest - self.depth(id))
    }
}

/// List and parent after a move. A parent brings its list along, and who leaves the parent's list leaves the parent.
fn destination(
    task: &pb::Task,
    request: &pb::MoveTaskRequest,
    parent: Option<&Held>,
) -> Answer<(String, String)> {
    let list = request.list_id.clone();
    match (parent, &request.parent_id) {
        (Some(parent), _) => match list {
            Some(list) if list != parent.task.list_id => Err(INVALID),
            _ => Ok((parent.task.list_id.clone(), parent.task.id.clone())),
        },
        (None, Some(_)) => Ok((list.unwrap_or_else(|| task.list_id.clone()), String::new())),
        (None, None) => match list {
            Some(list) if list != task.list_id => Ok((list, String::new())),
            _ => Ok((task.list_id.clone(), task.parent_id.clone())),
        },
    }
}
