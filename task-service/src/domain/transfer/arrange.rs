//! From keys of a file to ids of ours, and every task behind the one that it is a part of.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Key, ParsedFile, ParsedTask, Remark};
use crate::domain::{ListId, ListTitle, Rank, TaskId};

/// What an id is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A list.
    List,
    /// A task.
    Task,
}

/// What is known when a task of that id is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// That it is the same task, as it is now: the id follows from what the file calls it.
    Named,
    /// That this very row was made before: the id follows from the request and the row.
    Numbered,
}

/// A file that is ready to be made.
#[derive(Debug, Default)]
pub struct Arranged {
    /// Its lists, each id once.
    pub lists: Vec<PlacedList>,
    /// Its tasks, parents first, else in the order of the file.
    pub rows: Vec<PlacedRow>,
    /// Rows that are left out.
    pub left_out: Vec<Remark>,
    /// What could not be kept of the others.
    pub warnings: Vec<Remark>,
    /// How many rows the file has.
    pub total: i32,
}

/// A list with its id.
#[derive(Debug)]
pub struct PlacedList {
    /// Its id.
    pub id: ListId,
    /// What it is called.
    pub title: ListTitle,
    /// Its place, if the file knows.
    pub rank: Option<Rank>,
    /// When it was made, if the file knows.
    pub create_time: Option<DateTime<Utc>>,
    /// When it last changed, if the file knows.
    pub update_time: Option<DateTime<Utc>>,
}

/// A task with its id.
#[derive(Debug)]
pub struct PlacedRow {
    /// The number of its row.
    pub number: i32,
    /// Its id.
    pub id: TaskId,
    /// What a task of that id is.
    pub identity: Identity,
    /// The list that the file puts it in.
    pub list: Option<ListId>,
    /// The task that the file makes it a part of.
    pub parent: Option<TaskId>,
    /// What the file says of it.
    pub task: Box<ParsedTask>,
}

/// Gives ids by `id_of` and puts parents first. A circle of parents is cut, and told.
pub fn arrange(file: ParsedFile, id_of: impl Fn(Kind, &Key) -> Uuid) -> Arranged {
    let mut arranged = Arranged {
        total: i32::try_from(file.rows.len()).unwrap_or(i32::MAX),
        warnings: file.warnings,
        ..Arranged::default()
    };
    let mut lists = HashMap::new();
    for list in file.lists {
        let id = ListId(id_of(Kind::List, &list.key));
        if lists.insert(id, ()).is_none() {
            arranged.lists.push(PlacedList {
                id,
                title: list.title,
                rank: list.rank,
                create_time: list.create_time,
                update_time: list.update_time,
            });
        }
    }
    let (mut rows, mut places) = (Vec::new(), HashMap::new());
    for row in file.rows {
        let task = match row.task {
            Ok(task) => task,
            Err(message) => {
                arranged.left_out.push(Remark::new(row.number, message));
                continue;
            }
        };
        let id = TaskId(id_of(Kind::Task, &task.key));
        if places.contains_key(&id) {
            let message = "The task stands in a row before this one already.";
            arranged.left_out.push(Remark::new(row.number, message));
            continue;
        }
        places.insert(id, rows.len());
        rows.push(PlacedRow {
            number: row.number,
            id,
            identity: match task.key {
                Key::Row(_) => Identity::Numbered,
                Key::Own(_) | Key::Source(_) => Identity::Named,
            },
            list: task.list.as_ref().map(|key| ListId(id_of(Kind::List, key))),
            parent: task.parent.as_ref().map(|key| TaskId(id_of(Kind::Task, key))),
            task,
        });
    }
    arranged.rows = parents_first(rows, &places, &mut arranged.warnings);
    arranged
}

fn parents_first(
    mut rows: Vec<PlacedRow>,
    places: &HashMap<TaskId, usize>,
    warnings: &mut Vec<Remark>,
) -> Vec<PlacedRow> {
    #[derive(Clone, Copy, PartialEq)]
    enum Step {
        Waiting,
        Climbing,
        Placed,
    }
    let mut steps = vec![Step::Waiting; rows.len()];
    let mut order = Vec::with_capacity(rows.len());
    let mut climb = Vec::new();
    for first in 0..rows.len() {
        let mut next = Some(first);
        while let Some(place) = next.filter(|place| steps[*place] == Step::Waiting) {
            steps[place] = Step::Climbing;
            climb.push(place);
            next = rows[place].parent.and_then(|parent| places.get(&parent).copied());
        }
        if next.is_some_and(|place| steps[place] == Step::Climbing)
            && let Some(top) = climb.last()
        {
            rows[*top].parent = None;
            let message = "It is a part of itself by way of others; it was made a task of its own.";
            warnings.push(Remark::new(rows[*top].number, message));
        }
        while let Some(place) = climb.pop() {
            steps[place] = Step::Placed;
            order.push(place);
        }
    }
    let mut slots: Vec<_> = rows.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|place| slots[place].take())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::transfer::ParsedRow;

    fn file(parents: &[(u128, Option<u128>)]) -> ParsedFile {
        let rows = parents.iter().enumerate().map(|(place, (id, parent))| ParsedRow {
            number: super::super::number(place),
            task: Ok(Box::new(ParsedTask {
                parent: parent.map(|parent| Key::Own(Uuid::from_u128(parent))),
                ..ParsedTask::new(Key::Own(Uuid::from_u128(*id)))
            })),
        });
        ParsedFile {
            rows: rows.collect(),
            ..ParsedFile::default()
        }
    }

    fn arranged(parents: &[(u128, Option<u128>)]) -> Arranged {
        arrange(file(parents), |_, key| match key {
            Key::Own(id) => *id,
            _ => Uuid::nil(),
        })
    }

    fn ids(arranged: &Arranged) -> Vec<u128> {
        arranged.rows.iter().map(|row| row.id.0.as_u128()).collect()
    }

    #[test]
    fn parents_come_first_and_all_else_stays_in_order() {
        let arranged = arranged(&[(1, Some(3)), (2, None), (3, Some(4)), (4, None), (5, Some(9))]);
        assert_eq!(ids(&arranged), [4, 3, 1, 2, 5]);
        assert!(arranged.warnings.is_empty());
    }

    #[test]
    fn a_circle_is_cut_and_told() {
        for circle in [&[(1, Some(1))][..], &[(1, Some(2)), (2, Some(3)), (3, Some(1))]] {
            let arranged = arranged(circle);
            assert_eq!(arranged.rows.len(), circle.len());
            assert_eq!(arranged.warnings.len(), 1);
            assert!(arranged.rows[0].parent.is_none());
        }
    }

    #[test]
    fn a_task_that_stands_there_twice_is_made_once() {
        let arranged = arranged(&[(1, None), (1, None)]);
        assert_eq!(ids(&arranged), [1]);
        assert_eq!(arranged.left_out[0].row, 2);
    }

    #[test]
    fn a_chain_as_long_as_a_file_can_be_takes_no_stack() {
        let chain: Vec<_> = (1..=100_000).map(|id| (id, Some(id + 1))).collect();
        assert_eq!(arranged(&chain).rows.len(), 100_000);
    }
}
