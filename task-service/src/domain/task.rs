//! A task, what may be changed of it, and which changes its state allows.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    Complaint, CompletionId, DeletionId, Labels, ListId, Notes, Priority, Rank, Recurrence, Revision, State,
    TaskId, Title, When,
};

/// How long the trash keeps a task.
pub const TRASH_LIFE: TimeDelta = TimeDelta::days(30);

/// How deep tasks can be nested: this many levels of subtasks below a task that is part of no other.
pub const MOST_LEVELS: i64 = 5;

/// What somebody wants to have done, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// The list to put it in; none means the inbox, or that of the parent.
    pub list_id: Option<ListId>,
    /// The task to make it a part of.
    pub parent_id: Option<TaskId>,
    /// What it is called.
    pub title: Title,
    /// What there is to say.
    pub notes: Notes,
    /// How much it matters.
    pub priority: Option<Priority>,
    /// What it is labelled with.
    pub labels: Labels,
    /// When work can begin.
    pub start: Option<When>,
    /// When it should be done.
    pub due: Option<When>,
    /// How it comes again.
    pub recurrence: Option<Recurrence>,
}

impl NewTask {
    /// The task that it becomes, under this id, at this place, in this list.
    pub fn into_task(
        self,
        id: TaskId,
        (list_id, rank): (Option<ListId>, Rank),
        revision: Revision,
        now: DateTime<Utc>,
    ) -> Task {
        Task {
            id,
            revision,
            list_id,
            parent_id: self.parent_id,
            title: self.title,
            notes: self.notes,
            state: State::Open,
            priority: self.priority,
            labels: self.labels,
            start: self.start,
            due: self.due,
            recurrence: self.recurrence,
            occurrence_number: 1,
            rank,
            create_time: now,
            update_time: now,
            complete_time: None,
            delete_time: None,
            purge_time: None,
            deletion_id: None,
        }
    }
}

/// The fields of a task that an update names; `None` leaves one alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskChange {
    /// What it is called.
    pub title: Option<Title>,
    /// What there is to say.
    pub notes: Option<Notes>,
    /// How much it matters; `Some(None)` removes it.
    pub priority: Option<Option<Priority>>,
    /// What it is labelled with.
    pub labels: Option<Labels>,
    /// When work can begin; `Some(None)` removes it.
    pub start: Option<Option<When>>,
    /// When it should be done; `Some(None)` removes it.
    pub due: Option<Option<When>>,
    /// How it comes again; `Some(None)` ends that.
    pub recurrence: Option<Option<Recurrence>>,
}

/// A task as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The owner's revision at its last change.
    pub revision: Revision,
    /// The list it is in; none means the inbox.
    pub list_id: Option<ListId>,
    /// The task it is a part of.
    pub parent_id: Option<TaskId>,
    /// What it is called.
    pub title: Title,
    /// What there is to say.
    pub notes: Notes,
    /// Where it stands.
    pub state: State,
    /// How much it matters.
    pub priority: Option<Priority>,
    /// What it is labelled with.
    pub labels: Labels,
    /// When work can begin.
    pub start: Option<When>,
    /// When it should be done.
    pub due: Option<When>,
    /// How it comes again.
    pub recurrence: Option<Recurrence>,
    /// Which occurrence the present due is, from 1.
    pub occurrence_number: i32,
    /// Its place in the person's own order.
    pub rank: Rank,
    /// When it was made.
    pub create_time: DateTime<Utc>,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
    /// When it was done.
    pub complete_time: Option<DateTime<Utc>>,
    /// When it was moved to the trash.
    pub delete_time: Option<DateTime<Utc>>,
    /// When the trash drops it.
    pub purge_time: Option<DateTime<Utc>>,
    /// Which deletion took it to the trash.
    pub deletion_id: Option<DeletionId>,
}

impl Task {
    /// Takes over the named fields.
    pub fn apply(&mut self, change: TaskChange) {
        let TaskChange {
            title,
            notes,
            priority,
            labels,
            start,
            due,
            recurrence,
        } = change;
        replace(&mut self.title, title);
        replace(&mut self.notes, notes);
        replace(&mut self.priority, priority);
        replace(&mut self.labels, labels);
        replace(&mut self.start, start);
        replace(&mut self.due, due);
        if recurrence
            .as_ref()
            .is_some_and(|wanted| *wanted != self.recurrence)
        {
            // Another rule counts its own occurrences.
            self.occurrence_number = 1;
        }
        replace(&mut self.recurrence, recurrence);
    }

    /// Moves on to the next occurrence, when the present one was completed or skipped at `now`; false when there is none.
    /// `floating` is the zone of a due without one. The start keeps its distance in days.
    ///
    /// # Errors
    ///
    /// When the stored rule is none.
    pub fn advance(&mut self, now: DateTime<Utc>, floating: Tz) -> Result<bool, Complaint> {
        let (Some(recurrence), Some(due)) = (&self.recurrence, &self.due) else {
            return Ok(false);
        };
        let Some(next) = recurrence.next(due, self.occurrence_number, now, floating)? else {
            return Ok(false);
        };
        self.start = self.start.as_ref().map(|start| start.moved(next.date - due.date));
        self.due = Some(next);
        self.occurrence_number = self.occurrence_number.saturating_add(1);
        Ok(true)
    }

    /// Back to the occurrence of a completion that is taken back.
    pub fn move_back(&mut self, completion: &Completion) {
        if completion.occurrence.is_none() {
            return;
        }
        self.due.clone_from(&completion.occurrence);
        self.start.clone_from(&completion.start);
        // The rule may be another one since, which had fewer.
        self.occurrence_number = self.occurrence_number.min(completion.occurrence_number);
    }

    /// Marks it as done.
    pub fn complete(&mut self, now: DateTime<Utc>) {
        self.state = State::Done;
        self.complete_time = Some(now);
    }

    /// Opens it, from any state.
    pub fn reopen(&mut self) {
        self.state = State::Open;
        self.complete_time = None;
    }

    /// Gives it up.
    pub fn cancel(&mut self) {
        self.state = State::Cancelled;
        self.complete_time = None;
    }

    /// Moves it to the trash.
    pub fn delete(&mut self, deletion: DeletionId, now: DateTime<Utc>) {
        self.deletion_id = Some(deletion);
        self.delete_time = Some(now);
        self.purge_time = Some(now + TRASH_LIFE);
    }

    /// Brings it back from the trash.
    pub fn undelete(&mut self) {
        self.deletion_id = None;
        self.delete_time = None;
        self.purge_time = None;
    }

    /// Whether it is in the trash.
    pub fn is_deleted(&self) -> bool {
        self.delete_time.is_some()
    }

    /// What it counts for in what its owner stores.
    pub fn size_bytes(&self) -> usize {
        let rule = self
            .recurrence
            .as_ref()
            .map_or(0, |recurrence| recurrence.rrule().len());
        self.title.as_str().len() + self.notes.as_str().len() + self.labels.size_bytes() + rule
    }
}

fn replace<T>(field: &mut T, with: Option<T>) {
    if let Some(value) = with {
        *field = value;
    }
}

/// That a task was completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Its id.
    pub id: CompletionId,
    /// The completed task.
    pub task_id: TaskId,
    /// The due that was completed.
    pub occurrence: Option<When>,
    /// The start that the task had.
    pub start: Option<When>,
    /// Which occurrence of the task it was, from 1.
    pub occurrence_number: i32,
    /// When.
    pub complete_time: DateTime<Utc>,
    /// When it was taken back.
    pub undo_time: Option<DateTime<Utc>>,
}
