//! `DeleteTask` and `BatchDeleteTasks`: into the trash with everything below it, where it stays for 30 days.

use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Begun, Change, Target, find};
use crate::app::App;
use crate::domain::{DeletionId, Task};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::write::{Started, Write};
use crate::rpc::{batch, convert, idempotency::Repeatable};
use crate::store::{OwnerTx, tasks};

pub(super) async fn delete_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::DeleteTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let target = Target::of(&message.id, &message.etag, &message.request_id)?;
    let repeatable = Repeatable::new(target.request_id, "DeleteTask", &message);
    let (mut change, mut task) = match Change::begin(app, owner, deadline, &target, repeatable).await? {
        Begun::Made(_, task, _) => return Ok(convert::task(*task)),
        Begun::Fresh(change, task) => (change, *task),
    };
    let deletion = DeletionId(app.entropy.uuid_v7(&app.clock));
    delete(&mut change.write.tx, &mut task, deletion, change.write.now).await?;
    change.commit(task.id, None).await?;
    Ok(convert::task(task))
}

pub(super) async fn batch_delete_tasks(
    app: &App,
    owner: OwnerId,
    request: Request<pb::BatchDeleteTasksRequest>,
) -> Result<pb::BatchDeleteTasksResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    batch::check_size(&message, message.requests.len())?;
    let (targets, request_id) = batch::parse_writes(
        &message.requests,
        &message.request_id,
        |member| &member.request_id,
        |fields, member| Target::parse(fields, ("id", &member.id), &member.etag, ""),
    )?;
    let repeatable = Repeatable::new(request_id, "BatchDeleteTasks", &message);

    let mut write = match Write::begin(app, owner, deadline, repeatable).await? {
        Started::Made(mut tx, made) => {
            let tasks = batch::reply(batch::find_all(&mut tx, &made.resources).await?)?;
            return Ok(pb::BatchDeleteTasksResponse { tasks });
        }
        Started::Fresh(write) => write,
    };
    let mut deleted = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        // Read now, since an earlier member may have taken it along.
        let found = find(&mut write.tx, target).await;
        let mut task = found.map_err(|error| error.of_member(index))?;
        let deletion = DeletionId(app.entropy.uuid_v7(&app.clock));
        delete(&mut write.tx, &mut task, deletion, write.now).await?;
        deleted.push(task);
    }
    let ids: Vec<_> = targets.iter().map(|target| target.id.0).collect();
    let tasks = batch::reply(deleted)?;
    write.commit(&ids, None).await?;
    Ok(pb::BatchDeleteTasksResponse { tasks })
}

/// Takes the task and what is below it to the trash, but for what is there already. The owner must be locked.
async fn delete(
    tx: &mut OwnerTx,
    task: &mut Task,
    deletion: DeletionId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if task.is_deleted() {
        return Ok(());
    }
    let taken = tasks::find_subtree(tx, task.id, None).await?;
    task.revision = tasks::update_deletion(tx, &taken, Some(deletion), now).await?;
    task.update_time = now;
    task.delete(deletion, now);
    Ok(())
}
