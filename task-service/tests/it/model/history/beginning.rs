//! What everybody has at first, so that there is something to go on with: two lists, a tree of four levels in the first,
//! and tasks that come again.

use chrono::{Datelike as _, NaiveDate};
use proto::google::r#type::Date;
use proto::tasks::v1 as pb;
use uuid::Uuid;

use super::super::call::Call;
use super::values::title;

/// Everybody's ids are the same: another's are told from one's own by what is in them.
pub(super) fn id(number: u128) -> String {
    Uuid::from_u128(0x0193_a0b0_0000_8000_8000_0000_0000_0000 + number).to_string()
}

pub(in super::super) fn beginning(who: usize, today: NaiveDate) -> [Call; 3] {
    let list = |number: u128| {
        let list = pb::List {
            title: title(0, who),
            ..pb::List::default()
        };
        Call::CreateList(pb::CreateListRequest {
            list: Some(list),
            list_id: id(number),
            request_id: String::new(),
        })
    };
    // Each with what it is a part of.
    let tree = [(10, 0), (11, 10), (12, 11), (13, 12), (14, 11), (15, 10)];
    let tree = tree.map(|(number, parent)| pb::CreateTaskRequest {
        task: Some(pb::Task {
            title: title(1, who),
            list_id: if parent == 0 { id(1) } else { String::new() },
            parent_id: if parent == 0 { String::new() } else { id(parent) },
            labels: vec!["home".to_owned(), "work".to_owned()],
            ..pb::Task::default()
        }),
        task_id: id(number),
        request_id: String::new(),
    });
    let rules = [
        (20, "FREQ=DAILY;COUNT=3", 1),
        (21, "FREQ=WEEKLY", 1),
        (22, "FREQ=DAILY", 2),
    ];
    let recurring = rules.map(|(number, rrule, basis)| pb::CreateTaskRequest {
        task: Some(pb::Task {
            title: title(2, who),
            start: Some(on(today)),
            due: Some(on(today)),
            recurrence: Some(pb::Recurrence {
                rrule: rrule.to_owned(),
                basis,
            }),
            ..pb::Task::default()
        }),
        task_id: id(number),
        request_id: String::new(),
    });
    let tasks = pb::BatchCreateTasksRequest {
        requests: tree.into_iter().chain(recurring).collect(),
        request_id: String::new(),
    };
    [list(1), list(2), Call::BatchCreateTasks(tasks)]
}

fn on(day: NaiveDate) -> pb::When {
    pb::When {
        date: Some(Date {
            year: day.year(),
            month: day.month().cast_signed(),
            day: day.day().cast_signed(),
        }),
        ..pb::When::default()
    }
}
