//! `PurgeTask`: out of the trash for good.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Target, find};
use crate::app::App;
use crate::deletions::Why;
use crate::error::{Error, Precondition};
use crate::owner::OwnerId;
use crate::rpc::idempotency::Repeatable;
use crate::rpc::write::{Started, Write};
use crate::store::tasks;

pub(super) async fn purge_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::PurgeTaskRequest>,
) -> Result<pb::PurgeTaskResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let target = Target::of(&message.id, &message.etag, &message.request_id)?;
    let repeatable = Repeatable::new(target.request_id, "PurgeTask", &message);

    let mut write = match Write::begin(app, owner, deadline, repeatable).await? {
        Started::Made(..) => return Ok(pb::PurgeTaskResponse {}),
        Started::Fresh(write) => write,
    };
    let task = find(&mut write.tx, &target).await?;
    if !task.is_deleted() {
        return Err(Error::Precondition(Precondition::NotDeleted));
    }
    let purged = tasks::find_subtree(&mut write.tx, task.id, task.deletion_id).await?;
    tasks::update_orphans(&mut write.tx, &purged, write.now).await?;
    tasks::delete(&mut write.tx, &purged, write.now).await?;
    write.commit(&[], None).await?;
    app.deletions.count(Why::Purge, purged.len() as u64);
    Ok(pb::PurgeTaskResponse {})
}
