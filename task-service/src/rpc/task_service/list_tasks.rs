//! `ListTasks`: keyset pages, so that no task that stands still is repeated or left out while others move.

use chassis::deadline::Deadline;
use chassis::gathering::Outcome;
use prost::Message as _;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::place::Payload;
use crate::app::App;
use crate::domain::{Filter, Here, OrderBy, Task};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::page_token::Bound;
use crate::rpc::{convert, fields::Fields};
use crate::store::OwnerTx;
use crate::store::list::{self, Page, Place};

/// A page ends here, so that a reply stays well below the limit of a message.
pub(super) const PAGE_LIMIT_BYTES: usize = 3 * 1024 * 1024;
/// Rows are read in parts about as large as a page may be in bytes: long notes could make a thousand rows six times that.
const PART_SIZE: usize = 200;

pub(super) async fn list_tasks(
    app: &App,
    owner: OwnerId,
    request: Request<pb::ListTasksRequest>,
) -> Result<pb::ListTasksResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (filter, order, size) = parse(app, &message)?;
    let arguments = pb::ListTasksRequest {
        page_size: 0,
        page_token: String::new(),
        ..message.clone()
    };
    let bound = Bound::to(owner, "ListTasks", &arguments);
    let after: Option<Payload> = bound.read(&app.page_tokens, &message.page_token)?;
    let after = after.map(Place::try_from).transpose()?;

    let mut source = Source::new(app, owner, deadline);
    let (mut reply, mut bytes, mut place) = (pb::ListTasksResponse::default(), 0, after);
    'page: loop {
        // One more than asked for tells whether there is a next page.
        let limit = (size + 1 - reply.tasks.len()).min(PART_SIZE);
        let part = Page {
            filter: &filter,
            order,
            show_deleted: message.show_deleted,
            after: place.as_ref(),
            limit,
        };
        let found = source.read(&part).await?;
        let is_last = found.len() < limit;
        for task in found {
            let next = Place::of(&task, order.field);
            let task = convert::task(task);
            bytes += task.encoded_len();
            let is_full = reply.tasks.len() == size || bytes > PAGE_LIMIT_BYTES;
            if is_full
                && !reply.tasks.is_empty()
                && let Some(last) = &place
            {
                reply.next_page_token = bound.make(&app.page_tokens, &Payload::from(last))?;
                break 'page;
            }
            reply.tasks.push(task);
            place = Some(next);
        }
        if is_last {
            break;
        }
    }
    source.finish().await?;
    Ok(reply)
}

/// Where the parts of a page come from: the first, when it is plain, together with other people's, and the others alone. A long
/// page would else queue for each of its parts.
struct Source<'a> {
    app: &'a App,
    owner: OwnerId,
    deadline: Deadline,
    is_first: bool,
    alone: Option<OwnerTx>,
}

impl<'a> Source<'a> {
    fn new(app: &'a App, owner: OwnerId, deadline: Deadline) -> Self {
        Self {
            app,
            owner,
            deadline,
            is_first: true,
            alone: None,
        }
    }

    async fn read(&mut self, part: &Page<'_>) -> Result<Vec<Task>, Error> {
        let is_first = std::mem::take(&mut self.is_first);
        if is_first
            && let Some(stretch) = part.stretch()
            && let Outcome::Done(found) = self.app.gatherings.pages.ask(self.owner, stretch).await
        {
            return found;
        }
        let mut tx = match self.alone.take() {
            Some(tx) => tx,
            None => OwnerTx::begin(&self.app.pool, self.owner, self.deadline).await?,
        };
        let found = list::list(&mut tx, part).await?;
        self.alone = Some(tx);
        Ok(found)
    }

    async fn finish(self) -> Result<(), Error> {
        match self.alone {
            Some(tx) => tx.commit().await,
            None => Ok(()),
        }
    }
}

fn parse(app: &App, message: &pb::ListTasksRequest) -> Result<(Filter, OrderBy, usize), Error> {
    let mut fields = Fields::default();
    let now = app.clock.now();
    let here = fields.check("time_zone", Here::in_zone(now, &message.time_zone));
    // A filter is looked at although the zone is wrong, so that every fault is told.
    let here = here.unwrap_or_else(|| Here::in_utc(now));
    let filter = fields.check("filter", Filter::parse(&message.filter, &here));
    let order = fields.check("order_by", OrderBy::parse(&message.order_by));
    let size = fields.page_size(message.page_size);
    let whole = filter
        .zip(order)
        .zip(size)
        .map(|((filter, order), size)| (filter, order, size));
    fields.finish(whole)
}
