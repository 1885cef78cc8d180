//! Files of every format: what is read of them can be stored, is the same when it is read again, and where the format is
//! written too, comes back as it went out.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Datelike as _, Utc};
use task_service::domain::transfer::{
    Arranged, Decision, Format, Key, Kind, ParsedFile, Place, PlacedRow, arrange, decide,
};
use task_service::domain::{Completion, Labels, MOST_LEVELS, Notes, Rank, Task, TaskId, Title, When};
use uuid::Uuid;

use super::now;

const MOST_ROWS: usize = 100_000;
const MOST_LISTS: usize = 10_000;
/// The longest complaint: some repeat a word of the file.
const COMPLAINT_BYTES: usize = 1024;

/// Our own.
pub fn import_json(data: &[u8]) {
    import(Format::Json, data);
}

/// CSV.
pub fn import_csv(data: &[u8]) {
    import(Format::Csv, data);
}

/// iCalendar.
pub fn import_icalendar(data: &[u8]) {
    import(Format::Icalendar, data);
}

/// Todoist's.
pub fn import_todoist(data: &[u8]) {
    import(Format::TodoistCsv, data);
}

/// Google's.
pub fn import_google(data: &[u8]) {
    import(Format::GoogleTasks, data);
}

/// Vikunja's.
pub fn import_vikunja(data: &[u8]) {
    import(Format::Vikunja, data);
}

fn import(format: Format, data: &[u8]) {
    let file = match format.parse(data) {
        Ok(file) => file,
        Err(complaint) => {
            assert!(complaint.len() < COMPLAINT_BYTES, "{complaint}");
            return;
        }
    };
    assert!(file.rows.len() <= MOST_ROWS && file.lists.len() <= MOST_LISTS);
    let arranged = arranged(file);
    let made = made(&arranged);
    for (task, completions) in &made {
        assert_can_be_stored(task, completions);
    }
    assert_leaves_room(&made);
    if let Some(written) = write(format, &made) {
        let back = format.parse(&written).expect("what we write we read");
        let back = arranged_again(back, made.len());
        let again = write(format, &back).expect("it was written before");
        assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&again));
    }
}

fn arranged_again(file: ParsedFile, rows: usize) -> Vec<(Task, Vec<Completion>)> {
    let arranged = arranged(file);
    assert!(arranged.left_out.is_empty(), "{:?}", arranged.left_out);
    let made = made(&arranged);
    assert_eq!(made.len(), rows);
    made
}

/// The rows with ids, each parent that is there before its parts.
fn arranged(file: ParsedFile) -> Arranged {
    let rows = file.rows.len();
    let arranged = arrange(file, id_of);
    assert_eq!(arranged.rows.len() + arranged.left_out.len(), rows);
    let places: HashMap<_, _> = arranged
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| (row.id, at))
        .collect();
    assert_eq!(places.len(), arranged.rows.len(), "each id once");
    for (at, row) in arranged.rows.iter().enumerate() {
        let above = row.parent.and_then(|parent| places.get(&parent));
        assert!(above.is_none_or(|above| *above < at), "row {}", row.number);
    }
    arranged
}

fn id_of(kind: Kind, key: &Key) -> Uuid {
    if let Key::Own(id) = key {
        return *id;
    }
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    Uuid::from_u64_pair(kind as u64 + 1, hasher.finish())
}

/// The tasks that an empty account would get.
fn made(arranged: &Arranged) -> Vec<(Task, Vec<Completion>)> {
    let mut places = HashMap::new();
    let mut made = Vec::new();
    for row in &arranged.rows {
        match decide(row, None, &places, row.list, now()) {
            Decision::Create(task, _) => {
                let place = place(&task, &places);
                assert!(place.depth <= MOST_LEVELS);
                places.insert(task.id, place);
                assert_says_nothing_new(row, &task, &places);
                made.push((*task, row.task.completions.clone()));
            }
            Decision::Refuse(_) => {}
            other => panic!("nothing is there, and yet {other:?}"),
        }
    }
    made
}

fn place(task: &Task, places: &HashMap<TaskId, Place>) -> Place {
    let above = task.parent_id.and_then(|parent| places.get(&parent));
    assert_eq!(above.is_some(), task.parent_id.is_some(), "the parent is there");
    assert!(
        above.is_none_or(|above| above.list == task.list_id),
        "the parent's list"
    );
    Place {
        list: task.list_id,
        parent: task.parent_id,
        depth: above.map_or(0, |above| above.depth + 1),
        is_deleted: false,
    }
}

/// The same row, once its task is there.
fn assert_says_nothing_new(row: &PlacedRow, task: &Task, places: &HashMap<TaskId, Place>) {
    let again = decide(row, Some(task), places, row.list, now());
    assert!(matches!(again, Decision::Skip), "{again:?} of {task:?}");
}

/// What the tables and the contract's messages can hold.
fn assert_can_be_stored(task: &Task, completions: &[Completion]) {
    assert_eq!(Title::parse(task.title.as_str()).as_ref(), Ok(&task.title));
    assert_eq!(
        Notes::parse(task.notes.as_str().to_owned()).as_ref(),
        Ok(&task.notes)
    );
    let names = task.labels.names();
    assert!(names.len() <= Labels::MOST && names.iter().all(|name| !name.contains('\n')));
    assert!(task.occurrence_number >= 1);
    assert!(task.recurrence.is_none() || task.due.is_some());
    assert!(task.update_time >= task.create_time);
    assert!(task.rank.as_str().is_ascii());
    let completed = completions
        .iter()
        .flat_map(|completion| [Some(completion.complete_time), completion.undo_time]);
    let times = [Some(task.create_time), Some(task.update_time), task.complete_time];
    for time in times.into_iter().chain(completed).flatten() {
        assert_is_a_time(time);
    }
    let occurrences = completions
        .iter()
        .flat_map(|completion| [&completion.occurrence, &completion.start]);
    for when in [&task.start, &task.due].into_iter().chain(occurrences).flatten() {
        assert_is_a_day(when);
    }
}

/// Whatever places a file brings, others can be made before, between and behind them.
fn assert_leaves_room(made: &[(Task, Vec<Completion>)]) {
    let mut ranks: Vec<_> = made.iter().map(|(task, _)| &task.rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    ranks.truncate(100);
    for pair in ranks.windows(2) {
        let between = Rank::between(Some(pair[0]), Some(pair[1])).expect("one is before the other");
        assert!(
            *pair[0] < between && between < *pair[1],
            "{between:?} between {pair:?}"
        );
    }
    if let (Some(first), Some(last)) = (ranks.first(), ranks.last()) {
        assert!(
            Rank::before(first) < **first && **last < Rank::after(Some(last)),
            "{first:?} {last:?}"
        );
    }
}

fn assert_is_a_time(time: DateTime<Utc>) {
    assert!((1..=9999).contains(&time.year()), "{time}");
    assert_eq!(
        time.timestamp_subsec_nanos() % 1000,
        0,
        "{time} is not in microseconds"
    );
}

fn assert_is_a_day(when: &When) {
    assert!((1..=9999).contains(&when.date.year()), "{when:?}");
    assert!(
        when.zone
            .as_ref()
            .is_none_or(|zone| When::zone(zone).as_ref() == Ok(zone)),
        "{when:?}"
    );
}

fn write(format: Format, tasks: &[(Task, Vec<Completion>)]) -> Option<Vec<u8>> {
    let mut writer = format.writer()?;
    let mut out = Vec::new();
    writer.begin(&mut out);
    for (task, completions) in tasks {
        writer.task(&mut out, task, completions, None);
    }
    writer.end(&mut out, &[]);
    Some(out)
}
