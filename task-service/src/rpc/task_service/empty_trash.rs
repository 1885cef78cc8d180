//! `EmptyTrash`: everything out of the trash for good, in bounded steps with the owner's lock for each. Whatever ends it half
//! way, the next call goes on.

use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::deletions::Why;
use crate::domain::{RequestId, TRASH_LIFE};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::write::{Started, Write};
use crate::rpc::{fields::Fields, idempotency::Repeatable};
use crate::store::{OwnerTx, owners, trash};

pub(super) async fn empty_trash(
    app: &App,
    owner: OwnerId,
    request: Request<pb::EmptyTrashRequest>,
) -> Result<pb::EmptyTrashResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let mut fields = Fields::default();
    let request_id = fields.check("request_id", RequestId::parse(&message.request_id));
    let repeatable = Repeatable::new(fields.finish(request_id)?, "EmptyTrash", &message);

    let end = first_call(app, owner, deadline, repeatable).await?;
    let mut reply = pb::EmptyTrashResponse::default();
    for _ in 0..app.deletions.steps_per_call() {
        let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
        owners::lock(&mut tx, app.limits).await?;
        let limit = app.deletions.rows_per_step();
        let rows = trash::delete_some(&mut tx, end + TRASH_LIFE, limit, app.clock.now()).await?;
        tx.commit().await?;
        app.deletions.count(Why::Purge, rows);
        let rows = i64::try_from(rows).map_err(Error::internal)?;
        reply.purged_count += rows;
        if rows < limit {
            reply.done = true;
            break;
        }
    }
    Ok(reply)
}

/// When the trash was to be emptied: what goes there later was not meant. Recorded before the first step, so that every
/// repeat finds it.
async fn first_call(
    app: &App,
    owner: OwnerId,
    deadline: Deadline,
    repeatable: Repeatable,
) -> Result<DateTime<Utc>, Error> {
    match Write::begin(app, owner, deadline, repeatable).await? {
        Started::Made(_, made) => Ok(made.create_time),
        Started::Fresh(write) => {
            let now = write.now;
            write.commit(&[], None).await?;
            Ok(now)
        }
    }
}
