//! `UpdateTask` and `BatchUpdateTasks`: the masked fields and no others (AIP-134).

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Target, change, not_deleted};
use crate::app::App;
use crate::domain::{Notes, Task, TaskChange, Title};
use crate::error::{Error, Missing};
use crate::owner::OwnerId;
use crate::rpc::write::{Started, Write};
use crate::rpc::{batch, convert, fields::Fields, idempotency::Repeatable};
use crate::store::tasks;

/// A mask can be as long as a message; its faults must not be many times that.
const PATHS_LIMIT: usize = 100;
/// How much of an unknown path is repeated to its caller.
const PATH_SHOWN_CHARS: usize = 64;
/// What an update may name.
const MUTABLE: [&str; 7] = [
    "title",
    "notes",
    "priority",
    "labels",
    "start",
    "due",
    "recurrence",
];
/// What exists and may not be named, since the server sets it or another method changes it.
const NOT_HERE: [&str; 11] = [
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
];

pub(super) async fn update_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::UpdateTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let mut fields = Fields::default();
    let parsed = parse(&mut fields, &message);
    let (target, wanted) = fields.finish(parsed)?;
    let repeatable = Repeatable::new(target.request_id, "UpdateTask", &message);
    let task = change(app, owner, deadline, &target, repeatable, |task, _| {
        update(task, wanted)
    })
    .await?;
    Ok(convert::task(task))
}

pub(super) async fn batch_update_tasks(
    app: &App,
    owner: OwnerId,
    request: Request<pb::BatchUpdateTasksRequest>,
) -> Result<pb::BatchUpdateTasksResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    batch::check_size(&message, message.requests.len())?;
    let (wanted, request_id) = batch::parse_writes(
        &message.requests,
        &message.request_id,
        |member| &member.request_id,
        parse,
    )?;
    let repeatable = Repeatable::new(request_id, "BatchUpdateTasks", &message);

    let mut write = match Write::begin(app, owner, deadline, repeatable).await? {
        Started::Made(mut tx, made) => {
            let tasks = batch::reply(batch::find_all(&mut tx, &made.resources).await?)?;
            return Ok(pb::BatchUpdateTasksResponse { tasks });
        }
        Started::Fresh(write) => write,
    };
    let ids: Vec<_> = wanted.iter().map(|(target, _)| target.id.0).collect();
    let mut known = tasks::find_many(&mut write.tx, &ids).await?;
    let mut updated = Vec::new();
    for (index, (target, wanted)) in wanted.into_iter().enumerate() {
        let task = known.get_mut(&target.id).ok_or(Error::NotFound(Missing::Task));
        let task = task.map_err(|error| error.of_member(index))?;
        let before = task.clone();
        let checked = target.check(task).and_then(|()| update(task, wanted));
        if checked.map_err(|error| error.of_member(index))? {
            write.store(&before, task).await?;
        }
        updated.push(task.clone());
    }
    let tasks = batch::reply(updated)?;
    write.commit(&ids, None).await?;
    Ok(pb::BatchUpdateTasksResponse { tasks })
}

/// Whether there is anything to store.
fn update(task: &mut Task, wanted: TaskChange) -> Result<bool, Error> {
    not_deleted(task)?;
    let before = task.clone();
    task.apply(wanted);
    Ok(*task != before)
}

fn parse(fields: &mut Fields, message: &pb::UpdateTaskRequest) -> Option<(Target, TaskChange)> {
    let Some(task) = &message.task else {
        fields.fault(
            "task",
            "The task is missing; give one with its id and the fields to change.",
        );
        return None;
    };
    let id = ("task.id", task.id.as_str());
    let target = Target::parse(fields, id, &task.etag, &message.request_id);
    let paths = message.update_mask.as_ref().map_or(&[][..], |mask| &mask.paths);
    check_paths(fields, paths);
    let wanted = changes(fields, paths, task);
    target.map(|target| (target, wanted))
}

fn check_paths(fields: &mut Fields, paths: &[String]) {
    if paths.len() > PATHS_LIMIT {
        fields.fault("update_mask", "There are over 100 paths; name each field once.");
        return;
    }
    for path in paths {
        if path == "*" {
            if paths.len() > 1 {
                fields.fault("update_mask", "* means every field; send it alone.");
            }
        } else if NOT_HERE.contains(&path.as_str()) {
            fields.fault(
                "update_mask",
                format!("{path} cannot be updated here; name title, notes, priority, labels, start, due or recurrence."),
            );
        } else if !MUTABLE.contains(&path.as_str()) {
            fields.fault(
                "update_mask",
                format!(
                    "The path \"{}\" is not known; name title, notes, priority, labels, start, due or recurrence, each whole.",
                    shown(path)
                ),
            );
        }
    }
}

/// A path as its caller may see it again: plain ASCII, and no longer than a name can be.
fn shown(path: &str) -> String {
    let mut escaped = path.chars().flat_map(char::escape_default);
    let shown = escaped.by_ref().take(PATH_SHOWN_CHARS).collect();
    if escaped.next().is_some() {
        return shown + "...";
    }
    shown
}

/// What the mask means. A field that is wrong has its fault told and is left out here.
fn changes(fields: &mut Fields, paths: &[String], task: &pb::Task) -> TaskChange {
    let named = |field: &str, is_set: bool| match paths {
        [] => is_set,
        paths => paths.iter().any(|path| path == field || path == "*"),
    };
    let mut change = TaskChange::default();
    if named("title", !task.title.is_empty()) {
        change.title = fields.check("task.title", Title::parse(&task.title));
    }
    if named("notes", !task.notes.is_empty()) {
        change.notes = fields.check("task.notes", Notes::parse(task.notes.clone()));
    }
    if named("priority", task.priority != 0) {
        change.priority = fields.check("task.priority", convert::parse_priority(task.priority));
    }
    if named("start", task.start.is_some()) {
        change.start = convert::parse_optional_when(fields, "task.start", task.start.clone());
    }
    if named("due", task.due.is_some()) {
        change.due = convert::parse_optional_when(fields, "task.due", task.due.clone());
    }
    if named("labels", !task.labels.is_empty()) {
        change.labels = convert::parse_labels(fields, "task.labels", &task.labels);
    }
    if named("recurrence", task.recurrence.is_some()) {
        change.recurrence =
            convert::parse_optional_recurrence(fields, "task.recurrence", task.recurrence.as_ref());
    }
    change
}
