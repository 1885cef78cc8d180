//! `GetTask`: one task, also from the trash.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::domain::TaskId;
use crate::error::{Error, Missing};
use crate::owner::OwnerId;
use crate::rpc::{convert, fields::Fields};
use crate::store::{OwnerTx, tasks};

pub(super) async fn get_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::GetTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let mut fields = Fields::default();
    let id = fields.check("id", TaskId::parse(&request.get_ref().id));
    let id = fields.finish(id)?;
    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    let task = tasks::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound(Missing::Task))?;
    tx.commit().await?;
    Ok(convert::task(task))
}
