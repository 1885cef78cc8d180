//! What happened to a task, as text for people: each changed field before and after.

use chrono::{DateTime, Utc};

use super::{Basis, Priority, Revision, State, Task, TaskId, When};

/// Code points that are kept of a value.
const KEPT_CHARS: usize = 1024;

/// A field before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name in the contract.
    pub field: String,
    /// What it was; empty means unset.
    pub old_value: String,
    /// What it became; empty means unset.
    pub new_value: String,
    /// Whether one of them was too long to be kept whole.
    pub cut: bool,
}

impl FieldChange {
    /// Of a field from one value to another.
    pub fn new(field: &str, old: &str, new: &str) -> Self {
        let (old_value, old_cut) = kept(old);
        let (new_value, new_cut) = kept(new);
        Self {
            field: field.to_owned(),
            old_value,
            new_value,
            cut: old_cut || new_cut,
        }
    }

    /// That a task went to the trash, or came out of it.
    pub fn of_deletion(deleted: bool) -> Self {
        Self::new("deleted", &(!deleted).to_string(), &deleted.to_string())
    }
}

fn kept(value: &str) -> (String, bool) {
    match value.char_indices().nth(KEPT_CHARS) {
        None => (value.to_owned(), false),
        Some((end, _)) => (value[..end].to_owned(), true),
    }
}

/// That a task changed, whoever did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// The task's revision after it.
    pub revision: Revision,
    /// The task.
    pub task_id: TaskId,
    /// What of it, one at the least.
    pub changes: Vec<FieldChange>,
}

/// A field of a task as text.
type Text = fn(&Task) -> String;

impl Happened {
    /// What made a task, or a new one of an old; nothing if no field of those that people see changed.
    pub fn between(before: Option<&Task>, after: &Task) -> Option<Self> {
        let fields: [(&str, Text); 10] = [
            ("title", |task| task.title.as_str().to_owned()),
            ("notes", |task| task.notes.as_str().to_owned()),
            ("state", |task| state(task.state).to_owned()),
            ("priority", |task| task.priority.map_or("", priority).to_owned()),
            ("labels", |task| task.labels.names().join("\n")),
            ("list_id", |task| id(task.list_id.map(|id| id.0))),
            ("parent_id", |task| id(task.parent_id.map(|id| id.0))),
            ("start", |task| task.start.as_ref().map(when).unwrap_or_default()),
            ("due", |task| task.due.as_ref().map(when).unwrap_or_default()),
            ("recurrence", recurrence),
        ];
        let changes = fields.iter().filter_map(|(field, text)| {
            let (old, new) = (before.map(text).unwrap_or_default(), text(after));
            (old != new).then(|| FieldChange::new(field, &old, &new))
        });
        let mut changes: Vec<_> = changes.collect();
        let was_deleted = before.is_some_and(Task::is_deleted);
        if was_deleted != after.is_deleted() {
            changes.push(FieldChange::of_deletion(after.is_deleted()));
        }
        (!changes.is_empty()).then_some(Self {
            revision: after.revision,
            task_id: after.id,
            changes,
        })
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::Open => "OPEN",
        State::Done => "DONE",
        State::Cancelled => "CANCELLED",
    }
}

fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "LOW",
        Priority::Medium => "MEDIUM",
        Priority::High => "HIGH",
        Priority::Urgent => "URGENT",
    }
}

fn id(id: Option<uuid::Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// As RFC 9557 writes it.
fn when(when: &When) -> String {
    match &when.zone {
        None => when.order_key(),
        Some(zone) => format!("{}[{zone}]", when.order_key()),
    }
}

fn recurrence(task: &Task) -> String {
    let Some(recurrence) = &task.recurrence else {
        return String::new();
    };
    let basis = match recurrence.basis() {
        Basis::Due => "DUE",
        Basis::Completion => "COMPLETION",
    };
    format!("{} {basis}", recurrence.rrule())
}

/// What is recorded of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskEvent {
    /// What happened.
    pub happened: Happened,
    /// When.
    pub event_time: DateTime<Utc>,
    /// `person`, or `service:NAME` for a service that acted for them.
    pub actor: String,
    /// The method that was called.
    pub method: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_between_characters_and_said_to_be() {
        let long = "ü".repeat(KEPT_CHARS + 1);
        let change = FieldChange::new("notes", "", &long);
        assert!(change.cut);
        let whole = "ü".repeat(KEPT_CHARS);
        assert_eq!(change.new_value, whole);
        let change = FieldChange::new("notes", "", &whole);
        assert_eq!((change.cut, change.new_value), (false, whole));
    }
}
