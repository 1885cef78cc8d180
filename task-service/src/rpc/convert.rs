//! Wire types to domain types, checked, and back.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use chrono_tz::Tz;
use proto::google::r#type::{Date, TimeOfDay};
use proto::tasks::v1 as pb;

use super::fields::Fields;
use crate::domain::{
    Basis, Completion, Etag, Label, Labels, List, ListId, NewTask, Notes, Priority, Recurrence, Task, TaskId,
    Title, When,
};

/// A rule has nowhere to start.
pub(super) const RECURRENCE_NEEDS_DUE: &str =
    "A task that recurs needs a due date; give one, or leave the recurrence out.";

/// A point in time.
pub(super) fn timestamp(time: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: time.timestamp(),
        nanos: i32::try_from(time.timestamp_subsec_nanos()).unwrap_or(0),
    }
}

/// A task as clients see it.
pub(super) fn task(task: Task) -> pb::Task {
    pb::Task {
        id: task.id.0.to_string(),
        list_id: task.list_id.map(|id| id.0.to_string()).unwrap_or_default(),
        parent_id: task.parent_id.map(|id| id.0.to_string()).unwrap_or_default(),
        title: task.title.into_string(),
        notes: task.notes.into_string(),
        state: i32::from(task.state.number()),
        priority: task.priority.map_or(0, |priority| i32::from(priority.number())),
        labels: task.labels.names(),
        start: task.start.map(when),
        due: task.due.map(when),
        recurrence: task.recurrence.as_ref().map(recurrence),
        rank: task.rank.into_string(),
        create_time: Some(timestamp(task.create_time)),
        update_time: Some(timestamp(task.update_time)),
        complete_time: task.complete_time.map(timestamp),
        delete_time: task.delete_time.map(timestamp),
        purge_time: task.purge_time.map(timestamp),
        etag: Etag::text(task.revision),
    }
}

/// A label in use as clients see it.
pub(super) fn label(label: &Label, task_count: i64) -> pb::Label {
    pb::Label {
        name: label.as_str().to_owned(),
        task_count,
    }
}

/// A list as clients see it.
pub(super) fn list(list: List) -> pb::List {
    pb::List {
        id: list.id.0.to_string(),
        title: list.title.as_str().to_owned(),
        rank: list.rank.as_str().to_owned(),
        create_time: Some(timestamp(list.create_time)),
        update_time: Some(timestamp(list.update_time)),
        delete_time: list.delete_time.map(timestamp),
        purge_time: list.purge_time.map(timestamp),
        etag: Etag::text(list.revision),
    }
}

/// A completion as clients see it.
pub(super) fn completion(completion: Completion) -> pb::TaskCompletion {
    pb::TaskCompletion {
        id: completion.id.0.to_string(),
        task_id: completion.task_id.0.to_string(),
        occurrence: completion.occurrence.map(when),
        complete_time: Some(timestamp(completion.complete_time)),
        undo_time: completion.undo_time.map(timestamp),
    }
}

fn recurrence(recurrence: &Recurrence) -> pb::Recurrence {
    pb::Recurrence {
        rrule: recurrence.rrule().to_owned(),
        basis: i32::from(recurrence.basis().number()),
    }
}

fn when(when: When) -> pb::When {
    pb::When {
        date: Some(Date {
            year: when.date.year(),
            month: small(when.date.month()),
            day: small(when.date.day()),
        }),
        time: when.time.map(|time| TimeOfDay {
            hours: small(time.hour()),
            minutes: small(time.minute()),
            seconds: small(time.second()),
            nanos: 0,
        }),
        time_zone: when.zone.unwrap_or_default(),
    }
}

/// A part of a date or a time, which is below 60.
fn small(part: u32) -> i32 {
    i32::try_from(part).unwrap_or(0)
}

/// A new task from its message; faults are told under `task.`.
pub(super) fn new_task(fields: &mut Fields, message: pb::Task) -> Option<NewTask> {
    let title = fields.check("task.title", Title::parse(&message.title));
    let notes = fields.check("task.notes", Notes::parse(message.notes));
    let priority = fields.check("task.priority", parse_priority(message.priority));
    let labels = parse_labels(fields, "task.labels", &message.labels);
    let start = parse_optional_when(fields, "task.start", message.start);
    let due = parse_optional_when(fields, "task.due", message.due);
    let recurrence = parse_optional_recurrence(fields, "task.recurrence", message.recurrence.as_ref());
    let list_id = optional_id(&message.list_id, ListId::parse);
    let list_id = fields.check("task.list_id", list_id);
    let parent_id = optional_id(&message.parent_id, TaskId::parse);
    let parent_id = fields.check("task.parent_id", parent_id);
    match (&recurrence, &due) {
        (Some(Some(_)), Some(None)) => fields.fault("task.recurrence", RECURRENCE_NEEDS_DUE),
        (Some(Some(recurrence)), Some(Some(due))) if fields.are_right() => {
            fields.check("task.recurrence.rrule", recurrence.check(due));
        }
        _ => {}
    }
    Some(NewTask {
        list_id: list_id?,
        parent_id: parent_id?,
        labels: labels?,
        recurrence: recurrence?,
        title: title?,
        notes: notes?,
        priority: priority?,
        start: start?,
        due: due?,
    })
}

/// An id that may be empty.
pub(super) fn optional_id<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, &'static str>,
) -> Result<Option<T>, &'static str> {
    match text {
        "" => Ok(None),
        text => parse(text).map(Some),
    }
}

/// The labels of a task.
pub(super) fn parse_labels(fields: &mut Fields, field: &'static str, names: &[String]) -> Option<Labels> {
    // A message can name millions; the first that is one too many decides.
    let labels: Result<Vec<_>, _> = names.iter().map(|name| Label::parse(name)).collect();
    fields.check(field, labels.and_then(Labels::of))
}

/// A recurrence that may be unset; the outer `None` is a fault that was told.
pub(super) fn parse_optional_recurrence(
    fields: &mut Fields,
    field: &'static str,
    message: Option<&pb::Recurrence>,
) -> Option<Option<Recurrence>> {
    let Some(message) = message else {
        return Some(None);
    };
    let basis = match message.basis {
        0 => Ok(Basis::Due),
        number => i16::try_from(number)
            .ok()
            .and_then(Basis::from_number)
            .ok_or("This basis is not known; use BASIS_DUE or BASIS_COMPLETION."),
    };
    let basis = fields.check(format!("{field}.basis"), basis)?;
    let rule = Recurrence::parse(&message.rrule, basis);
    fields.check(format!("{field}.rrule"), rule).map(Some)
}

/// The zone that a request names; UTC when it names none.
pub(super) fn parse_time_zone(fields: &mut Fields, name: &str) -> Option<Tz> {
    match name {
        "" => Some(Tz::UTC),
        name => fields.check("time_zone", When::time_zone(name)),
    }
}

/// A priority that may be unset.
pub(super) fn parse_priority(number: i32) -> Result<Option<Priority>, &'static str> {
    if number == 0 {
        return Ok(None);
    }
    let priority = i16::try_from(number).ok().and_then(Priority::from_number);
    priority
        .map(Some)
        .ok_or("This priority is not known; use LOW, MEDIUM, HIGH or URGENT.")
}

/// A date that may be unset; the outer `None` is a fault that was told.
pub(super) fn parse_optional_when(
    fields: &mut Fields,
    field: &'static str,
    message: Option<pb::When>,
) -> Option<Option<When>> {
    match message {
        None => Some(None),
        Some(message) => parse_when(fields, field, &message).map(Some),
    }
}

fn parse_when(fields: &mut Fields, field: &'static str, message: &pb::When) -> Option<When> {
    let date = message
        .date
        .ok_or("The date is missing; give one, or leave the whole field out.");
    let date = fields.check(
        format!("{field}.date"),
        date.and_then(|date| When::date(date.year, date.month, date.day)),
    );
    let time = message
        .time
        .map(|time| When::time(time.hours, time.minutes, time.seconds, time.nanos));
    let time = fields.check(format!("{field}.time"), time.transpose());
    let zone = Some(message.time_zone.as_str())
        .filter(|name| !name.is_empty())
        .map(When::zone);
    let zone = fields.check(format!("{field}.time_zone"), zone.transpose());
    Some(When {
        date: date?,
        time: time?,
        zone: zone?,
    })
}
