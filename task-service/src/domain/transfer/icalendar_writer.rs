//! Writes iCalendar (RFC 5545): one calendar, a VTODO per task. Lists go along under names of our own (`X-TANDEM-...`), and
//! zones by their IANA name without a VTIMEZONE, as RFC 7809 has it.

use chrono::{DateTime, Utc};

use super::Writer;
use crate::domain::{Basis, Completion, List, Priority, State, Task, When};

/// The most bytes of a line without its end (section 3.1).
const LINE_BYTES: usize = 75;

/// Writes a file.
pub(super) struct IcalendarWriter;

impl Writer for IcalendarWriter {
    fn begin(&mut self, out: &mut Vec<u8>) {
        line(out, "BEGIN", "VCALENDAR");
        line(out, "VERSION", "2.0");
        line(out, "PRODID", "-//Tandem//Tasks 1//EN");
    }

    fn task(&mut self, out: &mut Vec<u8>, task: &Task, _: &[Completion], list: Option<&List>) {
        line(out, "BEGIN", "VTODO");
        line(out, "UID", &task.id.0.to_string());
        line(out, "DTSTAMP", &utc(task.update_time));
        line(out, "CREATED", &utc(task.create_time));
        line(out, "LAST-MODIFIED", &utc(task.update_time));
        line(out, "SUMMARY", &text(task.title.as_str()));
        if !task.notes.as_str().is_empty() {
            line(out, "DESCRIPTION", &text(task.notes.as_str()));
        }
        line(
            out,
            "STATUS",
            match task.state {
                State::Open => "NEEDS-ACTION",
                State::Done => "COMPLETED",
                State::Cancelled => "CANCELLED",
            },
        );
        if let Some(time) = task.complete_time {
            line(out, "COMPLETED", &utc(time));
        }
        if let Some(priority) = task.priority {
            line(
                out,
                "PRIORITY",
                match priority {
                    Priority::Urgent => "1",
                    Priority::High => "3",
                    Priority::Medium => "5",
                    Priority::Low => "7",
                },
            );
        }
        if !task.labels.is_empty() {
            let names: Vec<_> = task.labels.names().iter().map(|name| text(name)).collect();
            line(out, "CATEGORIES", &names.join(","));
        }
        when(out, "DTSTART", task.start.as_ref());
        when(out, "DUE", task.due.as_ref());
        if let Some(recurrence) = &task.recurrence {
            line(out, "RRULE", recurrence.rrule());
            if recurrence.basis() == Basis::Completion {
                line(out, "X-TANDEM-BASIS", "COMPLETION");
            }
            if task.occurrence_number > 1 {
                line(out, "X-TANDEM-OCCURRENCE", &task.occurrence_number.to_string());
            }
        }
        if let Some(parent) = task.parent_id {
            line(out, "RELATED-TO", &parent.0.to_string());
        }
        if let Some(list) = list {
            line(out, "X-TANDEM-LIST-ID", &list.id.0.to_string());
            line(out, "X-TANDEM-LIST", &text(list.title.as_str()));
        }
        line(out, "END", "VTODO");
    }

    fn end(&mut self, out: &mut Vec<u8>, _: &[&List]) {
        line(out, "END", "VCALENDAR");
    }
}

fn when(out: &mut Vec<u8>, name: &str, when: Option<&When>) {
    let Some(when) = when else {
        return;
    };
    let date = when.date.format("%Y%m%d");
    match (when.time, when.zone.as_deref()) {
        (None, _) => line(out, &format!("{name};VALUE=DATE"), &date.to_string()),
        (Some(time), zone) => {
            let time = format!("{date}T{}", time.format("%H%M%S"));
            match zone {
                None => line(out, name, &time),
                Some("UTC") => line(out, name, &(time + "Z")),
                Some(zone) => line(out, &format!("{name};TZID={zone}"), &time),
            }
        }
    }
}

fn utc(time: DateTime<Utc>) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

/// TEXT (section 3.3.11). Control characters cannot be written, but for line breaks and tabs.
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' | '\r' => escaped.push_str("\\n"),
            '\t' => escaped.push('\t'),
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// A line, folded.
fn line(out: &mut Vec<u8>, name: &str, value: &str) {
    let line = format!("{name}:{value}");
    let mut rest = line.as_str();
    let mut room = LINE_BYTES;
    while rest.len() > room {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(room));
        out.extend_from_slice(piece.as_bytes());
        out.extend_from_slice(b"\r\n ");
        rest = behind;
        // The space that begins the line counts.
        room = LINE_BYTES - 1;
    }
    out.extend_from_slice(rest.as_bytes());
    out.extend_from_slice(b"\r\n");
}
