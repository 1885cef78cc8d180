//! `GetList`: one list, also from the trash.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::find;
use crate::app::App;
use crate::domain::ListId;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::{convert, fields::Fields};
use crate::store::OwnerTx;

pub(super) async fn get_list(
    app: &App,
    owner: OwnerId,
    request: Request<pb::GetListRequest>,
) -> Result<pb::List, Error> {
    let deadline = Deadline::of(&request);
    let mut fields = Fields::default();
    let id = fields.check("id", ListId::parse(&request.get_ref().id));
    let id = fields.finish(id)?;
    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    let list = find(&mut tx, id).await?;
    tx.commit().await?;
    Ok(convert::list(list))
}
