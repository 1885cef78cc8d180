//! iCalendar, RFC 5545 (VTODO, section 3.6.2) with the calendar names of RFC 7986 and `X-WR-CALNAME`. A calendar with a
//! name is a list. What a VTODO holds in parts of its own, alarms above all, is passed over.

use std::collections::HashMap;

use ::icalendar::parser::{ParseString, Property, unfold};
use chrono::{DateTime, NaiveDateTime, Utc};
use uuid::Uuid;

use super::lenient::{self, Warnings};
use super::{
    Key, MOST_LISTS, MOST_ROWS, ParsedFile, ParsedList, ParsedRow, ParsedTask, TOO_MANY_LISTS, TOO_MANY_ROWS,
    instant, number,
};
use crate::domain::{Basis, Priority, State, TaskChange, When};

/// The longest line, unfolded: notes of 16 KiB are shorter, however they are escaped.
const LINE_LIMIT_BYTES: usize = 128 * 1024;

/// Reads a file.
pub(super) fn parse(file: &[u8]) -> Result<ParsedFile, String> {
    let unfolded = unfold(super::text(file)?);
    let mut reader = Reader::default();
    for line in unfolded.lines() {
        reader.line(line.trim_end_matches('\r'))?;
    }
    if reader.calendars.is_empty() {
        return Err("The file is not iCalendar; it does not begin with BEGIN:VCALENDAR.".to_owned());
    }
    let mut parsed = ParsedFile::default();
    let mut lists = HashMap::new();
    for (place, todo) in reader.todos.into_iter().enumerate() {
        let number = number(place);
        let calendar = reader.calendars.get(todo.calendar).cloned().flatten();
        let mut warnings = Warnings {
            row: number,
            all: &mut parsed.warnings,
        };
        let task = read(
            number,
            &todo.lines,
            calendar,
            &mut parsed.lists,
            &mut lists,
            &mut warnings,
        );
        if parsed.lists.len() > MOST_LISTS {
            return Err(TOO_MANY_LISTS.to_owned());
        }
        let task = task.map(Box::new);
        parsed.rows.push(ParsedRow { number, task });
    }
    Ok(parsed)
}

/// Finds the to-dos. Components can be nested without end, so that nothing here nests with them.
#[derive(Default)]
struct Reader<'a> {
    /// The names of the calendars.
    calendars: Vec<Option<String>>,
    todos: Vec<Todo<'a>>,
    /// In a to-do.
    is_in_todo: bool,
    /// How many components are open in it, or in the calendar.
    inner: usize,
}

struct Todo<'a> {
    calendar: usize,
    lines: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str) -> Result<(), String> {
        if line.len() > LINE_LIMIT_BYTES {
            return Err("A line of the file is longer than 128 KiB.".to_owned());
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.trim();
        if name.eq_ignore_ascii_case("BEGIN") {
            self.begin(value)?;
        } else if name.eq_ignore_ascii_case("END") {
            self.end(value);
        } else if self.is_in_todo && self.inner == 0 {
            if let Some(todo) = self.todos.last_mut() {
                todo.lines.push(line);
            }
        } else if self.inner == 0
            && let Some(calendar) = self.calendars.last_mut()
        {
            let name = name.split(';').next().unwrap_or_default();
            if calendar.is_none()
                && ["X-WR-CALNAME", "NAME"]
                    .iter()
                    .any(|known| name.eq_ignore_ascii_case(known))
            {
                *calendar = Some(text(value));
            }
        }
        Ok(())
    }

    fn begin(&mut self, component: &str) -> Result<(), String> {
        if self.is_in_todo {
            self.inner += 1;
        } else if component.eq_ignore_ascii_case("VCALENDAR") {
            if self.calendars.len() == MOST_LISTS {
                return Err(TOO_MANY_LISTS.to_owned());
            }
            self.calendars.push(None);
            self.inner = 0;
        } else if component.eq_ignore_ascii_case("VTODO") && self.inner == 0 && !self.calendars.is_empty() {
            if self.todos.len() == MOST_ROWS {
                return Err(TOO_MANY_ROWS.to_owned());
            }
            self.is_in_todo = true;
            self.todos.push(Todo {
                calendar: self.calendars.len() - 1,
                lines: Vec::new(),
            });
        } else {
            self.inner += 1;
        }
        Ok(())
    }

    fn end(&mut self, component: &str) {
        if self.inner > 0 {
            self.inner -= 1;
        } else if component.eq_ignore_ascii_case("VTODO") {
            self.is_in_todo = false;
        }
    }
}

/// What a to-do says, before it is fitted.
#[derive(Default)]
struct Found {
    uid: Option<String>,
    summary: String,
    description: String,
    status: String,
    completed: Option<DateTime<Utc>>,
    created: Option<DateTime<Utc>>,
    modified: Option<DateTime<Utc>>,
    is_whole: bool,
    priority: Option<Priority>,
    categories: Vec<String>,
    start: Option<When>,
    due: Option<When>,
    rule: Option<String>,
    basis: Option<Basis>,
    occurrence: i32,
    parent: Option<String>,
    list_id: Option<String>,
    list: Option<String>,
}

fn read(
    number: i32,
    lines: &[&str],
    calendar: Option<String>,
    all: &mut Vec<ParsedList>,
    lists: &mut HashMap<Key, ()>,
    warnings: &mut Warnings<'_>,
) -> Result<ParsedTask, String> {
    let mut found = Found {
        occurrence: 1,
        ..Found::default()
    };
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        let named = upper_name(line);
        let Ok(property) = Property::try_from(named.as_str()) else {
            warnings.tell("A line of it cannot be read; it was left out.");
            continue;
        };
        found.take(&property, warnings)?;
    }
    let (title, notes) = lenient::text(&found.summary, &found.description, warnings)?;
    if found.rule.is_some() && found.due.is_none() {
        found.due = found.start.take();
    }
    let rule = found.rule.as_deref();
    let basis = found.basis.unwrap_or(Basis::Due);
    let fields = TaskChange {
        title: Some(title),
        notes: Some(notes),
        priority: Some(found.priority),
        labels: Some(lenient::labels(
            found.categories.iter().map(String::as_str),
            warnings,
        )),
        recurrence: Some(
            rule.and_then(|rule| lenient::recurrence(rule, basis, found.due.as_ref(), warnings)),
        ),
        start: Some(found.start),
        due: Some(found.due),
    };
    let state = match found.status.to_ascii_uppercase().as_str() {
        "COMPLETED" => State::Done,
        "CANCELLED" => State::Cancelled,
        "" if found.completed.is_some() || found.is_whole => State::Done,
        _ => State::Open,
    };
    let list = match (found.list_id.as_deref().and_then(own), found.list, calendar) {
        (Some(id), Some(title), _) => Some((Key::Own(id), title)),
        (_, _, Some(name)) => Some((Key::Source(format!("calendar {name}")), name)),
        _ => None,
    };
    let list = list.and_then(|(key, title)| {
        if !lists.contains_key(&key) {
            let title = lenient::list_title(&title, "Tasks").ok()?;
            lists.insert(key.clone(), ());
            all.push(ParsedList {
                key: key.clone(),
                title,
                rank: None,
                create_time: None,
                update_time: None,
            });
        }
        Some(key)
    });
    Ok(ParsedTask {
        list,
        parent: found.parent.map(|uid| key_of(&uid)),
        fields,
        state: Some((state, found.completed.filter(|_| state == State::Done))),
        occurrence_number: found.occurrence,
        create_time: found.created,
        update_time: found.modified,
        ..ParsedTask::new(found.uid.map_or(Key::Row(number), |uid| key_of(&uid)))
    })
}

impl Found {
    fn take(&mut self, property: &Property<'_>, warnings: &mut Warnings<'_>) -> Result<(), String> {
        let value = property.val.as_str();
        match property.name.as_str() {
            "UID" => self.uid = Some(value.trim().to_owned()).filter(|uid| !uid.is_empty()),
            "SUMMARY" => self.summary = value.to_owned(),
            "DESCRIPTION" => self.description = value.to_owned(),
            "STATUS" => self.status = value.trim().to_owned(),
            "COMPLETED" => self.completed = utc(value),
            "CREATED" => self.created = utc(value),
            "LAST-MODIFIED" => self.modified = utc(value),
            "PERCENT-COMPLETE" => self.is_whole = value.trim() == "100",
            // Section 3.8.1.9: 1 to 4 is high, 5 is medium, 6 to 9 is low.
            "PRIORITY" => {
                self.priority = match value.trim().parse() {
                    Ok(1) => Some(Priority::Urgent),
                    Ok(2..=4) => Some(Priority::High),
                    Ok(5) => Some(Priority::Medium),
                    Ok(6..=9) => Some(Priority::Low),
                    _ => None,
                }
            }
            "CATEGORIES" => self.categories.extend(split(value).iter().map(|name| text(name))),
            "DTSTART" => self.start = when(property, warnings)?,
            "DUE" => self.due = when(property, warnings)?,
            "DURATION" => warnings.tell("It has a duration and no due date; the duration was left out."),
            "RRULE" if self.rule.is_none() => self.rule = Some(value.trim().to_owned()),
            "RRULE" | "RDATE" | "EXDATE" | "EXRULE" => {
                warnings.tell("It recurs by more than one rule; only the first one was kept.");
            }
            "RECURRENCE-ID" => {
                return Err("It is an exception to a recurring task, which cannot be kept.".to_owned());
            }
            "RELATED-TO" => {
                let kind = parameter(property, "RELTYPE").unwrap_or("PARENT");
                if kind.eq_ignore_ascii_case("PARENT") {
                    self.parent = Some(value.trim().to_owned());
                }
            }
            "X-TANDEM-LIST-ID" => self.list_id = Some(value.trim().to_owned()),
            "X-TANDEM-LIST" => self.list = Some(value.to_owned()),
            "X-TANDEM-OCCURRENCE" => self.occurrence = value.trim().parse().unwrap_or(1).max(1),
            "X-TANDEM-BASIS" => {
                self.basis = Some(value.trim())
                    .filter(|basis| *basis == "COMPLETION")
                    .map(|_| Basis::Completion);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Names of properties are read in any case, and the parser knows them in capitals.
fn upper_name(line: &str) -> String {
    let end = line.find([':', ';']).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    name.to_ascii_uppercase() + rest
}

fn parameter<'a>(property: &'a Property<'_>, name: &str) -> Option<&'a str> {
    let mut parameters = property.params.iter();
    let found = parameters.find(|parameter| parameter.key.as_str().eq_ignore_ascii_case(name))?;
    Some(found.val.as_ref()?.as_str().trim_matches('"'))
}

/// TEXT (section 3.3.11).
fn text(escaped: &str) -> String {
    ParseString::from(escaped).unescape_text().as_str().to_owned()
}

/// The parts between commas that are not escaped.
fn split(value: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut escaped) = (Vec::new(), 0, false);
    for (place, character) in value.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(&value[begin..place]);
                begin = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&value[begin..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// DATE, or DATE-TIME in its three forms: floating, UTC, and with a zone (sections 3.3.4 and 3.3.5).
fn when(property: &Property<'_>, warnings: &mut Warnings<'_>) -> Result<Option<When>, String> {
    const NO_DATE: &str =
        "A date of it cannot be read; it is written 20261201, 20261201T090000 or 20261201T090000Z.";
    let value = property.val.as_str().trim();
    let (value, is_utc) = match value.strip_suffix(['Z', 'z']) {
        Some(value) => (value, true),
        None => (value, false),
    };
    if !value.is_ascii() {
        return Err(NO_DATE.to_owned());
    }
    let (date, time) = value.split_once(['T', 't']).unwrap_or((value, ""));
    if date.len() != 8 || !matches!(time.len(), 0 | 6) {
        return Err(NO_DATE.to_owned());
    }
    let date = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    let time = match time {
        "" => String::new(),
        // A leap second is none here.
        time => format!("{}:{}:{}", &time[..2], &time[2..4], time[4..].replace("60", "59")),
    };
    let zone = match parameter(property, "TZID") {
        _ if time.is_empty() => String::new(),
        _ if is_utc => "UTC".to_owned(),
        None => String::new(),
        Some(name) => zone(name).unwrap_or_else(|| {
            warnings.tell("The zone of a date is not known; the date was kept as written, without a zone.");
            String::new()
        }),
    };
    instant::parse_when(&date, &time, &zone)
        .map_err(|complaint| format!("A date of it cannot be read. {complaint}"))
}

/// An IANA name, also behind what some programs put before it, as in `/example.org/20070129_1/Europe/Zurich`.
fn zone(name: &str) -> Option<String> {
    let name = name.trim().trim_start_matches('/');
    let starts = std::iter::once(0).chain(name.match_indices('/').map(|(place, _)| place + 1));
    starts.take(8).find_map(|start| When::zone(&name[start..]).ok())
}

/// A DATE-TIME in UTC.
fn utc(value: &str) -> Option<DateTime<Utc>> {
    let time =
        NaiveDateTime::parse_from_str(value.trim().trim_end_matches(['Z', 'z']), "%Y%m%dT%H%M%S").ok()?;
    instant::checked(time.and_utc()).ok()
}

fn own(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
}

fn key_of(uid: &str) -> Key {
    own(uid).map_or_else(|| Key::Source(uid.to_owned()), Key::Own)
}
