//! `UpdateList`: the masked fields and no others (AIP-134).

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Begun, Change, Target, not_deleted};
use crate::app::App;
use crate::domain::ListTitle;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::idempotency::Repeatable;
use crate::rpc::mask::{Mask, Paths};
use crate::rpc::{convert, fields::Fields};

const PATHS: Paths = Paths {
    mutable: &["title"],
    not_here: &[
        "id",
        "rank",
        "create_time",
        "update_time",
        "delete_time",
        "purge_time",
        "etag",
    ],
    expected: "title",
};

pub(super) async fn update_list(
    app: &App,
    owner: OwnerId,
    request: Request<pb::UpdateListRequest>,
) -> Result<pb::List, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (target, title) = parse(&message)?;
    let repeatable = Repeatable::new(target.request_id, "UpdateList", &message);
    let list = match Change::begin(app, owner, deadline, target, repeatable).await? {
        Begun::Made(list) => list,
        Begun::Fresh(change, mut list) => {
            change.check_etag()?;
            not_deleted(&list)?;
            if let Some(title) = title {
                list.title = title;
            }
            change.commit(list).await?
        }
    };
    Ok(convert::list(list))
}

fn parse(message: &pb::UpdateListRequest) -> Result<(Target, Option<ListTitle>), Error> {
    let mut fields = Fields::default();
    let Some(list) = &message.list else {
        fields.fault(
            "list",
            "The list is missing; give one with its id and the fields to change.",
        );
        return fields.finish(None);
    };
    let id = ("list.id", list.id.as_str());
    let target = Target::parse(&mut fields, id, &list.etag, &message.request_id);
    let mask = Mask::read(&mut fields, message.update_mask.as_ref(), &PATHS);
    let title = mask
        .names("title", !list.title.is_empty())
        .then(|| fields.check("list.title", ListTitle::parse(&list.title)))
        .flatten();
    fields.finish(target.map(|target| (target, title)))
}
