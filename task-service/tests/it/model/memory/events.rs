//! What a change is told as: the fields that people see, before and after, as text.

use chrono::{DateTime, Utc};
use proto::tasks::v1 as pb;
use proto::tasks::v1::task_event::FieldChange;

use super::recurrence::{day, time};

/// A field of a task as text.
type Text = fn(&pb::Task) -> String;

const FIELDS: [(&str, Text); 11] = [
    ("title", |task| task.title.clone()),
    ("notes", |task| task.notes.clone()),
    ("state", |task| name(task.state().as_str_name(), "STATE_")),
    ("priority", |task| {
        name(task.priority().as_str_name(), "PRIORITY_")
    }),
    ("labels", |task| task.labels.join("\n")),
    ("list_id", |task| task.list_id.clone()),
    ("parent_id", |task| task.parent_id.clone()),
    ("start", |task| task.start.as_ref().map(when).unwrap_or_default()),
    ("due", |task| task.due.as_ref().map(when).unwrap_or_default()),
    ("recurrence", |task| {
        task.recurrence.as_ref().map(recurrence).unwrap_or_default()
    }),
    ("deleted", |task| task.delete_time.is_some().to_string()),
];

/// What is different.
pub(super) fn between(before: &pb::Task, after: &pb::Task) -> Vec<FieldChange> {
    let changes = FIELDS
        .iter()
        .map(|(name, text)| field(name, &text(before), &text(after)));
    changes
        .filter(|change| change.old_value != change.new_value)
        .collect()
}

pub(super) fn field(name: &str, old: &str, new: &str) -> FieldChange {
    FieldChange {
        field: name.to_owned(),
        old_value: old.to_owned(),
        new_value: new.to_owned(),
        cut: false,
    }
}

/// The event, but for its id.
pub(super) fn event(
    task_id: &str,
    method: &str,
    now: prost_types::Timestamp,
    changes: Vec<FieldChange>,
) -> pb::TaskEvent {
    pb::TaskEvent {
        id: String::new(),
        task_id: task_id.to_owned(),
        event_time: Some(now),
        actor: "person".to_owned(),
        method: method.to_owned(),
        changes,
    }
}

/// Without its prefix, and empty for none.
fn name(whole: &str, prefix: &str) -> String {
    let name = whole.strip_prefix(prefix).expect("every name has it");
    if name == "UNSPECIFIED" {
        String::new()
    } else {
        name.to_owned()
    }
}

/// As RFC 9557 writes it.
fn when(when: &pb::When) -> String {
    let mut text = day(when).to_string();
    if let Some(time) = time(when) {
        text += &format!("T{time}");
    }
    if !when.time_zone.is_empty() {
        text += &format!("[{}]", when.time_zone);
    }
    text
}

fn recurrence(recurrence: &pb::Recurrence) -> String {
    let basis = name(recurrence.basis().as_str_name(), "BASIS_");
    format!("{} {basis}", recurrence.rrule)
}

pub(super) fn timestamp(time: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: time.timestamp(),
        nanos: time.timestamp_subsec_nanos().cast_signed(),
    }
}
