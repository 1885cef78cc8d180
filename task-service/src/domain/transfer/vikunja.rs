//! Vikunja's export: a zip with `data.json`, or that file by itself. Its source is Vikunja's own code, `pkg/models/export.go`
//! at <https://github.com/go-vikunja/vikunja> (`ProjectWithTasksAndBuckets`): projects, each with its tasks and perhaps child
//! projects. A project becomes a list. Times are instants there, and so dates in UTC here; the year 1 means none.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use chrono::{Datelike as _, NaiveTime};
use serde::Deserialize;
use serde_json::value::RawValue;
use zip::ZipArchive;

use super::lenient::{self, Warnings};
use super::rows::{self, Rows};
use super::{
    Key, MOST_LISTS, MOST_ROWS, ParsedFile, ParsedList, ParsedRow, ParsedTask, TOO_MANY_LISTS, TOO_MANY_ROWS,
    instant, number,
};
use crate::domain::{Basis, Priority, State, TaskChange, When};

/// The most that is unzipped.
const UNZIPPED_LIMIT_BYTES: u64 = 64 * 1024 * 1024;
const DATA: &str = "data.json";

#[derive(Deserialize)]
struct ProjectJson<'a> {
    id: i64,
    #[serde(default)]
    title: String,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    updated: Option<String>,
    #[serde(borrow, default)]
    tasks: Rows<'a>,
    #[serde(borrow, default)]
    child_projects: Option<Vec<ProjectJson<'a>>>,
}

#[derive(Deserialize)]
struct TaskJson {
    id: i64,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    done_at: Option<String>,
    #[serde(default)]
    due_date: Option<String>,
    #[serde(default)]
    start_date: Option<String>,
    #[serde(default)]
    end_date: Option<String>,
    #[serde(default)]
    priority: i64,
    #[serde(default)]
    labels: Option<Vec<LabelJson>>,
    #[serde(default)]
    related_tasks: Option<HashMap<String, Option<Vec<RelatedJson>>>>,
    #[serde(default)]
    repeat_after: i64,
    #[serde(default)]
    repeat_mode: i64,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    updated: Option<String>,
    #[serde(default)]
    comments: Option<Vec<CommentJson>>,
}

#[derive(Deserialize)]
struct LabelJson {
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct RelatedJson {
    id: i64,
}

#[derive(Deserialize)]
struct CommentJson {
    #[serde(default)]
    comment: String,
}

/// Reads a file.
pub(super) fn parse(file: &[u8]) -> Result<ParsedFile, String> {
    match file.starts_with(b"PK\x03\x04") {
        true => parse_data(&unzip(file)?),
        false => parse_data(file),
    }
}

/// The data of an export, if there is no more of it than is bearable, whatever the zip says of its size.
fn unzip(file: &[u8]) -> Result<Vec<u8>, String> {
    const BROKEN: &str = "The zip cannot be read; download the export again.";
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|_| BROKEN)?;
    let data = archive
        .by_name(DATA)
        .map_err(|_| "The zip is not an export of Vikunja; it has no readable data.json.")?;
    let mut unzipped = Vec::new();
    data.take(UNZIPPED_LIMIT_BYTES + 1)
        .read_to_end(&mut unzipped)
        .map_err(|_| BROKEN)?;
    match u64::try_from(unzipped.len()) {
        Ok(0..=UNZIPPED_LIMIT_BYTES) => Ok(unzipped),
        _ => Err("The data.json in the zip is larger than 64 MiB; export fewer projects.".to_owned()),
    }
}

fn parse_data(file: &[u8]) -> Result<ParsedFile, String> {
    let mut projects: Vec<ProjectJson<'_>> = rows::file(file, "an export of Vikunja")?;
    projects.reverse();
    let mut parsed = ParsedFile::default();
    let mut parents = HashMap::new();
    while let Some(project) = projects.pop() {
        if parsed.lists.len() == MOST_LISTS {
            return Err(TOO_MANY_LISTS.to_owned());
        }
        let list = Key::Source(project.id.to_string());
        parsed.lists.push(ParsedList {
            key: list.clone(),
            title: lenient::list_title(&project.title, "Project")?,
            rank: None,
            create_time: point(project.created.as_deref()),
            update_time: point(project.updated.as_deref()),
        });
        for raw in project.tasks.0 {
            if parsed.rows.len() == MOST_ROWS {
                return Err(TOO_MANY_ROWS.to_owned());
            }
            let number = number(parsed.rows.len());
            let mut warnings = Warnings {
                row: number,
                all: &mut parsed.warnings,
            };
            let task = read(raw, &list, &mut parents, &mut warnings).map(Box::new);
            parsed.rows.push(ParsedRow { number, task });
        }
        projects.extend(project.child_projects.unwrap_or_default().into_iter().rev());
    }
    // A subtask may say nothing of it, and its parent all.
    for row in &mut parsed.rows {
        if let Ok(task) = &mut row.task
            && task.parent.is_none()
        {
            task.parent = parents.get(&task.key).cloned();
        }
    }
    Ok(parsed)
}

fn read(
    raw: &RawValue,
    list: &Key,
    parents: &mut HashMap<Key, Key>,
    warnings: &mut Warnings<'_>,
) -> Result<ParsedTask, String> {
    let task: TaskJson = rows::row(raw)?;
    let key = Key::Source(task.id.to_string());
    let mut notes = vec![task.description.unwrap_or_default().replace("<p></p>", "")];
    notes.extend(task.comments.into_iter().flatten().map(|comment| comment.comment));
    notes.retain(|note| !note.trim().is_empty());
    let (title, notes) = lenient::text(&task.title, &notes.join("\n\n"), warnings)?;
    let due = when(task.due_date.as_deref()).or_else(|| when(task.end_date.as_deref()));
    let rule = rule(task.repeat_after, task.repeat_mode);
    let recurrence = rule.and_then(|(rule, basis)| lenient::recurrence(&rule, basis, due.as_ref(), warnings));
    let labels: Vec<_> = task
        .labels
        .into_iter()
        .flatten()
        .map(|label| label.title)
        .collect();
    let mut parent = None;
    for (kind, related) in task.related_tasks.into_iter().flatten() {
        let mut related = related
            .into_iter()
            .flatten()
            .map(|task| Key::Source(task.id.to_string()));
        match kind.as_str() {
            "parenttask" => parent = related.min(),
            "subtask" => related.by_ref().for_each(|subtask| {
                parents.entry(subtask).or_insert_with(|| key.clone());
            }),
            _ => {}
        }
    }
    let state = if task.done { State::Done } else { State::Open };
    Ok(ParsedTask {
        list: Some(list.clone()),
        parent,
        fields: TaskChange {
            title: Some(title),
            notes: Some(notes),
            priority: Some(match task.priority {
                1 => Some(Priority::Low),
                2 => Some(Priority::Medium),
                3 => Some(Priority::High),
                4.. => Some(Priority::Urgent),
                _ => None,
            }),
            labels: Some(lenient::labels(labels.iter().map(String::as_str), warnings)),
            start: Some(when(task.start_date.as_deref())),
            due: Some(due),
            recurrence: Some(recurrence),
        },
        state: Some((state, point(task.done_at.as_deref()).filter(|_| task.done))),
        create_time: point(task.created.as_deref()),
        update_time: point(task.updated.as_deref()),
        ..ParsedTask::new(key)
    })
}

/// A time, of which the year 1 is none.
fn point(text: Option<&str>) -> Option<chrono::DateTime<chrono::Utc>> {
    text.and_then(|text| instant::parse(text).ok())
        .filter(|time| time.year() > 1)
}

fn when(text: Option<&str>) -> Option<When> {
    let time = point(text)?.naive_utc();
    let seconds = time.time().format("%H:%M:%S").to_string();
    Some(When {
        date: time.date(),
        time: Some(NaiveTime::parse_from_str(&seconds, "%H:%M:%S").ok()?),
        zone: Some("UTC".to_owned()),
    })
}

/// Seconds after which it comes again, and the mode: 0 from the due, 1 by the month, 2 from the completion.
fn rule(seconds: i64, mode: i64) -> Option<(String, Basis)> {
    const UNITS: [(i64, &str); 4] = [
        (604_800, "WEEKLY"),
        (86_400, "DAILY"),
        (3_600, "HOURLY"),
        (60, "MINUTELY"),
    ];
    let basis = if mode == 2 { Basis::Completion } else { Basis::Due };
    if mode == 1 {
        return Some(("FREQ=MONTHLY".to_owned(), basis));
    }
    if seconds <= 0 {
        return None;
    }
    let unit = UNITS.into_iter().find(|(length, _)| seconds % length == 0);
    let (length, unit) = unit.unwrap_or((1, "SECONDLY"));
    Some(match seconds / length {
        1 => (format!("FREQ={unit}"), basis),
        count => (format!("FREQ={unit};INTERVAL={count}"), basis),
    })
}
