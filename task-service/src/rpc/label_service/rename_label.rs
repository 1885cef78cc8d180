//! `RenameLabel`: another name on every task. One that is in use already takes the other in.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::domain::{Label, RequestId};
use crate::error::{Error, Missing};
use crate::owner::OwnerId;
use crate::rpc::write::{Started, Write};
use crate::rpc::{convert, fields::Fields, idempotency::Repeatable};
use crate::store::{OwnerTx, labels, task_labels};

pub(super) async fn rename_label(
    app: &App,
    owner: OwnerId,
    request: Request<pb::RenameLabelRequest>,
) -> Result<pb::RenameLabelResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (from, to, request_id) = parse(&message)?;
    let repeatable = Repeatable::new(request_id, "RenameLabel", &message);

    let mut write = match Write::begin(app, owner, deadline, repeatable).await? {
        Started::Fresh(write) => write,
        Started::Made(mut tx, _) => return reply(&mut tx, &to).await,
    };
    if !labels::rename(&mut write.tx, &from, &to, write.now).await? {
        return Err(Error::NotFound(Missing::Label));
    }
    let renamed = reply(&mut write.tx, &to).await?;
    write.commit(&[], None).await?;
    Ok(renamed)
}

/// The label as it is now.
async fn reply(tx: &mut OwnerTx, label: &Label) -> Result<pb::RenameLabelResponse, Error> {
    let count = task_labels::find_count(tx, label).await?;
    let count = count.ok_or(Error::NotFound(Missing::Label))?;
    Ok(pb::RenameLabelResponse {
        label: Some(convert::label(label, count)),
    })
}

fn parse(message: &pb::RenameLabelRequest) -> Result<(Label, Label, Option<RequestId>), Error> {
    let mut fields = Fields::default();
    let from = fields.check("name", Label::parse(&message.name));
    let to = fields.check("new_name", Label::parse(&message.new_name));
    let request_id = fields.check("request_id", RequestId::parse(&message.request_id));
    let whole = from
        .zip(to)
        .zip(request_id)
        .map(|((from, to), id)| (from, to, id));
    fields.finish(whole)
}
