//! `ListChanges`: one page of the feed behind a sync token.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::page::{self, Size};
use crate::app::App;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::fields::Fields;

const DEFAULT_SIZE: usize = 100;
const LARGEST_SIZE: usize = 1000;
/// A page ends here, so that a reply stays well below the limit of a message.
const PAGE_LIMIT_BYTES: usize = 3 * 1024 * 1024;

pub(super) async fn list_changes(
    app: &App,
    owner: OwnerId,
    request: Request<pb::ListChangesRequest>,
) -> Result<pb::ListChangesResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.get_ref();
    let mut fields = Fields::default();
    let size = usize::try_from(message.page_size)
        .map_err(|_| "The size is negative; give 0 for the default of 100.");
    let size = fields.check("page_size", size);
    let size = fields.finish(size.map(|size| match size {
        0 => DEFAULT_SIZE,
        size => size.min(LARGEST_SIZE),
    }))?;
    let from = page::parse(&message.sync_token, owner)?;
    let size = Size {
        changes: size,
        bytes: PAGE_LIMIT_BYTES,
    };
    let page = page::read(app, owner, from, size, deadline).await?;
    Ok(pb::ListChangesResponse {
        changes: page.changes,
        next_sync_token: page.next.to_text(),
        has_more: page.has_more,
    })
}
