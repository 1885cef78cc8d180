//! Tandem's own format, JSON with nothing left out: a file that goes into an empty account comes out of it as the same
//! bytes. Described in docs/tasks/transfer.md. Tasks and lists stand one a line; what is unset is left out.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rows::{self, Rows};
use super::{
    Key, MOST_LISTS, ParsedFile, ParsedList, ParsedRow, ParsedTask, Remark, TOO_MANY_LISTS, Writer, instant,
    number,
};
use crate::domain::{
    Basis, Completion, CompletionId, Label, Labels, List, ListTitle, Notes, Priority, Rank, Recurrence,
    State, Task, TaskChange, TaskId, Title, When,
};

const NAME: &str = "tandem.tasks";
const VERSION: u32 = 1;

#[derive(Deserialize)]
struct FileJson<'a> {
    format: String,
    version: u32,
    #[serde(borrow, default)]
    tasks: Rows<'a>,
    #[serde(borrow, default)]
    lists: Rows<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListJson {
    id: Uuid,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rank: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    create_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    update_time: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent_id: Option<Uuid>,
    title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    notes: String,
    #[serde(default = "open")]
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    priority: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<WhenJson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<WhenJson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recurrence: Option<RecurrenceJson>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    occurrence_number: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rank: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    create_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    update_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    complete_time: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    completions: Vec<CompletionJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenJson {
    date: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    time: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    time_zone: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecurrenceJson {
    rrule: String,
    #[serde(default = "due")]
    basis: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompletionJson {
    id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    occurrence: Option<WhenJson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<WhenJson>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    occurrence_number: i32,
    complete_time: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undo_time: Option<String>,
}

fn open() -> String {
    State::Open.name().to_owned()
}

fn due() -> String {
    "DUE".to_owned()
}

fn one() -> i32 {
    1
}

fn is_one(number: &i32) -> bool {
    *number == 1
}

/// Reads a file.
pub(super) fn parse(file: &[u8]) -> Result<ParsedFile, String> {
    let file: FileJson<'_> = rows::file(file, "a Tandem export")?;
    if file.format != NAME || file.version != VERSION {
        return Err(format!(
            "The file is not a Tandem export of version {VERSION}; its format and version say otherwise."
        ));
    }
    if file.lists.0.len() > MOST_LISTS {
        return Err(TOO_MANY_LISTS.to_owned());
    }
    let mut parsed = ParsedFile::default();
    for (place, raw) in file.lists.0.into_iter().enumerate() {
        let list = rows::row(raw).and_then(|list| Ok(parse_list(list)?));
        match list {
            Ok(list) => parsed.lists.push(list),
            Err(message) => return Err(format!("List {} cannot be read. {message}", number(place))),
        }
    }
    for (place, raw) in file.tasks.0.into_iter().enumerate() {
        let number = number(place);
        let task = rows::row(raw).and_then(|task| parse_task(number, task));
        if let Ok(task) = &task
            && task.rank.is_none()
            && raw.get().contains("\"rank\"")
        {
            let message = "Its rank is no place in an order; it was put last.";
            parsed.warnings.push(Remark::new(number, message));
        }
        let task = task.map(Box::new);
        parsed.rows.push(ParsedRow { number, task });
    }
    Ok(parsed)
}

fn parse_list(list: ListJson) -> Result<ParsedList, &'static str> {
    Ok(ParsedList {
        key: Key::Own(list.id),
        title: ListTitle::parse(&list.title)?,
        rank: list.rank.and_then(|rank| Rank::parse(&rank)),
        create_time: parse_instant(list.create_time.as_ref())?,
        update_time: parse_instant(list.update_time.as_ref())?,
    })
}

fn parse_task(number: i32, task: TaskJson) -> Result<ParsedTask, String> {
    let state = parse_state(&task.state)?;
    let complete_time = parse_instant(task.complete_time.as_ref())?;
    if task.occurrence_number < 1 {
        return Err("The occurrence_number is below 1; leave it out.".to_owned());
    }
    let completions = task.completions.into_iter().map(parse_completion);
    let fields = TaskChange {
        title: Some(Title::parse(&task.title)?),
        notes: Some(Notes::parse(task.notes)?),
        priority: Some(parse_priority(task.priority.as_deref().unwrap_or_default())?),
        labels: Some(parse_labels(&task.labels)?),
        start: Some(parse_when(task.start)?),
        due: Some(parse_when(task.due)?),
        recurrence: Some(match task.recurrence {
            None => None,
            Some(rule) => Some(Recurrence::parse(&rule.rrule, parse_basis(&rule.basis)?)?),
        }),
    };
    Ok(ParsedTask {
        list: task.list_id.map(Key::Own),
        parent: task.parent_id.map(Key::Own),
        fields,
        state: Some((state, complete_time)),
        occurrence_number: task.occurrence_number,
        rank: task.rank.and_then(|rank| Rank::parse(&rank)),
        create_time: parse_instant(task.create_time.as_ref())?,
        update_time: parse_instant(task.update_time.as_ref())?,
        completions: completions.collect::<Result<_, _>>()?,
        ..ParsedTask::new(task.id.map_or(Key::Row(number), Key::Own))
    })
}

fn parse_completion(completion: CompletionJson) -> Result<Completion, &'static str> {
    if completion.occurrence_number < 1 {
        return Err("The occurrence_number of a completion is below 1; leave it out.");
    }
    Ok(Completion {
        id: CompletionId(completion.id),
        task_id: TaskId(Uuid::nil()),
        occurrence: parse_when(completion.occurrence)?,
        start: parse_when(completion.start)?,
        occurrence_number: completion.occurrence_number,
        complete_time: instant::parse(&completion.complete_time)?,
        undo_time: parse_instant(completion.undo_time.as_ref())?,
    })
}

fn parse_instant(text: Option<&String>) -> Result<Option<DateTime<Utc>>, &'static str> {
    text.map(|text| instant::parse(text)).transpose()
}

fn parse_when(when: Option<WhenJson>) -> Result<Option<When>, &'static str> {
    match when {
        None => Ok(None),
        Some(when) => instant::parse_when(&when.date, &when.time, &when.time_zone),
    }
}

/// A state by its name in the contract, with or without prefix; empty means open.
pub(super) fn parse_state(name: &str) -> Result<State, &'static str> {
    let name = name.strip_prefix("STATE_").unwrap_or(name);
    if name.is_empty() {
        return Ok(State::Open);
    }
    let state = State::ALL.into_iter().find(|state| state.name() == name);
    state.ok_or("This is no state; use OPEN, DONE or CANCELLED.")
}

/// A priority by its name in the contract, with or without prefix; empty means none.
pub(super) fn parse_priority(name: &str) -> Result<Option<Priority>, &'static str> {
    let name = name.strip_prefix("PRIORITY_").unwrap_or(name);
    if name.is_empty() {
        return Ok(None);
    }
    let priority = Priority::ALL.into_iter().find(|priority| priority.name() == name);
    priority
        .map(Some)
        .ok_or("This is no priority; use LOW, MEDIUM, HIGH or URGENT, or leave it out.")
}

/// A basis by its name in the contract, with or without prefix; empty means the due.
pub(super) fn parse_basis(name: &str) -> Result<Basis, &'static str> {
    match name.strip_prefix("BASIS_").unwrap_or(name) {
        "" | "DUE" => Ok(Basis::Due),
        "COMPLETION" => Ok(Basis::Completion),
        _ => Err("This is no basis of a recurrence; use DUE or COMPLETION."),
    }
}

/// The name that [`parse_basis`] reads.
pub(super) fn basis_name(basis: Basis) -> &'static str {
    match basis {
        Basis::Due => "DUE",
        Basis::Completion => "COMPLETION",
    }
}

/// Labels by their names.
pub(super) fn parse_labels(names: &[String]) -> Result<Labels, &'static str> {
    let labels: Result<Vec<_>, _> = names.iter().map(|name| Label::parse(name)).collect();
    labels.and_then(Labels::of)
}

/// Writes a file.
#[derive(Default)]
pub(super) struct JsonWriter {
    has_tasks: bool,
}

impl Writer for JsonWriter {
    fn begin(&mut self, out: &mut Vec<u8>) {
        let head = format!("{{\"format\":\"{NAME}\",\"version\":{VERSION},\n\"tasks\":[");
        out.extend_from_slice(head.as_bytes());
    }

    fn task(&mut self, out: &mut Vec<u8>, task: &Task, completions: &[Completion], _: Option<&List>) {
        write_row(out, !self.has_tasks, &task_json(task, completions));
        self.has_tasks = true;
    }

    fn end(&mut self, out: &mut Vec<u8>, lists: &[&List]) {
        out.extend_from_slice(b"\n],\n\"lists\":[");
        for (place, list) in lists.iter().enumerate() {
            let json = ListJson {
                id: list.id.0,
                title: list.title.as_str().to_owned(),
                rank: Some(list.rank.as_str().to_owned()),
                create_time: Some(instant::write(list.create_time)),
                update_time: Some(instant::write(list.update_time)),
            };
            write_row(out, place == 0, &json);
        }
        out.extend_from_slice(b"\n]}\n");
    }

    fn is_lossless(&self) -> bool {
        true
    }
}

fn write_row(out: &mut Vec<u8>, is_first: bool, row: &impl Serialize) {
    out.extend_from_slice(if is_first { b"\n" } else { b",\n" });
    serde_json::to_writer(out, row).expect("maps have text for keys, and memory takes everything");
}

fn task_json(task: &Task, completions: &[Completion]) -> TaskJson {
    TaskJson {
        id: Some(task.id.0),
        list_id: task.list_id.map(|id| id.0),
        parent_id: task.parent_id.map(|id| id.0),
        title: task.title.as_str().to_owned(),
        notes: task.notes.as_str().to_owned(),
        state: task.state.name().to_owned(),
        priority: task.priority.map(|priority| priority.name().to_owned()),
        labels: task.labels.names(),
        start: when_json(task.start.as_ref()),
        due: when_json(task.due.as_ref()),
        recurrence: task.recurrence.as_ref().map(|recurrence| RecurrenceJson {
            rrule: recurrence.rrule().to_owned(),
            basis: basis_name(recurrence.basis()).to_owned(),
        }),
        occurrence_number: task.occurrence_number,
        rank: Some(task.rank.as_str().to_owned()),
        create_time: Some(instant::write(task.create_time)),
        update_time: Some(instant::write(task.update_time)),
        complete_time: task.complete_time.map(instant::write),
        completions: completions.iter().map(completion_json).collect(),
    }
}

fn completion_json(completion: &Completion) -> CompletionJson {
    CompletionJson {
        id: completion.id.0,
        occurrence: when_json(completion.occurrence.as_ref()),
        start: when_json(completion.start.as_ref()),
        occurrence_number: completion.occurrence_number,
        complete_time: instant::write(completion.complete_time),
        undo_time: completion.undo_time.map(instant::write),
    }
}

fn when_json(when: Option<&When>) -> Option<WhenJson> {
    let [date, time, time_zone] = instant::write_when(when);
    when.map(|_| WhenJson {
        date,
        time,
        time_zone,
    })
}
