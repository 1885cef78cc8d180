//! `MoveList`: another place in the person's order.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use proto::tasks::v1::move_list_request::Position as Asked;
use tonic::Request;

use super::change::{Begun, Change, Target, find, not_deleted};
use crate::app::App;
use crate::domain::{List, ListId, Position};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::{convert, fields::Fields, idempotency::Repeatable, position};
use crate::store::lists;
use crate::store::order::Place;

pub(super) async fn move_list(
    app: &App,
    owner: OwnerId,
    request: Request<pb::MoveListRequest>,
) -> Result<pb::List, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (target, to) = parse(&message)?;
    let repeatable = Repeatable::new(target.request_id, "MoveList", &message);
    let list = match Change::begin(app, owner, deadline, target, repeatable).await? {
        Begun::Made(list) => list,
        Begun::Fresh(change, list) => move_to(change, list, to).await?,
    };
    Ok(convert::list(list))
}

async fn move_to(mut change: Box<Change>, mut list: List, to: Position<ListId>) -> Result<List, Error> {
    let beside = match to.beside() {
        Some(id) => Some(find(&mut change.write.tx, *id).await?),
        None => None,
    };
    change.check_etag()?;
    not_deleted(&list)?;
    beside.as_ref().map_or(Ok(()), not_deleted)?;
    let to = to.found(beside.as_ref().map(Place::from));
    list.rank = lists::find_rank(&mut change.write.tx, &to, &list).await?;
    change.commit(list).await
}

fn parse(message: &pb::MoveListRequest) -> Result<(Target, Position<ListId>), Error> {
    let mut fields = Fields::default();
    let id = ("id", message.id.as_str());
    let target = Target::parse(&mut fields, id, &message.etag, &message.request_id);
    let asked = match &message.position {
        None => None,
        Some(Asked::BeforeId(id)) => Some(Position::Before(id.as_str())),
        Some(Asked::AfterId(id)) => Some(Position::After(id.as_str())),
        Some(Asked::First(is_set)) => position::flag(&mut fields, "first", *is_set, Position::First),
        Some(Asked::Last(is_set)) => position::flag(&mut fields, "last", *is_set, Position::Last),
    };
    let moving = target.as_ref().map(|target| &target.id);
    let to = position::parse(&mut fields, asked, ListId::parse, moving);
    fields.finish(target.zip(to))
}
