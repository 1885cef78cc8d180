//! Todoist's CSV, as its templates and backups have it: <https://www.todoist.com/help/articles/format-a-csv-file-to-import-into-todoist-UVUXTmm6>.
//! A row is a task, a section or a note (a comment on the task above it); `INDENT` makes subtasks, `@name` in the content
//! is a label. Rows have no ids. A section becomes a list. A date in words is told and kept in the notes.

use ::csv::{ReaderBuilder, StringRecord};

use super::lenient::{self, Warnings};
use super::{
    Key, MOST_LISTS, MOST_ROWS, ParsedFile, ParsedList, ParsedRow, ParsedTask, Remark, TOO_MANY_LISTS,
    TOO_MANY_ROWS, instant, number,
};
use crate::domain::{Priority, TaskChange, When};

/// Reads a file.
pub(super) fn parse(file: &[u8]) -> Result<ParsedFile, String> {
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .from_reader(super::text(file)?.as_bytes());
    let header = reader
        .headers()
        .map_err(|_| "The file's first line cannot be read; it must name the columns.")?
        .clone();
    let column = |wanted: &str| {
        header
            .iter()
            .position(|name| name.trim().eq_ignore_ascii_case(wanted))
    };
    let (Some(kind), Some(content)) = (column("TYPE"), column("CONTENT")) else {
        return Err("The file is not Todoist's CSV; it has no columns TYPE and CONTENT.".to_owned());
    };
    let columns = Columns {
        kind,
        content,
        description: column("DESCRIPTION"),
        priority: column("PRIORITY"),
        indent: column("INDENT"),
        date: column("DATE"),
        zone: column("TIMEZONE"),
        deadline: column("DEADLINE"),
    };
    let mut project = Project::default();
    for (place, record) in reader.records().enumerate() {
        if place == MOST_ROWS {
            return Err(TOO_MANY_ROWS.to_owned());
        }
        let number = number(place);
        let record =
            record.map_err(|error| format!("The file cannot be read from row {number} on: {error}."))?;
        project.row(
            number,
            &Row {
                columns: &columns,
                record: &record,
            },
        )?;
    }
    project.finish_task();
    Ok(project.parsed)
}

struct Columns {
    kind: usize,
    content: usize,
    description: Option<usize>,
    priority: Option<usize>,
    indent: Option<usize>,
    date: Option<usize>,
    zone: Option<usize>,
    deadline: Option<usize>,
}

struct Row<'a> {
    columns: &'a Columns,
    record: &'a StringRecord,
}

impl Row<'_> {
    fn cell(&self, column: impl Into<Option<usize>>) -> &str {
        let cell = column.into().and_then(|place| self.record.get(place));
        cell.unwrap_or_default().trim()
    }
}

/// A project, row by row.
#[derive(Default)]
struct Project {
    parsed: ParsedFile,
    section: Option<Key>,
    /// The tasks that the next one can be below, with their indents.
    above: Vec<(u32, i32)>,
    /// The task that notes are about.
    task: Option<Draft>,
}

struct Draft {
    number: i32,
    title: String,
    notes: Vec<String>,
    task: ParsedTask,
}

impl Project {
    fn row(&mut self, number: i32, row: &Row<'_>) -> Result<(), String> {
        let content = row.cell(row.columns.content);
        match row.cell(row.columns.kind).to_ascii_lowercase().as_str() {
            "task" => {
                self.finish_task();
                self.task = Some(self.draft(number, row));
            }
            "section" => {
                self.finish_task();
                self.above.clear();
                let key = Key::Row(number);
                if self.parsed.lists.len() == MOST_LISTS {
                    return Err(TOO_MANY_LISTS.to_owned());
                }
                self.parsed.lists.push(ParsedList {
                    key: key.clone(),
                    title: lenient::list_title(content, "Section")?,
                    rank: None,
                    create_time: None,
                    update_time: None,
                });
                self.section = Some(key);
            }
            "note" => match &mut self.task {
                Some(task) => task.notes.push(content.to_owned()),
                None => self.tell(number, "A comment without a task was left out."),
            },
            // How the project is shown, and empty lines between.
            "meta" => {}
            "" if content.is_empty() => {}
            _ => {
                let message = "The TYPE is not known; it is task, section or note.".to_owned();
                self.parsed.rows.push(ParsedRow {
                    number,
                    task: Err(message),
                });
            }
        }
        Ok(())
    }

    fn tell(&mut self, number: i32, message: &str) {
        self.parsed.warnings.push(Remark::new(number, message));
    }

    fn draft(&mut self, number: i32, row: &Row<'_>) -> Draft {
        let indent = row.cell(row.columns.indent).parse().unwrap_or(1).max(1);
        self.above.retain(|(above, _)| *above < indent);
        let parent = self.above.last().map(|(_, number)| Key::Row(*number));
        self.above.push((indent, number));
        let mut warnings = Warnings {
            row: number,
            all: &mut self.parsed.warnings,
        };
        let (title, labels) = labels(row.cell(row.columns.content));
        let mut notes = vec![row.cell(row.columns.description).to_owned()];
        let mut date = |column| {
            let text = row.cell(column);
            let date = date(text, row.cell(row.columns.zone));
            if date.is_none() && !text.is_empty() {
                warnings.tell("Its date is in words, which cannot be read; it stands in the notes.");
                notes.push(format!("Date: {text}"));
            }
            date
        };
        let (date, deadline) = (date(row.columns.date), date(row.columns.deadline));
        // What Todoist calls the date is when one means to begin, once there is a deadline.
        let (start, due) = match deadline {
            Some(deadline) => (date, Some(deadline)),
            None => (None, date),
        };
        let fields = TaskChange {
            priority: Some(match row.cell(row.columns.priority) {
                "1" => Some(Priority::Urgent),
                "2" => Some(Priority::High),
                "3" => Some(Priority::Medium),
                _ => None,
            }),
            labels: Some(lenient::labels(labels, &mut warnings)),
            start: Some(start),
            due: Some(due),
            ..TaskChange::default()
        };
        Draft {
            number,
            title,
            notes,
            task: ParsedTask {
                list: self.section.clone(),
                parent,
                fields,
                ..ParsedTask::new(Key::Row(number))
            },
        }
    }

    fn finish_task(&mut self) {
        let Some(Draft {
            number,
            title,
            mut notes,
            mut task,
        }) = self.task.take()
        else {
            return;
        };
        let mut warnings = Warnings {
            row: number,
            all: &mut self.parsed.warnings,
        };
        notes.retain(|note| !note.is_empty());
        let task = lenient::text(&title, &notes.join("\n\n"), &mut warnings).map(|(title, notes)| {
            task.fields.title = Some(title);
            task.fields.notes = Some(notes);
            Box::new(task)
        });
        self.parsed.rows.push(ParsedRow {
            number,
            task: task.map_err(str::to_owned),
        });
    }
}

/// The content without its labels, and these.
fn labels(content: &str) -> (String, Vec<&str>) {
    let is_label = |word: &&str| word.strip_prefix('@').is_some_and(|name| !name.is_empty());
    let labels: Vec<_> = content.split_whitespace().filter(is_label).collect();
    let words: Vec<_> = content
        .split_whitespace()
        .filter(|word| !is_label(word))
        .collect();
    if labels.is_empty() || words.is_empty() {
        return (content.to_owned(), Vec::new());
    }
    let labels = labels.into_iter().filter_map(|word| word.strip_prefix('@'));
    (words.join(" "), labels.collect())
}

/// A date in figures, perhaps with a time, or with the month by its English name.
fn date(text: &str, zone: &str) -> Option<When> {
    const FORMATS: [&str; 4] = ["%Y-%m-%d", "%d %b %Y", "%b %d %Y", "%b %d, %Y"];
    let day = |text: &str| {
        let found = FORMATS
            .iter()
            .find_map(|format| chrono::NaiveDate::parse_from_str(text.trim(), format).ok());
        found.and_then(|date| instant::parse_date(&date.format("%Y-%m-%d").to_string()).ok())
    };
    if let Some(date) = day(text) {
        return Some(When {
            date,
            time: None,
            zone: None,
        });
    }
    let (date, time) = text.rsplit_once([' ', 'T'])?;
    let (time, is_utc) = match time.strip_suffix('Z') {
        Some(time) => (time, true),
        None => (time, false),
    };
    Some(When {
        date: day(date.trim_end_matches(" at"))?,
        time: Some(instant::parse_time(time).ok()?),
        zone: match is_utc {
            true => Some("UTC".to_owned()),
            false => When::zone(zone).ok(),
        },
    })
}
