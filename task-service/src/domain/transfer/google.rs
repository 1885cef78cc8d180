//! Google Tasks as Google Takeout gives it: `Tasks.json`, which holds the resources of the API,
//! <https://developers.google.com/tasks/reference/rest/v1/tasks>, with the tasks of each list in `items`. A due is a day: its
//! time is always midnight and says nothing.

use serde::Deserialize;

use super::lenient::{self, Warnings};
use super::rows::{self, Rows};
use super::{
    Key, MOST_LISTS, MOST_ROWS, ParsedFile, ParsedList, ParsedRow, ParsedTask, TOO_MANY_LISTS, TOO_MANY_ROWS,
    instant, number,
};
use crate::domain::{State, TaskChange, When};

#[derive(Deserialize)]
struct FileJson<'a> {
    kind: String,
    #[serde(borrow, default)]
    items: Rows<'a>,
}

#[derive(Deserialize)]
struct ListJson<'a> {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    updated: Option<String>,
    #[serde(borrow, default)]
    items: Rows<'a>,
}

#[derive(Deserialize)]
struct TaskJson {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    notes: Option<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    due: Option<String>,
    #[serde(default)]
    scheduled_time: Vec<ScheduledJson>,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    updated: Option<String>,
    #[serde(default)]
    completed: Option<String>,
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    position: Option<String>,
    #[serde(default)]
    deleted: bool,
}

#[derive(Deserialize)]
struct ScheduledJson {
    #[serde(default)]
    current: bool,
    #[serde(default)]
    start: Option<String>,
}

/// Reads a file.
pub(super) fn parse(file: &[u8]) -> Result<ParsedFile, String> {
    let file: FileJson<'_> = rows::file(file, "Google Tasks of a Takeout")?;
    if file.kind != "tasks#taskLists" {
        return Err("The file is not Google Tasks of a Takeout; its kind is not tasks#taskLists.".to_owned());
    }
    if file.items.0.len() > MOST_LISTS {
        return Err(TOO_MANY_LISTS.to_owned());
    }
    let mut parsed = ParsedFile::default();
    let mut place = 0;
    for raw in file.items.0 {
        let list: ListJson<'_> =
            rows::row(raw).map_err(|message| format!("A list cannot be read. {message}"))?;
        let key = Key::Source(list.id);
        let updated = list.updated.and_then(|time| instant::parse(&time).ok());
        parsed.lists.push(ParsedList {
            key: key.clone(),
            title: lenient::list_title(&list.title, "Tasks")?,
            rank: None,
            create_time: updated,
            update_time: updated,
        });
        if place + list.items.0.len() > MOST_ROWS {
            return Err(TOO_MANY_ROWS.to_owned());
        }
        let mut found = Vec::new();
        for raw in list.items.0 {
            let number = number(place);
            place += 1;
            let mut warnings = Warnings {
                row: number,
                all: &mut parsed.warnings,
            };
            let read = rows::row(raw).and_then(|task| read(task, &key, &mut warnings));
            let (position, task) = match read {
                Ok((position, task)) => (position, Ok(Box::new(task))),
                Err(message) => (None, Err(message)),
            };
            found.push((position, ParsedRow { number, task }));
        }
        // A position is a place among the tasks of one parent.
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        parsed.rows.extend(found.into_iter().map(|(_, row)| row));
    }
    Ok(parsed)
}

fn read(
    task: TaskJson,
    list: &Key,
    warnings: &mut Warnings<'_>,
) -> Result<(Option<String>, ParsedTask), String> {
    if task.deleted {
        return Err("It is deleted in Google Tasks.".to_owned());
    }
    let (title, notes) = lenient::text(&task.title, task.notes.as_deref().unwrap_or_default(), warnings)?;
    let mut scheduled = task.scheduled_time.into_iter();
    let scheduled = scheduled.find(|time| time.current).and_then(|time| time.start);
    let due = match task.due.or(scheduled) {
        None => None,
        Some(due) => Some(day(&due)?),
    };
    let state = match task.status.as_str() {
        "completed" => State::Done,
        _ => State::Open,
    };
    let instant = |time: Option<String>| time.and_then(|time| instant::parse(&time).ok());
    let (updated, created) = (instant(task.updated), instant(task.created));
    let completed = instant(task.completed)
        .or(updated)
        .filter(|_| state == State::Done);
    let parsed = ParsedTask {
        list: Some(list.clone()),
        parent: task.parent.filter(|parent| !parent.is_empty()).map(Key::Source),
        fields: TaskChange {
            title: Some(title),
            notes: Some(notes),
            due: Some(due),
            ..TaskChange::default()
        },
        state: Some((state, completed)),
        create_time: created.or(updated),
        update_time: updated,
        ..ParsedTask::new(Key::Source(task.id))
    };
    Ok((task.position, parsed))
}

/// The day of a time that means a day.
fn day(due: &str) -> Result<When, String> {
    let date = due.split(['T', 't']).next().unwrap_or_default();
    let date =
        instant::parse_date(date).map_err(|complaint| format!("Its due cannot be read. {complaint}"))?;
    Ok(When {
        date,
        time: None,
        zone: None,
    })
}
