//! `DeleteList`: into the trash with the tasks in it, where they stay for 30 days.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Begun, Change, Target};
use crate::app::App;
use crate::domain::{DeletionId, List};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::{convert, idempotency::Repeatable};
use crate::store::tasks;

pub(super) async fn delete_list(
    app: &App,
    owner: OwnerId,
    request: Request<pb::DeleteListRequest>,
) -> Result<pb::List, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let target = Target::of(&message.id, &message.etag, &message.request_id)?;
    let repeatable = Repeatable::new(target.request_id, "DeleteList", &message);
    let deletion = DeletionId(app.entropy.uuid_v7(&app.clock));
    let list = match Change::begin(app, owner, deadline, target, repeatable).await? {
        Begun::Made(list) => list,
        Begun::Fresh(change, list) => delete(change, list, deletion).await?,
    };
    Ok(convert::list(list))
}

async fn delete(mut change: Box<Change>, mut list: List, deletion: DeletionId) -> Result<List, Error> {
    change.check_etag()?;
    if !list.is_deleted() {
        let (tx, now) = (&mut change.write.tx, change.write.now);
        let taken = tasks::find_of_list(tx, list.id).await?;
        tasks::update_deletion(tx, &taken, Some(deletion), now).await?;
        list.delete(deletion, now);
    }
    change.commit(list).await
}
