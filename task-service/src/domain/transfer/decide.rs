//! What becomes of one row, given what is there.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Identity, ParsedTask, PlacedRow};
use crate::domain::{Complaint, ListId, MOST_LEVELS, Notes, Rank, Revision, State, Task, TaskChange, TaskId};

/// Where a task is that others can be a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The list it is in; none means the inbox.
    pub list: Option<ListId>,
    /// The task it is a part of.
    pub parent: Option<TaskId>,
    /// How many tasks stand above it.
    pub depth: i64,
    /// Whether it is in the trash.
    pub is_deleted: bool,
}

/// What becomes of a row.
#[derive(Debug)]
pub enum Decision {
    /// A new task, and what could not be kept.
    Create(Box<Task>, Option<Complaint>),
    /// The task that is there, changed.
    Update(Box<Task>),
    /// Nothing: it says nothing new.
    Skip,
    /// It is left out.
    Refuse(Complaint),
}

/// Decides for a row. `known` is the task of its id, `places` knows its parent if there is one, and `list` is where it goes
/// when it has none. A task that is there keeps its list, its parent and its place.
pub fn decide(
    row: &PlacedRow,
    known: Option<&Task>,
    places: &HashMap<TaskId, Place>,
    list: Option<ListId>,
    now: DateTime<Utc>,
) -> Decision {
    match known {
        Some(_) if row.identity == Identity::Numbered => Decision::Skip,
        Some(task) if task.is_deleted() => {
            Decision::Refuse("The task is in the trash; undelete it first, or purge it to import it anew.")
        }
        Some(task) => update(row, task, now),
        None => create(row, places, list, now),
    }
}

fn update(row: &PlacedRow, known: &Task, now: DateTime<Utc>) -> Decision {
    let mut task = known.clone();
    task.apply(row.task.fields.clone());
    if let Some((state, complete_time)) = row.task.state
        && (state != task.state || complete_time.is_some_and(|time| task.complete_time != Some(time)))
    {
        stand(&mut task, state, complete_time, now);
    }
    if task.recurrence.is_some() && task.due.is_none() {
        return Decision::Refuse(NEEDS_DUE);
    }
    match task == *known {
        true => Decision::Skip,
        false => Decision::Update(Box::new(task)),
    }
}

const NEEDS_DUE: Complaint = "A task that recurs needs a due date; give one.";

fn create(
    row: &PlacedRow,
    places: &HashMap<TaskId, Place>,
    list: Option<ListId>,
    now: DateTime<Utc>,
) -> Decision {
    let parsed: &ParsedTask = &row.task;
    let TaskChange {
        title,
        notes,
        priority,
        labels,
        start,
        due,
        recurrence,
    } = parsed.fields.clone();
    let Some(title) = title else {
        return Decision::Refuse("The task has no title; give one.");
    };
    if recurrence.iter().flatten().next().is_some() && due.iter().flatten().next().is_none() {
        return Decision::Refuse(NEEDS_DUE);
    }
    let (parent_id, list_id, warning) = match row.parent {
        None => (None, list, None),
        Some(parent) => below(parent, places, list),
    };
    let create_time = parsed.create_time.unwrap_or(now);
    let mut task = Task {
        id: row.id,
        revision: Revision(0),
        list_id,
        parent_id,
        title,
        notes: notes.unwrap_or_default() as Notes,
        state: State::Open,
        priority: priority.flatten(),
        labels: labels.unwrap_or_default(),
        start: start.flatten(),
        due: due.flatten(),
        recurrence: recurrence.flatten(),
        occurrence_number: parsed.occurrence_number,
        rank: parsed.rank.clone().unwrap_or_else(|| Rank::after(None)),
        create_time,
        update_time: parsed.update_time.unwrap_or(now).max(create_time),
        complete_time: None,
        delete_time: None,
        purge_time: None,
        deletion_id: None,
    };
    if let Some((state, complete_time)) = parsed.state {
        stand(&mut task, state, complete_time, now);
    }
    Decision::Create(Box::new(task), warning)
}

/// The parent and the list of a task that shall be below that one: as near to it as the rules allow.
fn below(
    parent: TaskId,
    places: &HashMap<TaskId, Place>,
    list: Option<ListId>,
) -> (Option<TaskId>, Option<ListId>, Option<Complaint>) {
    let Some(place) = places.get(&parent) else {
        let warning = "The task that it is a part of is not there; it was made a task of its own.";
        return (None, list, Some(warning));
    };
    if place.is_deleted {
        let warning = "The task that it is a part of is in the trash; it was made a task of its own.";
        return (None, list, Some(warning));
    }
    let (mut above, mut place) = (parent, *place);
    let mut warning = None;
    while place.depth >= MOST_LEVELS {
        warning = Some("Subtasks can be five levels deep; it was put beside the task that it was below.");
        match place.parent.and_then(|id| Some((id, *places.get(&id)?))) {
            Some(next) => (above, place) = next,
            None => return (None, list, warning),
        }
    }
    (Some(above), place.list, warning)
}

/// Puts a task where the file says that it stands.
fn stand(task: &mut Task, state: State, complete_time: Option<DateTime<Utc>>, now: DateTime<Utc>) {
    match state {
        State::Open => task.reopen(),
        State::Done => task.complete(complete_time.unwrap_or(now)),
        State::Cancelled => task.cancel(),
    }
}
