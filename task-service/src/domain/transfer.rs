//! Tasks as files: each format is read to the same [`ParsedFile`] and, where it is written too, made of the same tasks.
//!
//! Everything here is pure and linear in the file's size, and what a file holds is never trusted: rows, lists, nesting and
//! unzipped bytes are bounded. A fault of the whole file is a sentence; a fault of a row leaves out that row alone.

mod arrange;
mod cells;
mod csv;
mod decide;
mod google;
mod icalendar;
mod icalendar_writer;
mod instant;
mod json;
mod lenient;
mod rows;
mod todoist;
mod vikunja;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Completion, List, Rank, State, Task, TaskChange};

pub use arrange::{Arranged, Identity, Kind, PlacedList, PlacedRow, arrange};
pub use decide::{Decision, Place, decide};

/// The largest file that is read.
pub const FILE_LIMIT_BYTES: usize = 16 * 1024 * 1024;
/// The most rows of a file.
const MOST_ROWS: usize = 100_000;
/// The most lists of a file.
const MOST_LISTS: usize = 10_000;

const TOO_MANY_ROWS: &str = "The file has over 100,000 rows; split it.";
const TOO_MANY_LISTS: &str = "The file has over 10,000 lists; split it.";

/// A file format. The numbers are those of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Our own, with nothing left out.
    Json = 1,
    /// RFC 4180.
    Csv = 2,
    /// RFC 5545.
    Icalendar = 3,
    /// Todoist's.
    TodoistCsv = 4,
    /// Google Tasks of a Takeout.
    GoogleTasks = 5,
    /// An export of Vikunja, zipped or not.
    Vikunja = 6,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Json,
        Self::Csv,
        Self::Icalendar,
        Self::TodoistCsv,
        Self::GoogleTasks,
        Self::Vikunja,
    ];

    /// From the number in the contract.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|format| *format as i32 == number)
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// A sentence that says why nothing of it can be read.
    pub fn parse(self, file: &[u8]) -> Result<ParsedFile, String> {
        match self {
            Self::Json => json::parse(file),
            Self::Csv => csv::parse(file),
            Self::Icalendar => icalendar::parse(file),
            Self::TodoistCsv => todoist::parse(file),
            Self::GoogleTasks => google::parse(file),
            Self::Vikunja => vikunja::parse(file),
        }
    }

    /// Begins to write a file; `None` for formats that are only read.
    pub fn writer(self) -> Option<Box<dyn Writer>> {
        match self {
            Self::Json => Some(Box::new(json::JsonWriter::default())),
            Self::Csv => Some(Box::new(csv::CsvWriter)),
            Self::Icalendar => Some(Box::new(icalendar_writer::IcalendarWriter)),
            Self::TodoistCsv | Self::GoogleTasks | Self::Vikunja => None,
        }
    }
}

/// Writes tasks as a file, piece by piece. The pieces one behind the other are the file.
pub trait Writer: Send {
    /// What stands before the first task.
    fn begin(&mut self, out: &mut Vec<u8>);
    /// A task, what was done of it, and the list it is in.
    fn task(&mut self, out: &mut Vec<u8>, task: &Task, completions: &[Completion], list: Option<&List>);
    /// What stands behind the last task: the lists that are part of the file.
    fn end(&mut self, out: &mut Vec<u8>, lists: &[&List]);
    /// Whether completions and empty lists are part of the file.
    fn is_lossless(&self) -> bool {
        false
    }
}

/// How a file calls something.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// By an id of ours, which it keeps.
    Own(Uuid),
    /// By a name that the program keeps which the file comes from.
    Source(String),
    /// Not at all: the number of its row is all there is.
    Row(i32),
}

/// What was read of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParsedFile {
    /// Its lists, each key once.
    pub lists: Vec<ParsedList>,
    /// Its rows in the order that their tasks shall have.
    pub rows: Vec<ParsedRow>,
    /// What could not be kept of rows that can be read.
    pub warnings: Vec<Remark>,
}

/// A list of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedList {
    /// How the file calls it.
    pub key: Key,
    /// What it is called, or what is wrong with that.
    pub title: super::ListTitle,
    /// Its place, if the file knows.
    pub rank: Option<Rank>,
    /// When it was made, if the file knows.
    pub create_time: Option<DateTime<Utc>>,
    /// When it last changed, if the file knows.
    pub update_time: Option<DateTime<Utc>>,
}

/// A row that stands for a task.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedRow {
    /// From 1.
    pub number: i32,
    /// The task, or what is wrong and what to do.
    pub task: Result<Box<ParsedTask>, String>,
}

/// A task of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedTask {
    /// How the file calls it.
    pub key: Key,
    /// The list that the file puts it in.
    pub list: Option<Key>,
    /// The task that it is a part of.
    pub parent: Option<Key>,
    /// What the file says of it. A field that the format does not have is `None` and stays as it is.
    pub fields: TaskChange,
    /// Where it stands, and when it was done if the file knows.
    pub state: Option<(State, Option<DateTime<Utc>>)>,
    /// Which occurrence the due is, from 1.
    pub occurrence_number: i32,
    /// Its place, if the file knows.
    pub rank: Option<Rank>,
    /// When it was made, if the file knows.
    pub create_time: Option<DateTime<Utc>>,
    /// When it last changed, if the file knows.
    pub update_time: Option<DateTime<Utc>>,
    /// What was done of it; the task's id is not known yet.
    pub completions: Vec<Completion>,
}

impl ParsedTask {
    /// A task of which nothing is said.
    fn new(key: Key) -> Self {
        Self {
            key,
            list: None,
            parent: None,
            fields: TaskChange::default(),
            state: None,
            occurrence_number: 1,
            rank: None,
            create_time: None,
            update_time: None,
            completions: Vec::new(),
        }
    }
}

/// What there is to say about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Its number, from 1.
    pub row: i32,
    /// What is wrong and what to do.
    pub message: String,
}

impl Remark {
    fn new(row: i32, message: impl Into<String>) -> Self {
        Self {
            row,
            message: message.into(),
        }
    }
}

/// The number of a row from its place, which is bounded.
fn number(place: usize) -> i32 {
    i32::try_from(place + 1).unwrap_or(i32::MAX)
}

/// The file as text. A byte order mark means nothing.
fn text(file: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(file).map_err(|_| "The file is not UTF-8 text; save it as UTF-8.")?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
