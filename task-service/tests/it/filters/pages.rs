//! Keyset pages against a sort in memory: any tasks, any order, any filter, any page size, while other tasks come, go
//! and change.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use proto::google::r#type::Date;
use proto::tasks::v1 as pb;
use proto::tasks::v1::task::State;

use super::{create, when};
use crate::harness::{Person, Service};

const FIELDS: [&str; 6] = ["rank", "due", "priority", "title", "create_time", "update_time"];

type Fits = fn(&pb::Task) -> bool;

const FILTERS: [(&str, Fits); 6] = [
    ("", |_| true),
    ("state = OPEN", |task| task.state() == State::Open),
    ("priority >= MEDIUM OR label:home", |task| {
        task.priority >= 2 || task.labels.contains(&"home".to_owned())
    }),
    ("NOT label:home", |task| !task.labels.contains(&"home".to_owned())),
    ("due <= \"2026-12-02\"", |task| {
        task.due.as_ref().is_some_and(|due| day(due) <= 2)
    }),
    ("list_id = \"\" AND due != \"2026-12-01\"", |task| {
        task.due.as_ref().is_none_or(|due| day(due) != 1)
    }),
];

fn day(when: &pb::When) -> i32 {
    when.date.as_ref().map_or(0, |date: &Date| date.day)
}

/// What a case does: which tasks there are, how they are listed, and what happens between pages.
#[derive(Debug, Clone)]
struct Case {
    tasks: Vec<pb::Task>,
    field: &'static str,
    descending: bool,
    filter: (&'static str, Fits),
    page_size: i32,
    moves: Vec<Move>,
}

#[derive(Debug, Clone)]
enum Move {
    Change(prop::sample::Index, pb::Task),
    Cancel(prop::sample::Index),
    Delete(prop::sample::Index),
    Create(pb::Task),
}

fn task() -> impl Strategy<Value = pb::Task> {
    let due = prop::option::of((1..4_i32, prop::option::of(8..10_i32)));
    let title = prop::sample::select(vec!["a", "A", "b", "É", "zz", "_", "日"]);
    (title, 0..5_i32, due, any::<bool>()).prop_map(|(title, priority, due, home)| pb::Task {
        title: title.to_owned(),
        priority,
        due: due.map(|(day, hour)| when((2026, 12, day), hour.map(|hour| (hour, 0)), "")),
        labels: if home { vec!["home".to_owned()] } else { vec![] },
        ..Default::default()
    })
}

fn case() -> impl Strategy<Value = Case> {
    let index = any::<prop::sample::Index>;
    let step = prop_oneof![
        (index(), task()).prop_map(|(index, task)| Move::Change(index, task)),
        index().prop_map(Move::Cancel),
        index().prop_map(Move::Delete),
        task().prop_map(Move::Create),
    ];
    let parts = (
        prop::collection::vec(task(), 8..24),
        prop::sample::select(&FIELDS[..]),
        any::<bool>(),
        prop::sample::select(&FILTERS[..]),
        1..6_i32,
        prop::collection::vec(step, 0..8),
    );
    parts.prop_map(|(tasks, field, descending, filter, page_size, moves)| Case {
        tasks,
        field,
        descending,
        filter,
        page_size,
        moves,
    })
}

#[tokio::test]
async fn pages_are_a_sort_in_memory_of_what_stands_still_while_other_tasks_move() {
    let service = Service::start().await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..24 {
        let case = case().new_tree(&mut runner).expect("a case").current();
        let person = service.person();
        let still = run(&service, &person, &case).await;
        let (expected, listed) = still;
        assert_eq!(listed, expected, "{case:?}");
    }
}

/// The ids of what stood still, as they should be listed and as they were.
async fn run(service: &Service, person: &Person<'_>, case: &Case) -> (Vec<String>, Vec<String>) {
    let mut tasks = Vec::new();
    for (number, task) in case.tasks.iter().enumerate() {
        tasks.push(create(person, task.clone()).await);
        if number % 3 == 0 {
            service.hand.advance(Duration::from_secs(1));
        }
    }
    let mut moved = BTreeSet::new();
    let mut moves = case.moves.iter();
    let mut listed = Vec::new();
    let mut request = pb::ListTasksRequest {
        filter: case.filter.0.to_owned(),
        order_by: format!("{} {}", case.field, if case.descending { "desc" } else { "asc" }),
        page_size: case.page_size,
        ..Default::default()
    };
    loop {
        let page = person.list(request.clone()).await.expect("a page");
        listed.extend(page.tasks.into_iter().map(|task| task.id));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
        if let Some(step) = moves.next() {
            service.hand.advance(Duration::from_secs(1));
            moved.extend(take(person, &tasks, step).await);
        }
    }
    let mut still: Vec<_> = tasks.iter().filter(|task| !moved.contains(&task.id)).collect();
    still.retain(|task| (case.filter.1)(task));
    still.sort_by(|a, b| {
        let (a_key, b_key) = (key(a, case.field), key(b, case.field));
        let by_key = match (&a_key, &b_key) {
            (Some(_), Some(_)) if case.descending => b_key.cmp(&a_key),
            (Some(_), Some(_)) => a_key.cmp(&b_key),
            // Empty values come last in both directions.
            _ => a_key.is_none().cmp(&b_key.is_none()),
        };
        by_key.then_with(|| a.id.cmp(&b.id))
    });
    let known: BTreeSet<_> = still.iter().map(|task| task.id.as_str()).collect();
    listed.retain(|id| known.contains(id.as_str()));
    (still.iter().map(|task| task.id.clone()).collect(), listed)
}

/// Moves something, and says what.
async fn take(person: &Person<'_>, tasks: &[pb::Task], step: &Move) -> Option<String> {
    let of = |index: &prop::sample::Index| tasks[index.index(tasks.len())].id.clone();
    match step {
        Move::Create(task) => {
            create(person, task.clone()).await;
            None
        }
        Move::Cancel(index) => {
            // What is in the trash is not cancelled, and stands still.
            let id = of(index);
            person.cancel(&id).await.ok().map(|_| id)
        }
        Move::Delete(index) => {
            let id = of(index);
            person.delete(&id).await.expect("deleted");
            Some(id)
        }
        Move::Change(index, task) => {
            let id = of(index);
            let request = pb::UpdateTaskRequest {
                task: Some(pb::Task {
                    id: id.clone(),
                    ..task.clone()
                }),
                update_mask: Some(prost_types::FieldMask {
                    paths: ["title", "priority", "due", "labels"].map(str::to_owned).to_vec(),
                }),
                ..Default::default()
            };
            let changed = person.client().update_task(person.request(request)).await;
            changed.ok().map(|_| id)
        }
    }
}

/// What is sorted by, as text.
fn key(task: &pb::Task, field: &str) -> Option<String> {
    let time = |time: &Option<prost_types::Timestamp>| {
        let time = time.as_ref().expect("always set");
        Some(format!("{:020}.{:09}", time.seconds, time.nanos))
    };
    match field {
        "rank" => Some(task.rank.clone()),
        "due" => task.due.as_ref().map(|due| {
            let hour = due
                .time
                .as_ref()
                .map_or(String::new(), |time| format!("T{:02}", time.hours));
            format!("{:02}{hour}", day(due))
        }),
        "priority" => (task.priority != 0).then(|| task.priority.to_string()),
        "title" => Some(task.title.to_lowercase()),
        "create_time" => time(&task.create_time),
        "update_time" => time(&task.update_time),
        _ => unreachable!("a field of ours"),
    }
}
