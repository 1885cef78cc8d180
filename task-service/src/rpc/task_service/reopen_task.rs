//! `ReopenTask`: open again, and the newest completion marked as undone.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Begun, Change, Target, not_deleted};
use crate::app::App;
use crate::domain::State;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::{convert, idempotency::Repeatable};
use crate::store::completions;

pub(super) async fn reopen_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::ReopenTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let target = Target::of(&message.id, &message.etag, &message.request_id)?;
    let repeatable = Repeatable::new(target.request_id, "ReopenTask", &message);

    let (mut change, mut task) = match Change::begin(app, owner, deadline, &target, repeatable).await? {
        Begun::Made(_, task, _) => return Ok(convert::task(*task)),
        Begun::Fresh(change, task) => (change, *task),
    };
    not_deleted(&task)?;
    if task.state == State::Done
        && let Some(completion) = completions::find_newest(&mut change.tx, task.id).await?
    {
        let revision = change.tx.raise()?;
        completions::update_undone(&mut change.tx, completion.id, revision, change.now).await?;
    }
    if task.state != State::Open {
        task.reopen();
        change.store(&mut task).await?;
    }
    change.commit(task.id, None).await?;
    Ok(convert::task(task))
}
