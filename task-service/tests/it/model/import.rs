//! A file as it is made: rows that name the same fields as a new task does, written as JSON or as CSV.

use std::fmt::Write as _;

use proto::tasks::v1 as pb;
use proto::tasks::v1::import_tasks_response::Result as Imported;
use proto::tasks::v1::task::Priority;
use serde_json::{Value, json};
use tonic::{Request, Response, Status};

use super::memory::{day, time};
use crate::harness::Person;

/// An import. Its format is JSON or CSV; the latter has of a task what [`Import::of_csv`] keeps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Import {
    pub(super) format: pb::Format,
    /// Each with the id that it is to have, if any.
    pub(super) rows: Vec<pb::CreateTaskRequest>,
    pub(super) lists: Vec<pb::List>,
    /// For tasks without a list.
    pub(super) list_id: String,
    pub(super) dry_run: bool,
    pub(super) request_id: String,
}

impl Import {
    /// What a row of CSV says of a task.
    pub(super) fn of_csv(task: pb::Task) -> pb::Task {
        pb::Task {
            list_id: task.list_id,
            parent_id: task.parent_id,
            title: task.title,
            state: task.state,
            priority: task.priority,
            labels: task.labels,
            ..pb::Task::default()
        }
    }

    fn message(&self) -> pb::ImportTasksRequest {
        let content = match self.format {
            pb::Format::Csv => self.csv(),
            _ => self.json(),
        };
        pb::ImportTasksRequest {
            format: self.format.into(),
            content: content.into_bytes(),
            list_id: self.list_id.clone(),
            dry_run: self.dry_run,
            request_id: self.request_id.clone(),
        }
    }

    fn tasks(&self) -> impl Iterator<Item = (&str, &pb::Task)> {
        let task = |row: &'_ pb::CreateTaskRequest| row.task.is_some();
        assert!(self.rows.iter().all(task), "a row is a task");
        self.rows
            .iter()
            .filter_map(|row| Some((row.task_id.as_str(), row.task.as_ref()?)))
    }

    fn csv(&self) -> String {
        let mut text = "id,list_id,parent_id,title,state,priority,labels\r\n".to_owned();
        for (id, task) in self.tasks() {
            let (state, priority, labels) = (state(task), priority(task), task.labels.join(","));
            let (list, parent, title) = (&task.list_id, &task.parent_id, &task.title);
            write!(
                text,
                "{id},{list},{parent},{title},{state},{priority},\"{labels}\"\r\n"
            )
            .expect("memory takes everything");
        }
        text
    }

    fn json(&self) -> String {
        let tasks: Vec<_> = self.tasks().map(row).collect();
        let list = |list: &pb::List| json!({ "id": list.id, "title": list.title });
        let lists: Vec<_> = self.lists.iter().map(list).collect();
        json!({ "format": "tandem.tasks", "version": 1, "tasks": tasks, "lists": lists }).to_string()
    }
}

/// What is empty is left out.
fn row((id, task): (&str, &pb::Task)) -> Value {
    let texts = [
        ("id", id),
        ("list_id", &task.list_id),
        ("parent_id", &task.parent_id),
        ("notes", &task.notes),
        ("priority", priority(task)),
    ];
    let mut row = json!({ "title": task.title, "state": state(task), "labels": task.labels });
    for (name, text) in texts {
        if !text.is_empty() {
            row[name] = json!(text);
        }
    }
    for (name, field) in [("start", &task.start), ("due", &task.due)] {
        if let Some(field) = field {
            let time = time(field).map(|time| time.to_string()).unwrap_or_default();
            row[name] = json!({ "date": day(field).to_string(), "time": time, "time_zone": field.time_zone });
        }
    }
    if let Some(rule) = &task.recurrence {
        let basis = rule.basis().as_str_name().trim_start_matches("BASIS_");
        row["recurrence"] = json!({ "rrule": rule.rrule, "basis": basis.replace("UNSPECIFIED", "") });
    }
    row
}

fn state(task: &pb::Task) -> &'static str {
    task.state().as_str_name().trim_start_matches("STATE_")
}

fn priority(task: &pb::Task) -> &'static str {
    match task.priority() {
        Priority::Unspecified => "",
        priority => priority.as_str_name().trim_start_matches("PRIORITY_"),
    }
}

/// Imports as if they were one call and one answer.
pub(super) struct Imports<'a>(&'a Person<'a>);

impl Person<'_> {
    pub(super) fn imports(&self) -> Imports<'_> {
        Imports(self)
    }
}

impl Imports<'_> {
    pub(super) async fn import_tasks(
        &mut self,
        request: Request<Import>,
    ) -> Result<Response<Imported>, Status> {
        let message = request.into_inner().message();
        self.0.import(message).await.map(Response::new)
    }
}
