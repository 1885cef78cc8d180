//! `UndeleteTask`: back from the trash, with exactly what its deletion took.

use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Begun, Change, Target};
use crate::app::App;
use crate::domain::Task;
use crate::error::{Error, Precondition};
use crate::owner::OwnerId;
use crate::rpc::{convert, idempotency::Repeatable};
use crate::store::{OwnerTx, lists, tasks};

pub(super) async fn undelete_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::UndeleteTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let target = Target::of(&message.id, &message.etag, &message.request_id)?;
    let repeatable = Repeatable::new(target.request_id, "UndeleteTask", &message);
    let (mut change, mut task) = match Change::begin(app, owner, deadline, &target, repeatable).await? {
        Begun::Made(_, task, _) => return Ok(convert::task(*task)),
        Begun::Fresh(change, task) => (change, *task),
    };
    undelete(&mut change.write.tx, &mut task, change.write.now).await?;
    change.commit(task.id, None).await?;
    Ok(convert::task(task))
}

/// Brings the task and what its deletion took along back to where they were, which must be outside of the trash. The owner
/// must be locked.
async fn undelete(tx: &mut OwnerTx, task: &mut Task, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(deletion) = task.deletion_id else {
        return Ok(());
    };
    if let Some(id) = task.list_id
        && lists::find(tx, id).await?.is_some_and(|list| list.is_deleted())
    {
        return Err(Error::Precondition(Precondition::ListDeleted));
    }
    if let Some(id) = task.parent_id
        && tasks::find(tx, id)
            .await?
            .is_some_and(|parent| parent.is_deleted())
    {
        return Err(Error::Precondition(Precondition::ParentDeleted));
    }
    // Nothing that the deletion took stands above this one, or else that would be in the trash too.
    let taken = tasks::find_subtree(tx, task.id, Some(deletion)).await?;
    task.revision = tasks::update_deletion(tx, &taken, None, now).await?;
    task.update_time = now;
    task.undelete();
    Ok(())
}
