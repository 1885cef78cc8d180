//! What a file makes of what there is: rows that name a task change it, the others are new ones, each as near to its parent
//! and its list as can be.

use std::collections::HashMap;

use proto::tasks::v1 as pb;
use proto::tasks::v1::task::State;

use super::super::call::{Imported, Reply};
use super::super::import::Import;
use super::events::timestamp;
use super::form::{labels, recurrence, title};
use super::tasks::LEVELS;
use super::{Answer, DELETED, Held, Memory};

/// A row of a file that can be read.
struct Row<'a> {
    number: i32,
    id: &'a str,
    task: &'a pb::Task,
    /// The task that it shall be a part of.
    parent: &'a str,
}

impl Memory {
    pub(super) fn import_tasks(&mut self, import: &Import) -> Answer<Reply> {
        if !import.list_id.is_empty() && self.list(&import.list_id)?.deletion.is_some() {
            return Err(DELETED);
        }
        let mut after = self.clone();
        let mut imported = Imported::default();
        for list in &import.lists {
            imported.created += i32::from(after.import_list(list));
        }
        for row in rows(import, &mut imported) {
            after.import_row(import, &row, &mut imported);
        }
        imported.left_out.sort_unstable();
        imported.warned.sort_unstable();
        if !import.dry_run {
            *self = after;
        }
        Ok(Reply::Imported(imported))
    }

    fn import_row(&mut self, import: &Import, row: &Row<'_>, imported: &mut Imported) {
        let needs_due = row.task.recurrence.is_some() && row.task.due.is_none();
        match self.task(row.id).ok().cloned() {
            Some(known) if known.deletion.is_some() => imported.left_out.push(row.number),
            _ if needs_due => imported.left_out.push(row.number),
            Some(known) => {
                let after = self.imported_over(import, row, known.clone());
                if after.task == known.task {
                    imported.skipped += 1;
                } else {
                    self.change(row.id, |held| *held = after);
                    imported.updated += 1;
                }
            }
            None => {
                let (list_id, parent_id, is_near) = self.home(import, row);
                if !is_near {
                    imported.warned.push(row.number);
                }
                self.import_new(row, list_id, parent_id);
                imported.created += 1;
            }
        }
    }

    /// A task that is there keeps its list, its parent and what the format does not have.
    fn imported_over(&self, import: &Import, row: &Row<'_>, mut held: Held) -> Held {
        let (before, task) = (held.task.recurrence.clone(), &mut held.task);
        task.title = title(&row.task.title);
        task.priority = row.task.priority;
        task.labels = labels(&row.task.labels);
        if import.format == pb::Format::Json {
            task.notes.clone_from(&row.task.notes);
            task.start.clone_from(&row.task.start);
            task.due.clone_from(&row.task.due);
            task.recurrence = row.task.recurrence.clone().map(recurrence);
        }
        if task.state != row.task.state {
            self.stand(task, row.task.state());
        }
        if task.recurrence != before {
            held.occurrence = 1;
        }
        held
    }

    fn import_new(&mut self, row: &Row<'_>, list_id: String, parent_id: String) {
        let id = match row.id {
            "" => self.chosen(),
            id => id.to_owned(),
        };
        let mut task = pb::Task {
            id: id.clone(),
            list_id,
            parent_id,
            title: title(&row.task.title),
            notes: row.task.notes.clone(),
            priority: row.task.priority,
            labels: labels(&row.task.labels),
            start: row.task.start.clone(),
            due: row.task.due.clone(),
            recurrence: row.task.recurrence.clone().map(recurrence),
            create_time: Some(timestamp(self.now)),
            ..pb::Task::default()
        };
        self.stand(&mut task, row.task.state());
        self.add(&id, None, task);
    }

    fn stand(&self, task: &mut pb::Task, state: State) {
        task.set_state(state);
        task.complete_time = (state == State::Done).then(|| timestamp(self.now));
    }

    /// List and parent of a new task, and whether they are what the row says.
    fn home(&self, import: &Import, row: &Row<'_>) -> (String, String, bool) {
        let living = |id: &str| self.list(id).is_ok_and(|list| list.deletion.is_none());
        let (list, is_there) = match row.task.list_id.as_str() {
            "" => (&import.list_id, true),
            id if living(id) => (&row.task.list_id, true),
            _ => (&import.list_id, false),
        };
        if row.parent.is_empty() {
            return (list.clone(), String::new(), is_there);
        }
        let Some(mut parent) = self.task(row.parent).ok().filter(|held| held.deletion.is_none()) else {
            return (list.clone(), String::new(), false);
        };
        while self.depth(&parent.task.id) >= LEVELS {
            parent = self.task(&parent.task.parent_id).expect("it is not on top");
        }
        let is_near = parent.task.id == row.parent;
        (parent.task.list_id.clone(), parent.task.id.clone(), is_near)
    }

    /// Nothing, if it is there.
    fn import_list(&mut self, list: &pb::List) -> bool {
        let is_new = self.list(&list.id).is_err();
        if is_new {
            self.add_list(&list.id, None, &list.title);
        }
        is_new
    }
}

/// A repeat makes nothing, and says of the file what can be said without looking.
pub(super) fn repeat(import: &Import) -> Reply {
    let mut imported = Imported::default();
    imported.skipped = i32::try_from(rows(import, &mut imported).len()).expect("few");
    imported.left_out.sort_unstable();
    imported.warned.sort_unstable();
    Reply::Imported(imported)
}

/// Those that can be read, the first of each id, and each behind the row that it is a part of.
fn rows<'a>(import: &'a Import, imported: &mut Imported) -> Vec<Row<'a>> {
    let mut rows: Vec<Option<Row<'_>>> = Vec::new();
    let mut places = HashMap::new();
    for (number, request) in (1..).zip(&import.rows) {
        let (id, task) = (request.task_id.as_str(), request.task.as_ref().expect("a task"));
        if title(&task.title).is_empty() || places.contains_key(id) {
            imported.left_out.push(number);
            continue;
        }
        if !id.is_empty() {
            places.insert(id, rows.len());
        }
        rows.push(Some(Row {
            number,
            id,
            task,
            parent: &task.parent_id,
        }));
    }
    let mut ordered = Vec::new();
    for place in 0..rows.len() {
        place_behind_parent(place, &mut rows, &places, &mut Vec::new(), &mut ordered, imported);
    }
    ordered
}

/// A row that would be a part of itself is a task of its own, and that is said.
fn place_behind_parent<'a>(
    place: usize,
    rows: &mut [Option<Row<'a>>],
    places: &HashMap<&'a str, usize>,
    below: &mut Vec<usize>,
    ordered: &mut Vec<Row<'a>>,
    imported: &mut Imported,
) {
    let Some(row) = &mut rows[place] else { return };
    below.push(place);
    match places.get(row.parent) {
        Some(parent) if below.contains(parent) => {
            row.parent = "";
            imported.warned.push(row.number);
        }
        Some(parent) => place_behind_parent(*parent, rows, places, below, ordered, imported),
        None => {}
    }
    ordered.extend(rows[place].take());
}
