//! `CancelTask`: gives a task up.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Target, change, not_deleted};
use crate::app::App;
use crate::domain::State;
use crate::error::{Error, Precondition};
use crate::owner::OwnerId;
use crate::rpc::{convert, idempotency::Repeatable};

pub(super) async fn cancel_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::CancelTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let target = Target::of(&message.id, &message.etag, &message.request_id)?;
    let repeatable = Repeatable::new(target.request_id, "CancelTask", &message);
    let task = change(app, owner, deadline, target, repeatable, move |task, _| {
        not_deleted(task)?;
        match task.state {
            State::Cancelled => Ok(false),
            State::Done => Err(Error::Precondition(Precondition::Done)),
            State::Open => {
                task.cancel();
                Ok(true)
            }
        }
    })
    .await?;
    Ok(convert::task(task))
}
