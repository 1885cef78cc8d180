//! Tasks as columns, the form in which many of them are the parameters of one statement.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use super::size_bytes;
use crate::domain::{Priority, Recurrence, Task, When};
use crate::error::Error;

/// Between the labels of a task on their way: no label has control characters.
pub(super) const LABEL_SEPARATOR: &str = "\n";

/// What adding and changing tasks both store.
#[derive(Default)]
pub(super) struct Columns<'a> {
    pub(super) ids: Vec<Uuid>,
    pub(super) revisions: Vec<i64>,
    pub(super) titles: Vec<&'a str>,
    pub(super) title_orders: Vec<String>,
    pub(super) notes: Vec<&'a str>,
    pub(super) states: Vec<i16>,
    pub(super) priorities: Vec<Option<i16>>,
    pub(super) start_dates: Vec<Option<NaiveDate>>,
    pub(super) start_times: Vec<Option<NaiveTime>>,
    pub(super) start_zones: Vec<Option<&'a str>>,
    pub(super) due_dates: Vec<Option<NaiveDate>>,
    pub(super) due_times: Vec<Option<NaiveTime>>,
    pub(super) due_zones: Vec<Option<&'a str>>,
    pub(super) due_orders: Vec<Option<String>>,
    pub(super) ranks: Vec<&'a str>,
    pub(super) update_times: Vec<DateTime<Utc>>,
    pub(super) complete_times: Vec<Option<DateTime<Utc>>>,
    pub(super) list_ids: Vec<Option<Uuid>>,
    pub(super) parent_ids: Vec<Option<Uuid>>,
    pub(super) labels: Vec<String>,
    pub(super) rrules: Vec<Option<&'a str>>,
    pub(super) recurrence_bases: Vec<Option<i16>>,
    pub(super) occurrence_numbers: Vec<i32>,
    pub(super) sizes: Vec<i32>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(tasks: &[&'a Task]) -> Result<Self, Error> {
        let mut columns = Self::default();
        for task in tasks {
            columns.add(task)?;
        }
        Ok(columns)
    }

    fn add(&mut self, task: &'a Task) -> Result<(), Error> {
        let (start, due, recurrence) = (task.start.as_ref(), task.due.as_ref(), task.recurrence.as_ref());
        self.ids.push(task.id.0);
        self.revisions.push(task.revision.0);
        self.titles.push(task.title.as_str());
        self.title_orders.push(task.title.order_key());
        self.notes.push(task.notes.as_str());
        self.states.push(task.state.number());
        self.priorities.push(task.priority.map(Priority::number));
        self.start_dates.push(start.map(|start| start.date));
        self.start_times.push(start.and_then(|start| start.time));
        self.start_zones
            .push(start.and_then(|start| start.zone.as_deref()));
        self.due_dates.push(due.map(|due| due.date));
        self.due_times.push(due.and_then(|due| due.time));
        self.due_zones.push(due.and_then(|due| due.zone.as_deref()));
        self.due_orders.push(due.map(When::order_key));
        self.ranks.push(task.rank.as_str());
        self.update_times.push(task.update_time);
        self.complete_times.push(task.complete_time);
        self.list_ids.push(task.list_id.map(|id| id.0));
        self.parent_ids.push(task.parent_id.map(|id| id.0));
        self.labels.push(task.labels.names().join(LABEL_SEPARATOR));
        self.rrules.push(recurrence.map(Recurrence::rrule));
        self.recurrence_bases
            .push(recurrence.map(|recurrence| recurrence.basis().number()));
        self.occurrence_numbers.push(task.occurrence_number);
        self.sizes.push(size_bytes(task)?);
        Ok(())
    }
}
