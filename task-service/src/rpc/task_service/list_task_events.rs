//! `ListTaskEvents`: what happened to a task, the newest first.

use chassis::deadline::Deadline;
use prost::Message as _;
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::domain::{FieldChange, Revision, TaskEvent, TaskId};
use crate::error::{Error, Missing};
use crate::owner::OwnerId;
use crate::rpc::page_token::Bound;
use crate::rpc::{convert, fields::Fields};
use crate::store::{OwnerTx, task_events, tasks};

const DEFAULT_SIZE: usize = 50;
const LARGEST_SIZE: usize = 1000;
/// A page ends here, so that a reply stays well below the limit of a message.
const PAGE_LIMIT_BYTES: usize = 3 * 1024 * 1024;
/// Rows are read in parts: each can have as much as some twenty cut values.
const PART_SIZE: usize = 100;

pub(super) async fn list_task_events(
    app: &App,
    owner: OwnerId,
    request: Request<pb::ListTaskEventsRequest>,
) -> Result<pb::ListTaskEventsResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (id, size) = parse(&message)?;
    let arguments = pb::ListTaskEventsRequest {
        page_size: 0,
        page_token: String::new(),
        ..message.clone()
    };
    let bound = Bound::to(owner, "ListTaskEvents", &arguments);
    let place: Option<i64> = bound.read(&app.page_tokens, &message.page_token)?;
    let mut place = Revision(place.unwrap_or(i64::MAX));

    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    if tasks::find(&mut tx, id).await?.is_none() {
        return Err(Error::NotFound(Missing::Task));
    }
    let (mut reply, mut bytes) = (pb::ListTaskEventsResponse::default(), 0);
    'page: loop {
        // One more than asked for tells whether there is a next page.
        let limit = (size + 1 - reply.events.len()).min(PART_SIZE);
        let rows = i64::try_from(limit).map_err(Error::internal)?;
        let found = task_events::list(&mut tx, id, place, rows).await?;
        let is_last = found.len() < limit;
        for event in found {
            let next = event.happened.revision;
            let event = convert_event(event);
            bytes += event.encoded_len() + 4;
            let is_full = reply.events.len() == size || bytes > PAGE_LIMIT_BYTES;
            if is_full && !reply.events.is_empty() {
                reply.next_page_token = bound.make(&app.page_tokens, &place.0)?;
                break 'page;
            }
            reply.events.push(event);
            place = next;
        }
        if is_last {
            break;
        }
    }
    tx.commit().await?;
    Ok(reply)
}

fn convert_event(event: TaskEvent) -> pb::TaskEvent {
    let TaskEvent {
        happened,
        event_time,
        actor,
        method,
    } = event;
    let changes = happened.changes.into_iter();
    let changes = changes.map(|change: FieldChange| pb::task_event::FieldChange {
        field: change.field,
        old_value: change.old_value,
        new_value: change.new_value,
        cut: change.cut,
    });
    pb::TaskEvent {
        id: happened.revision.0.to_string(),
        task_id: happened.task_id.0.to_string(),
        event_time: Some(convert::timestamp(event_time)),
        actor,
        method,
        changes: changes.collect(),
    }
}

fn parse(message: &pb::ListTaskEventsRequest) -> Result<(TaskId, usize), Error> {
    let mut fields = Fields::default();
    let id = fields.check("id", TaskId::parse(&message.id));
    let size =
        usize::try_from(message.page_size).map_err(|_| "The size is negative; give 0 for the default of 50.");
    let size = fields.check("page_size", size).map(|size| match size {
        0 => DEFAULT_SIZE,
        size => size.min(LARGEST_SIZE),
    });
    fields.finish(id.zip(size))
}
