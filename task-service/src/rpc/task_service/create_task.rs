//! `CreateTask`: a new task at the end of the person's order, safe to repeat under its request id or its own id.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::domain::{ListId, MOST_LEVELS, NewTask, Rank, RequestId, State, Task, TaskId};
use crate::error::{Error, Exists, Missing, Precondition, Violation};
use crate::owner::OwnerId;
use crate::rpc::convert;
use crate::rpc::fields::Fields;
use crate::rpc::idempotency::{Repeatable, hash_of};
use crate::store::{OwnerTx, lists, owners, tasks};

pub(super) async fn create_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::CreateTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (new, chosen, request_id) = parse(&message)?;
    let repeatable = Repeatable::new(request_id, "CreateTask", &message);
    let create_hash = chosen.map(|_| {
        hash_of(&pb::CreateTaskRequest {
            request_id: String::new(),
            ..message
        })
    });

    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    owners::lock(&mut tx, app.limits).await?;
    if let Some(made) = repeatable.replay(&mut tx).await? {
        let task = tasks::find_resource(&mut tx, &made).await?;
        return Ok(convert::task(task));
    }
    let now = app.clock.now();
    if let (Some(id), Some(hash)) = (chosen, &create_hash)
        && let Some(task) = tasks::find(&mut tx, id).await?
    {
        if tasks::find_create_hash(&mut tx, id).await?.as_ref() != Some(hash) {
            return Err(Error::Exists(Exists::TaskId));
        }
        repeatable.record(&mut tx, &[id.0], None, now).await?;
        tx.commit().await?;
        return Ok(convert::task(task));
    }

    let list_id = find_list(&mut tx, &new).await?;
    let last = tasks::find_last_rank(&mut tx).await?;
    let task = Task {
        id: chosen.unwrap_or_else(|| TaskId(app.entropy.uuid_v7(&app.clock))),
        revision: tx.raise()?,
        list_id,
        parent_id: new.parent_id,
        title: new.title,
        notes: new.notes,
        state: State::Open,
        priority: new.priority,
        labels: new.labels,
        start: new.start,
        due: new.due,
        recurrence: new.recurrence,
        occurrence_number: 1,
        rank: Rank::after(last.as_ref()),
        create_time: now,
        update_time: now,
        complete_time: None,
        delete_time: None,
        purge_time: None,
        deletion_id: None,
    };
    tasks::insert(&mut tx, &task, create_hash.as_deref()).await?;
    repeatable.record(&mut tx, &[task.id.0], None, now).await?;
    tx.commit().await?;
    Ok(convert::task(task))
}

/// The list that the new task will be in. What it names must be there, and outside the trash.
async fn find_list(tx: &mut OwnerTx, new: &NewTask) -> Result<Option<ListId>, Error> {
    if let Some(id) = new.list_id {
        let list = lists::find(tx, id).await?.ok_or(Error::NotFound(Missing::List))?;
        if list.is_deleted() {
            return Err(Error::Precondition(Precondition::ListDeleted));
        }
    }
    let Some(id) = new.parent_id else {
        return Ok(new.list_id);
    };
    let parent = tasks::find(tx, id)
        .await?
        .ok_or(Error::NotFound(Missing::Parent))?;
    if parent.is_deleted() {
        return Err(Error::Precondition(Precondition::ParentDeleted));
    }
    if new.list_id.is_some() && new.list_id != parent.list_id {
        return Err(Error::Invalid(vec![Violation {
            field: "task.list_id".into(),
            description: "A subtask is in its parent's list; leave list_id out, or give that one.".into(),
        }]));
    }
    if tasks::find_depth(tx, id).await? + 1 > MOST_LEVELS {
        return Err(Error::Precondition(Precondition::TooDeep));
    }
    Ok(parent.list_id)
}

fn parse(message: &pb::CreateTaskRequest) -> Result<(NewTask, Option<TaskId>, Option<RequestId>), Error> {
    let mut fields = Fields::default();
    let new = match message.task.clone() {
        Some(task) => convert::new_task(&mut fields, task),
        None => {
            fields.fault("task", "The task is missing; give one with a title.");
            None
        }
    };
    let chosen = match message.task_id.as_str() {
        "" => Some(None),
        text => fields.check("task_id", TaskId::parse(text)).map(Some),
    };
    let request_id = fields.check("request_id", RequestId::parse(&message.request_id));
    let whole = new
        .zip(chosen)
        .zip(request_id)
        .map(|((new, chosen), request_id)| (new, chosen, request_id));
    fields.finish(whole)
}
