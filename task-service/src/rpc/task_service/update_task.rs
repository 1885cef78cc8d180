//! `UpdateTask` and `BatchUpdateTasks`: the masked fields and no others (AIP-134).

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Target, change, not_deleted};
use crate::app::App;
use crate::domain::{Notes, Task, TaskChange, Title};
use crate::error::{Error, Missing};
use crate::owner::OwnerId;
use crate::rpc::mask::{Mask, Paths};
use crate::rpc::write::{Started, Write};
use crate::rpc::{batch, convert, fields::Fields, idempotency::Repeatable};
use crate::store::tasks;

const PATHS: Paths = Paths {
    mutable: &[
        "title",
        "notes",
        "priority",
        "labels",
        "start",
        "due",
        "recurrence",
    ],
    not_here: &[
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
    ],
    expected: "title, notes, priority, labels, start, due or recurrence",
};

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
    let task = change(app, owner, deadline, target, repeatable, move |task, _| {
        update(task, wanted.clone())
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
        let checked = target.check(task.revision).and_then(|()| update(task, wanted));
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
    let wants_recurrence = matches!(wanted.recurrence, Some(Some(_)));
    task.apply(wanted);
    if task.due != before.due || task.recurrence != before.recurrence {
        check_recurrence(task, wants_recurrence)?;
    }
    Ok(*task != before)
}

/// Whether the rule fits the due, of which the update may have named only one.
fn check_recurrence(task: &Task, is_named: bool) -> Result<(), Error> {
    let Some(recurrence) = &task.recurrence else {
        return Ok(());
    };
    let mut fields = Fields::default();
    let checked = match &task.due {
        Some(due) => fields.check("task.recurrence.rrule", recurrence.check(due)),
        None if is_named => fields.check("task.recurrence", Err(convert::RECURRENCE_NEEDS_DUE)),
        None => fields.check(
            "task.due",
            Err("A task that recurs needs a due date; keep it, or remove the recurrence too."),
        ),
    };
    fields.finish(checked)
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
    let mask = Mask::read(fields, message.update_mask.as_ref(), &PATHS);
    let wanted = changes(fields, &mask, task);
    target.map(|target| (target, wanted))
}

/// What the mask means. A field that is wrong has its fault told and is left out here.
fn changes(fields: &mut Fields, mask: &Mask<'_>, task: &pb::Task) -> TaskChange {
    let mut change = TaskChange::default();
    if mask.names("title", !task.title.is_empty()) {
        change.title = fields.check("task.title", Title::parse(&task.title));
    }
    if mask.names("notes", !task.notes.is_empty()) {
        change.notes = fields.check("task.notes", Notes::parse(task.notes.clone()));
    }
    if mask.names("priority", task.priority != 0) {
        change.priority = fields.check("task.priority", convert::parse_priority(task.priority));
    }
    if mask.names("start", task.start.is_some()) {
        change.start = convert::parse_optional_when(fields, "task.start", task.start.clone());
    }
    if mask.names("due", task.due.is_some()) {
        change.due = convert::parse_optional_when(fields, "task.due", task.due.clone());
    }
    if mask.names("labels", !task.labels.is_empty()) {
        change.labels = convert::parse_labels(fields, "task.labels", &task.labels);
    }
    if mask.names("recurrence", task.recurrence.is_some()) {
        change.recurrence =
            convert::parse_optional_recurrence(fields, "task.recurrence", task.recurrence.as_ref());
    }
    change
}
