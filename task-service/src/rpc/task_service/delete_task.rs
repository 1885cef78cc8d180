//! `DeleteTask`: into the trash, where it stays for 30 days.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Target, change};
use crate::app::App;
use crate::domain::DeletionId;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::{convert, idempotency::Repeatable};

pub(super) async fn delete_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::DeleteTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let target = Target::of(&message.id, &message.etag, &message.request_id)?;
    let repeatable = Repeatable::new(target.request_id, "DeleteTask", &message);
    let deletion = DeletionId(app.entropy.uuid_v7(&app.clock));
    let task = change(app, owner, deadline, &target, repeatable, |task, now| {
        if task.is_deleted() {
            return Ok(false);
        }
        task.delete(deletion, now);
        Ok(true)
    })
    .await?;
    Ok(convert::task(task))
}
