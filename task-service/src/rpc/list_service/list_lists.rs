//! `ListLists`: keyset pages by (rank, id).

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;
use uuid::Uuid;

use crate::app::App;
use crate::domain::Rank;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::page_token::Bound;
use crate::rpc::{convert, fields::Fields};
use crate::store::order::Place;
use crate::store::{OwnerTx, lists};

pub(super) async fn list_lists(
    app: &App,
    owner: OwnerId,
    request: Request<pb::ListListsRequest>,
) -> Result<pb::ListListsResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let mut fields = Fields::default();
    let size = fields.page_size(message.page_size);
    let size = fields.finish(size)?;
    let arguments = pb::ListListsRequest {
        page_size: 0,
        page_token: String::new(),
        ..message
    };
    let bound = Bound::to(owner, "ListLists", &arguments);
    let after: Option<(String, Uuid)> = bound.read(&app.page_tokens, &message.page_token)?;
    let after = after.map(|(rank, id)| Place {
        rank: Rank::stored(rank),
        id,
    });

    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    // One more than asked for tells whether there is a next page.
    let limit = i64::try_from(size + 1).map_err(Error::internal)?;
    let mut found = lists::list(&mut tx, after.as_ref(), message.show_deleted, limit).await?;
    tx.commit().await?;
    let has_more = found.len() > size;
    found.truncate(size);
    let next_page_token = match found.last() {
        Some(last) if has_more => bound.make(&app.page_tokens, &(last.rank.as_str(), last.id.0))?,
        _ => String::new(),
    };
    Ok(pb::ListListsResponse {
        lists: found.into_iter().map(convert::list).collect(),
        next_page_token,
    })
}
