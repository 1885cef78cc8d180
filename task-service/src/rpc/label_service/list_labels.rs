//! `ListLabels`: keyset pages by name.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::page_token::Bound;
use crate::rpc::{convert, fields::Fields};
use crate::store::{OwnerTx, task_labels};

pub(super) async fn list_labels(
    app: &App,
    owner: OwnerId,
    request: Request<pb::ListLabelsRequest>,
) -> Result<pb::ListLabelsResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let mut fields = Fields::default();
    let size = fields.page_size(message.page_size);
    let size = fields.finish(size)?;
    let bound = Bound::to(owner, "ListLabels", &pb::ListLabelsRequest::default());
    let after: Option<String> = bound.read(&app.page_tokens, &message.page_token)?;

    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    // One more than asked for tells whether there is a next page.
    let limit = i64::try_from(size + 1).map_err(Error::internal)?;
    let mut found = task_labels::list(&mut tx, after.as_deref().unwrap_or_default(), limit).await?;
    tx.commit().await?;
    let has_more = found.len() > size;
    found.truncate(size);
    let next_page_token = match found.last() {
        Some(last) if has_more => bound.make(&app.page_tokens, &last.label.as_str())?,
        _ => String::new(),
    };
    let labels = found
        .into_iter()
        .map(|found| convert::label(&found.label, found.tasks));
    Ok(pb::ListLabelsResponse {
        labels: labels.collect(),
        next_page_token,
    })
}
