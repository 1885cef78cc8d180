//! `UndeleteList`: back from the trash, with exactly the tasks that its deletion took.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Begun, Change, Target};
use crate::app::App;
use crate::domain::List;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::{convert, idempotency::Repeatable};
use crate::store::tasks;

pub(super) async fn undelete_list(
    app: &App,
    owner: OwnerId,
    request: Request<pb::UndeleteListRequest>,
) -> Result<pb::List, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let target = Target::of(&message.id, &message.etag, &message.request_id)?;
    let repeatable = Repeatable::new(target.request_id, "UndeleteList", &message);
    let list = match Change::begin(app, owner, deadline, target, repeatable).await? {
        Begun::Made(list) => list,
        Begun::Fresh(change, list) => undelete(change, list).await?,
    };
    Ok(convert::list(list))
}

async fn undelete(mut change: Box<Change>, mut list: List) -> Result<List, Error> {
    change.check_etag()?;
    if let Some(deletion) = list.deletion_id {
        list.undelete();
        // First in the feed, so that nobody meets a living task in a list that is in the trash.
        change.store(&mut list).await?;
        let (tx, now) = (&mut change.write.tx, change.write.now);
        let taken = tasks::find_of_deletion(tx, deletion).await?;
        tasks::update_deletion(tx, &taken, None, now).await?;
    }
    change.commit(list).await
}
