//! `UpdateTask`: the masked fields and no others (AIP-134).

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Target, change, not_deleted};
use crate::app::App;
use crate::domain::{Notes, TaskChange, Title};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::{convert, fields::Fields, idempotency::Repeatable};

/// What an update may name.
const MUTABLE: [&str; 5] = ["title", "notes", "priority", "start", "due"];
/// What exists and may not be named, since the server sets it or another method changes it.
const NOT_HERE: [&str; 12] = [
    "id",
    "list_id",
    "parent_id",
    "state",
    "rank",
    "create_time",
    "update_time",
    "complete_time",
    "delete_time",
    "purge_time",
    "etag",
    "labels",
];

pub(super) async fn update_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::UpdateTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let mut fields = Fields::default();
    let (target, wanted) = parse(&mut fields, &message);
    let (target, wanted) = fields.finish(target.zip(wanted))?;
    let repeatable = Repeatable::new(target.request_id, "UpdateTask", &message);
    let task = change(app, owner, deadline, &target, repeatable, |task, _| {
        not_deleted(task)?;
        let before = task.clone();
        task.apply(wanted);
        Ok(*task != before)
    })
    .await?;
    Ok(convert::task(task))
}

fn parse(fields: &mut Fields, message: &pb::UpdateTaskRequest) -> (Option<Target>, Option<TaskChange>) {
    let Some(task) = &message.task else {
        fields.fault(
            "task",
            "The task is missing; give one with its id and the fields to change.",
        );
        return (None, None);
    };
    let target = Target::parse(
        fields,
        ("task.id", &task.id),
        ("task.etag", &task.etag),
        &message.request_id,
    );
    let paths = message.update_mask.as_ref().map_or(&[][..], |mask| &mask.paths);
    let named = named(fields, paths, task);
    (target, changes(fields, &named, task))
}

/// The fields that the mask means.
fn named(fields: &mut Fields, paths: &[String], task: &pb::Task) -> Vec<&'static str> {
    if paths.is_empty() {
        return MUTABLE.into_iter().filter(|field| is_set(task, field)).collect();
    }
    if paths.iter().any(|path| path == "*") {
        if paths.len() > 1 {
            fields.fault("update_mask", "* means every field; send it alone.");
        }
        return MUTABLE.to_vec();
    }
    let mut named = Vec::new();
    for path in paths {
        match MUTABLE.into_iter().find(|field| field == path) {
            Some(field) => named.push(field),
            None if NOT_HERE.contains(&path.as_str()) => {
                fields.fault(
                    "update_mask",
                    "A named field cannot be updated here; name title, notes, priority, start or due.",
                );
            }
            None => fields.fault(
                "update_mask",
                "A path is not known; name title, notes, priority, start or due, each whole.",
            ),
        }
    }
    named
}

fn is_set(task: &pb::Task, field: &str) -> bool {
    match field {
        "title" => !task.title.is_empty(),
        "notes" => !task.notes.is_empty(),
        "priority" => task.priority != 0,
        "start" => task.start.is_some(),
        _ => task.due.is_some(),
    }
}

fn changes(fields: &mut Fields, named: &[&str], task: &pb::Task) -> Option<TaskChange> {
    let mut change = TaskChange::default();
    for field in named {
        match *field {
            "title" => change.title = Some(fields.check("task.title", Title::parse(&task.title))?),
            "notes" => change.notes = Some(fields.check("task.notes", Notes::parse(task.notes.clone()))?),
            "priority" => change.priority = Some(convert::parse_priority(fields, task.priority)?),
            "start" => {
                change.start = Some(convert::parse_optional_when(
                    fields,
                    "task.start",
                    task.start.clone(),
                )?)
            }
            _ => {
                change.due = Some(convert::parse_optional_when(
                    fields,
                    "task.due",
                    task.due.clone(),
                )?)
            }
        }
    }
    Some(change)
}
