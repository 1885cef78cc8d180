//! What other programs allow and we do not: it is fitted as far as nothing is lost, and what is lost is told.

use super::Remark;
use crate::domain::{Basis, Complaint, Label, Labels, ListTitle, Notes, Recurrence, Title, When};

const TITLE_CHARS: usize = 500;
const LIST_TITLE_CHARS: usize = 200;
const NOTES_BYTES: usize = 16 * 1024;

/// What is told of the rows that come in.
pub(super) struct Warnings<'a> {
    pub(super) row: i32,
    pub(super) all: &'a mut Vec<Remark>,
}

impl Warnings<'_> {
    pub(super) fn tell(&mut self, message: impl Into<String>) {
        self.all.push(Remark::new(self.row, message));
    }
}

/// A title of one line, and notes. A title that is too long stands whole in the notes; without one the notes' first line is
/// it.
pub(super) fn text(
    title: &str,
    notes: &str,
    warnings: &mut Warnings<'_>,
) -> Result<(Title, Notes), Complaint> {
    let mut notes = notes.replace('\0', "");
    let mut line = one_line(title);
    if line.is_empty() {
        line = one_line(
            notes
                .lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or_default(),
        );
    }
    if line.is_empty() {
        return Err("The task has no title; give it one there, or leave it out.");
    }
    if line.chars().count() > TITLE_CHARS {
        if !one_line(title).is_empty() {
            notes = format!("{line}\n\n{notes}");
        }
        line = shortened(&line, TITLE_CHARS);
    }
    if notes.len() > NOTES_BYTES {
        notes.truncate(notes.floor_char_boundary(NOTES_BYTES));
        warnings.tell("Its notes are longer than 16 KiB; what is behind was left out.");
    }
    Ok((Title::parse(&line)?, Notes::parse(notes)?))
}

/// The title of a list; without one, this one.
pub(super) fn list_title(title: &str, otherwise: &str) -> Result<ListTitle, Complaint> {
    let line = one_line(title);
    match line.is_empty() {
        true => ListTitle::parse(otherwise),
        false => ListTitle::parse(&shortened(&line, LIST_TITLE_CHARS)),
    }
}

/// Those of the labels that can be kept.
pub(super) fn labels<'a>(names: impl IntoIterator<Item = &'a str>, warnings: &mut Warnings<'_>) -> Labels {
    let mut kept = Vec::new();
    for name in names {
        match Label::parse(&one_line(name)) {
            Ok(label) if kept.contains(&label) => {}
            Ok(_) if kept.len() == Labels::MOST => {
                warnings.tell("It has over 50 labels; those behind were left out.");
                break;
            }
            Ok(label) => kept.push(label),
            Err(complaint) => warnings.tell(format!("A label was left out. {complaint}")),
        }
    }
    Labels::of(kept).unwrap_or_default()
}

/// A rule that can be kept: one that is understood, of a task with a due date.
pub(super) fn recurrence(
    rule: &str,
    basis: Basis,
    due: Option<&When>,
    warnings: &mut Warnings<'_>,
) -> Option<Recurrence> {
    if due.is_none() {
        warnings.tell("It recurs but has no date; its recurrence was left out.");
        return None;
    }
    match Recurrence::parse(rule, basis) {
        Ok(recurrence) => Some(recurrence),
        Err(complaint) => {
            warnings.tell(format!("Its recurrence was left out. {complaint}"));
            None
        }
    }
}

fn one_line(text: &str) -> String {
    let spaced = text.replace(char::is_control, " ");
    spaced.trim().to_owned()
}

fn shortened(text: &str, chars: usize) -> String {
    match text.chars().count() > chars {
        true => text.chars().take(chars - 1).chain(['\u{2026}']).collect(),
        false => text.to_owned(),
    }
}
