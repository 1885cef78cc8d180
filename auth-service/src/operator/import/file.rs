//! Rows from CSV or JSON lines, read by a thread of its own and handed over in chunks. A row is bounded, so that a quote
//! that is never closed does not fill the memory.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::row::{At, Entry, FIELDS, Fault, Raw};
use super::{CHUNK, Chunk, Source};

const LONGEST_ROW_BYTES: u64 = 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Opens a file, or standard input for `-`. Rows before the line `from` are passed over.
pub(super) fn open(path: &str, from: u64) -> anyhow::Result<Source> {
    let (input, total): (Box<dyn Read + Send>, _) = match path {
        "-" => (Box::new(io::stdin()), None),
        path => {
            let file = File::open(path).with_context(|| format!("opening {path}"))?;
            let total = file.metadata().ok().filter(|about| about.is_file());
            (Box::new(file), total.map(|about| about.len()))
        }
    };
    let (sender, chunks) = mpsc::channel(2);
    // Not one of the runtime's: nobody must wait for it when it waits for standard input.
    std::thread::Builder::new()
        .name("import-reader".to_owned())
        .spawn(move || {
            let mut out = Out {
                sender,
                from,
                entries: Vec::new(),
                position: 0,
            };
            let done = read(input, &mut out).and_then(|()| out.hand_over());
            if let Err(Stop::Fault(error)) = done {
                // Nobody listens when the import has ended.
                let _ = out.sender.blocking_send(Err(error));
            }
        })?;
    Ok(Source { chunks, total })
}

/// Why reading ends early.
enum Stop {
    /// Nobody wants more.
    Enough,
    Fault(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

struct Out {
    sender: mpsc::Sender<anyhow::Result<Chunk>>,
    from: u64,
    entries: Vec<Entry>,
    position: u64,
}

impl Out {
    fn push(&mut self, line: u64, position: u64, raw: Result<Raw, Vec<Fault>>) -> Result<(), Stop> {
        if line < self.from {
            return Ok(());
        }
        self.position = position;
        self.entries.push(Entry {
            at: At::Line(line),
            raw,
        });
        if self.entries.len() < CHUNK {
            return Ok(());
        }
        self.hand_over()
    }

    fn hand_over(&mut self) -> Result<(), Stop> {
        let chunk = Chunk {
            entries: std::mem::take(&mut self.entries),
            position: self.position,
        };
        if chunk.entries.is_empty() {
            return Ok(());
        }
        self.sender.blocking_send(Ok(chunk)).map_err(|_| Stop::Enough)
    }
}

fn read(input: Box<dyn Read + Send>, out: &mut Out) -> Result<(), Stop> {
    let mut input = BufReader::new(input);
    if input.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
        input.consume(BYTE_ORDER_MARK.len());
    }
    let first = input.fill_buf()?.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        None => Err(anyhow::anyhow!("there is nothing in it").into()),
        Some(b'{') => read_json_lines(input, out),
        Some(b'[') => Err(anyhow::anyhow!(
            "this is one JSON array; write one object a line, as `jq -c '.[]'` does"
        )
        .into()),
        Some(_) => read_csv(input, out),
    }
}

fn read_json_lines(mut input: impl BufRead, out: &mut Out) -> Result<(), Stop> {
    let (mut text, mut line, mut position) = (Vec::new(), 0, 0);
    loop {
        text.clear();
        let bytes = (&mut input)
            .take(LONGEST_ROW_BYTES)
            .read_until(b'\n', &mut text)? as u64;
        if bytes == 0 {
            return Ok(());
        }
        (line, position) = (line + 1, position + bytes);
        if bytes == LONGEST_ROW_BYTES && text.last() != Some(&b'\n') {
            return Err(anyhow::anyhow!("line {line} is longer than 1 MiB").into());
        }
        if !text.trim_ascii().is_empty() {
            out.push(line, position, json_row(&text))?;
        }
    }
}

fn json_row(text: &[u8]) -> Result<Raw, Vec<Fault>> {
    let object: Map<String, Value> = serde_json::from_slice(text)
        .map_err(|_| vec![Fault::new("", "Not a JSON object; write one object a line.")])?;
    let (mut raw, mut faults) = (Raw::default(), Vec::new());
    for (field, value) in object {
        let Some(known) = FIELDS.into_iter().find(|known| *known == field) else {
            let reason = format!("A field is not known; known are {}.", FIELDS.join(", "));
            faults.push(Fault::new("", reason));
            continue;
        };
        match value {
            Value::Null => {}
            Value::Bool(value) => drop(raw.set(known, value.to_string())),
            Value::String(text) => drop(raw.set(known, text)),
            Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                faults.push(Fault::new(
                    known,
                    "Neither text nor true nor false; write one of them.",
                ));
            }
        }
    }
    if faults.is_empty() { Ok(raw) } else { Err(faults) }
}

fn read_csv(input: impl Read, out: &mut Out) -> Result<(), Stop> {
    let left = Rc::new(Cell::new(LONGEST_ROW_BYTES));
    let input = Bounded {
        input,
        left: Rc::clone(&left),
    };
    // With the default, which is also CR LF, a line is counted only when the next row is read.
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(input);
    let header = reader.headers().context("reading the header")?.clone();
    let columns = columns_of(&header)?;
    let mut record = csv::ByteRecord::new();
    loop {
        left.set(LONGEST_ROW_BYTES);
        let line = reader.position().line();
        let more = reader.read_byte_record(&mut record);
        if !more.with_context(|| format!("reading the row that begins about line {line}"))? {
            return Ok(());
        }
        if record.as_slice() == b"\r" {
            continue;
        }
        let line = record.position().map_or(line, csv::Position::line);
        out.push(line, reader.position().byte(), csv_row(&columns, &record))?;
    }
}

fn columns_of(header: &csv::StringRecord) -> anyhow::Result<Vec<&'static str>> {
    let mut columns = Vec::new();
    for name in header.iter().map(str::trim) {
        let Some(known) = FIELDS.into_iter().find(|known| *known == name) else {
            bail!(
                "the header has a column that is not known, number {}; known are {}. Rename it or take it out",
                columns.len() + 1,
                FIELDS.join(", ")
            );
        };
        ensure!(!columns.contains(&known), "the header has {known} twice");
        columns.push(known);
    }
    for needed in ["email", "password_hash"] {
        ensure!(
            columns.contains(&needed),
            "the header has no column {needed}; the first line names the columns"
        );
    }
    Ok(columns)
}

fn csv_row(columns: &[&'static str], record: &csv::ByteRecord) -> Result<Raw, Vec<Fault>> {
    if record.len() != columns.len() {
        let reason = format!("{} columns where the header has {}.", record.len(), columns.len());
        return Err(vec![Fault::new("", reason)]);
    }
    let (mut raw, mut faults) = (Raw::default(), Vec::new());
    for (at, (column, value)) in columns.iter().zip(record).enumerate() {
        let is_last = at + 1 == columns.len();
        let value = value.strip_suffix(b"\r").filter(|_| is_last).unwrap_or(value);
        match std::str::from_utf8(value) {
            Ok(text) => drop(raw.set(column, text.to_owned())),
            Err(_) => faults.push(Fault::new(column, "Not UTF-8; convert the file.")),
        }
    }
    if faults.is_empty() { Ok(raw) } else { Err(faults) }
}

/// Input that ends with an error when a row goes on for too long.
struct Bounded<R> {
    input: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other(
                "it is longer than 1 MiB; is a quote not closed?",
            ));
        }
        let bytes = self.input.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(bytes as u64));
        Ok(bytes)
    }
}
