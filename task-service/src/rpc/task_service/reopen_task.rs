//! `ReopenTask`: open again, and the newest completion marked as undone; a recurring task goes back to what was completed.

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
    // What is open and recurs has its last completion taken back; what was given up has none.
    let had_completion = match task.state {
        State::Open => task.recurrence.is_some(),
        State::Done => true,
        State::Cancelled => false,
    };
    let mut is_changed = task.state != State::Open;
    if had_completion
        && let Some(completion) = completions::find_newest(&mut change.write.tx, task.id).await?
    {
        let revision = change.write.tx.raise()?;
        completions::update_undone(&mut change.write.tx, completion.id, revision, change.write.now).await?;
        if task.recurrence.is_some() {
            task.move_back(&completion);
        }
        is_changed = true;
    }
    if is_changed {
        task.reopen();
        change.store(&mut task).await?;
    }
    change.commit(task.id, None).await?;
    Ok(convert::task(task))
}
