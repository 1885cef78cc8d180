//! Comma-separated values (RFC 4180) with a header, one row per task. Columns may stand in any order, and only `title` is
//! needed; a column that is not known is a fault, so that a misspelt one is no silent loss. See `cells` for formulas.
//! Separated by semicolons, as spreadsheets of some countries do, it is read too.

use std::collections::HashMap;

use ::csv::{ByteRecord, QuoteStyle, ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use uuid::Uuid;

use super::json::{basis_name, parse_basis, parse_labels, parse_priority, parse_state};
use super::{
    Key, MOST_LISTS, MOST_ROWS, ParsedFile, ParsedList, ParsedRow, ParsedTask, Remark, TOO_MANY_LISTS,
    TOO_MANY_ROWS, Writer, cells, instant, number,
};
use crate::domain::{Completion, List, ListTitle, Notes, Priority, Recurrence, Task, TaskChange, Title};

const COLUMNS: [&str; 20] = [
    "id",
    "list_id",
    "list",
    "parent_id",
    "title",
    "notes",
    "state",
    "priority",
    "labels",
    "start_date",
    "start_time",
    "start_time_zone",
    "due_date",
    "due_time",
    "due_time_zone",
    "rrule",
    "recurrence_basis",
    "create_time",
    "update_time",
    "complete_time",
];

/// Reads a file.
pub(super) fn parse(file: &[u8]) -> Result<ParsedFile, String> {
    let text = super::text(file)?;
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|_| "The file's first line cannot be read; it must name the columns.")?;
    let columns = Columns::of(header)?;
    let mut parsed = ParsedFile::default();
    let mut lists = HashMap::new();
    for (place, record) in reader.records().enumerate() {
        if place == MOST_ROWS {
            return Err(TOO_MANY_ROWS.to_owned());
        }
        let number = number(place);
        let task = match record {
            Ok(record) if record.iter().all(|cell| cell.trim().is_empty()) => continue,
            Ok(record) if record.len() != columns.count => Err(
                "The row has more or fewer cells than the first line; quote cells that have commas."
                    .to_owned(),
            ),
            Ok(record) => {
                let row = Row {
                    columns: &columns,
                    record: &record,
                };
                let list = row.list(&mut parsed, &mut lists, number)?;
                row.task(number, list)
            }
            Err(error) => return Err(format!("The file cannot be read from row {number} on: {error}.")),
        };
        let task = task.map(Box::new);
        parsed.rows.push(ParsedRow { number, task });
    }
    Ok(parsed)
}

/// What stands between cells: the first of the two that the header has outside of quotes.
fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    for byte in text.bytes().take_while(|byte| *byte != b'\n') {
        match byte {
            b'"' => quoted = !quoted,
            b',' | b';' if !quoted => return byte,
            _ => {}
        }
    }
    b','
}

/// Where each column stands.
struct Columns {
    places: HashMap<&'static str, usize>,
    count: usize,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, String> {
        let mut places = HashMap::new();
        for (place, name) in header.iter().enumerate() {
            let name = name.trim().to_ascii_lowercase();
            let Some(known) = COLUMNS.into_iter().find(|known| *known == name) else {
                let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
                return Err(format!(
                    "The column \"{shown}\" is not known; the columns are {}.",
                    COLUMNS.join(", ")
                ));
            };
            if places.insert(known, place).is_some() {
                return Err(format!("The column {known} is there twice; keep one."));
            }
        }
        if !places.contains_key("title") {
            return Err("There is no column title; the first line must name the columns.".to_owned());
        }
        Ok(Self {
            places,
            count: header.len(),
        })
    }
}

struct Row<'a> {
    columns: &'a Columns,
    record: &'a StringRecord,
}

impl Row<'_> {
    /// What a column holds; `None` when the file does not have it.
    fn cell(&self, column: &str) -> Option<&str> {
        let place = self.columns.places.get(column)?;
        self.record.get(*place).map(cells::read)
    }

    fn text(&self, column: &str) -> &str {
        self.cell(column).unwrap_or_default()
    }

    /// The list that the row names, known to the file from then on.
    fn list(
        &self,
        parsed: &mut ParsedFile,
        lists: &mut HashMap<Key, ()>,
        number: i32,
    ) -> Result<Option<Key>, String> {
        let (id, title) = (self.text("list_id").trim(), self.text("list").trim());
        let key = match (id, title) {
            ("", "") => return Ok(None),
            ("", title) => Key::Source(title.to_owned()),
            (id, _) => key_of(id),
        };
        if lists.contains_key(&key) {
            return Ok(Some(key));
        }
        match ListTitle::parse(title) {
            Ok(title) => {
                if lists.len() == MOST_LISTS {
                    return Err(TOO_MANY_LISTS.to_owned());
                }
                lists.insert(key.clone(), ());
                parsed.lists.push(ParsedList {
                    key: key.clone(),
                    title,
                    rank: None,
                    create_time: None,
                    update_time: None,
                });
            }
            // An id without a title can still be that of a list that is there.
            Err(_) if title.is_empty() => {}
            Err(complaint) => {
                let message = format!("Its list cannot be made. {complaint}");
                parsed.warnings.push(Remark::new(number, message));
            }
        }
        Ok(Some(key))
    }

    fn task(&self, number: i32, list: Option<Key>) -> Result<ParsedTask, String> {
        let has = |columns: &[&str]| columns.iter().any(|column| self.cell(column).is_some());
        let optional = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let mut fields = TaskChange {
            title: Some(Title::parse(self.text("title"))?),
            ..TaskChange::default()
        };
        if let Some(notes) = self.cell("notes") {
            fields.notes = Some(Notes::parse(notes.to_owned())?);
        }
        if let Some(priority) = self.cell("priority") {
            fields.priority = Some(parse_priority(&priority.trim().to_ascii_uppercase())?);
        }
        if let Some(labels) = self.cell("labels") {
            fields.labels = Some(parse_labels(&cells::read_names(labels))?);
        }
        if has(&["start_date", "start_time", "start_time_zone"]) {
            fields.start = Some(self.when("start_date", "start_time", "start_time_zone")?);
        }
        if has(&["due_date", "due_time", "due_time_zone"]) {
            fields.due = Some(self.when("due_date", "due_time", "due_time_zone")?);
        }
        if let Some(rule) = self.cell("rrule") {
            let basis = parse_basis(&self.text("recurrence_basis").trim().to_ascii_uppercase())?;
            fields.recurrence = Some(match rule.trim() {
                "" => None,
                rule => Some(Recurrence::parse(rule, basis)?),
            });
        }
        let instant = |column| {
            optional(self.text(column).trim())
                .map(|text| instant::parse(&text))
                .transpose()
        };
        let complete_time = instant("complete_time")?;
        let state = self
            .cell("state")
            .map(|state| parse_state(&state.trim().to_ascii_uppercase()));
        Ok(ParsedTask {
            list,
            parent: optional(self.text("parent_id").trim()).map(|id| key_of(&id)),
            fields,
            state: state.transpose()?.map(|state| (state, complete_time)),
            create_time: instant("create_time")?,
            update_time: instant("update_time")?,
            ..ParsedTask::new(match self.text("id").trim() {
                "" => Key::Row(number),
                id => key_of(id),
            })
        })
    }

    fn when(&self, date: &str, time: &str, zone: &str) -> Result<Option<crate::domain::When>, &'static str> {
        instant::parse_when(self.text(date), self.text(time), self.text(zone))
    }
}

/// An id of ours, or a name that somebody else gave.
fn key_of(id: &str) -> Key {
    match id.len() {
        36 => Uuid::try_parse(id).map_or_else(|_| Key::Source(id.to_owned()), Key::Own),
        _ => Key::Source(id.to_owned()),
    }
}

/// Writes a file.
pub(super) struct CsvWriter;

impl Writer for CsvWriter {
    fn begin(&mut self, out: &mut Vec<u8>) {
        write(out, COLUMNS.map(str::to_owned));
    }

    fn task(&mut self, out: &mut Vec<u8>, task: &Task, _: &[Completion], list: Option<&List>) {
        let [start_date, start_time, start_zone] = instant::write_when(task.start.as_ref());
        let [due_date, due_time, due_zone] = instant::write_when(task.due.as_ref());
        let recurrence = task.recurrence.as_ref();
        let row = [
            task.id.0.to_string(),
            task.list_id.map(|id| id.0.to_string()).unwrap_or_default(),
            list.map(|list| list.title.as_str().to_owned())
                .unwrap_or_default(),
            task.parent_id.map(|id| id.0.to_string()).unwrap_or_default(),
            task.title.as_str().to_owned(),
            task.notes.as_str().to_owned(),
            task.state.name().to_owned(),
            task.priority.map(Priority::name).unwrap_or_default().to_owned(),
            cells::write_names(&task.labels.names()),
            start_date,
            start_time,
            start_zone,
            due_date,
            due_time,
            due_zone,
            recurrence.map(|rule| rule.rrule().to_owned()).unwrap_or_default(),
            recurrence
                .map(|rule| basis_name(rule.basis()).to_owned())
                .unwrap_or_default(),
            instant::write(task.create_time),
            instant::write(task.update_time),
            task.complete_time.map(instant::write).unwrap_or_default(),
        ];
        write(out, row.map(|value| cells::write(&value)));
    }

    fn end(&mut self, _: &mut Vec<u8>, _: &[&List]) {}
}

fn write(out: &mut Vec<u8>, row: [String; COLUMNS.len()]) {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(out);
    let record: ByteRecord = row.iter().map(String::as_bytes).collect();
    writer
        .write_byte_record(&record)
        .and_then(|()| Ok(writer.flush()?))
        .expect("memory takes everything");
}
