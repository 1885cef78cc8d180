//! `DeleteLabel`: off every task.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::domain::{Label, RequestId};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::write::{Started, Write};
use crate::rpc::{fields::Fields, idempotency::Repeatable};
use crate::store::labels;

pub(super) async fn delete_label(
    app: &App,
    owner: OwnerId,
    request: Request<pb::DeleteLabelRequest>,
) -> Result<pb::DeleteLabelResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (label, request_id) = parse(&message)?;
    let repeatable = Repeatable::new(request_id, "DeleteLabel", &message);

    if let Started::Fresh(mut write) = Write::begin(app, owner, deadline, repeatable).await? {
        labels::delete(&mut write.tx, &label, write.now).await?;
        write.commit(&[], None).await?;
    }
    Ok(pb::DeleteLabelResponse {})
}

fn parse(message: &pb::DeleteLabelRequest) -> Result<(Label, Option<RequestId>), Error> {
    let mut fields = Fields::default();
    let label = fields.check("name", Label::parse(&message.name));
    let request_id = fields.check("request_id", RequestId::parse(&message.request_id));
    fields.finish(label.zip(request_id))
}
