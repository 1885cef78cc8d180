//! `CreateList`: a new list at the end of the person's order, safe to repeat under its request id or its own id.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::domain::{List, ListId, ListTitle, Rank, RequestId};
use crate::error::{Error, Exists};
use crate::owner::OwnerId;
use crate::rpc::convert;
use crate::rpc::fields::Fields;
use crate::rpc::idempotency::{Repeatable, hash_of};
use crate::rpc::write::{Started, Write};
use crate::store::lists;

pub(super) async fn create_list(
    app: &App,
    owner: OwnerId,
    request: Request<pb::CreateListRequest>,
) -> Result<pb::List, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (title, chosen, request_id) = parse(&message)?;
    let repeatable = Repeatable::new(request_id, "CreateList", &message);
    let create_hash = chosen.map(|_| {
        hash_of(&pb::CreateListRequest {
            request_id: String::new(),
            ..message
        })
    });

    let mut write = match Write::begin(app, owner, deadline, repeatable).await? {
        Started::Fresh(write) => write,
        Started::Made(mut tx, made) => {
            return Ok(convert::list(lists::find_resource(&mut tx, &made).await?));
        }
    };
    let Write { tx, now, .. } = &mut write;
    if let (Some(id), Some(hash)) = (chosen, &create_hash)
        && let Some(list) = lists::find(tx, id).await?
    {
        if lists::find_create_hash(tx, id).await?.as_ref() != Some(hash) {
            return Err(Error::Exists(Exists::ListId));
        }
        write.commit(&[id.0], None).await?;
        return Ok(convert::list(list));
    }

    let last = lists::find_last_rank(tx).await?;
    let list = List {
        id: chosen.unwrap_or_else(|| ListId(app.entropy.uuid_v7(&app.clock))),
        revision: tx.raise()?,
        title,
        rank: Rank::after(last.as_ref()),
        create_time: *now,
        update_time: *now,
        delete_time: None,
        purge_time: None,
        deletion_id: None,
    };
    lists::insert(tx, &list, create_hash.as_deref()).await?;
    write.commit(&[list.id.0], None).await?;
    Ok(convert::list(list))
}

fn parse(message: &pb::CreateListRequest) -> Result<(ListTitle, Option<ListId>, Option<RequestId>), Error> {
    let mut fields = Fields::default();
    let title = match &message.list {
        Some(list) => fields.check("list.title", ListTitle::parse(&list.title)),
        None => {
            fields.fault("list", "The list is missing; give one with a title.");
            None
        }
    };
    let chosen = convert::optional_id(&message.list_id, ListId::parse);
    let chosen = fields.check("list_id", chosen);
    let request_id = fields.check("request_id", RequestId::parse(&message.request_id));
    let whole = title
        .zip(chosen)
        .zip(request_id)
        .map(|((title, chosen), request_id)| (title, chosen, request_id));
    fields.finish(whole)
}
