//! `SearchTasks`: candidates from the one function that may look for text, then the rows through the wall, with the
//! filter. Typos are forgiven when nothing is found as it is written.

use chassis::deadline::Deadline;
use prost::Message as _;
use proto::tasks::v1 as pb;
use serde::{Deserialize, Serialize};
use tonic::Request;
use uuid::Uuid;

use super::list_tasks::PAGE_LIMIT_BYTES;
use crate::app::App;
use crate::domain::{Filter, Here, SearchQuery, Task, TaskId};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::page_token::Bound;
use crate::rpc::{convert, fields::Fields};
use crate::store::search::{Candidate, candidates};
use crate::store::{OwnerTx, list};

/// So many rows are read at once: most pages are smaller.
const PART_SIZE: usize = 100;

/// The place behind the last result of a page.
#[derive(Serialize, Deserialize)]
struct Place {
    typos: bool,
    score: i32,
    id: Uuid,
}

pub(super) async fn search_tasks(
    app: &App,
    owner: OwnerId,
    request: Request<pb::SearchTasksRequest>,
) -> Result<pb::SearchTasksResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (query, filter, size) = parse(app, &message)?;
    let arguments = pb::SearchTasksRequest {
        page_size: 0,
        page_token: String::new(),
        ..message.clone()
    };
    let bound = Bound::to(owner, "SearchTasks", &arguments);
    let after: Option<Place> = bound.read(&app.page_tokens, &message.page_token)?;

    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    let mut typos = after.as_ref().is_some_and(|place| place.typos);
    let mut found = candidates(&mut tx, &query, typos).await?;
    if found.is_empty() && after.is_none() {
        typos = true;
        found = candidates(&mut tx, &query, typos).await?;
    }
    if let Some(place) = &after {
        let is_behind = |one: &Candidate| {
            one.score < place.score || (one.score == place.score && one.id < TaskId(place.id))
        };
        found.retain(is_behind);
    }
    let (mut reply, mut bytes) = (pb::SearchTasksResponse::default(), 0);
    let mut last: Option<Candidate> = None;
    'page: for part in found.chunks(PART_SIZE) {
        for (candidate, task) in read(&mut tx, part, &filter).await? {
            if typos && !query.is_near(&task) {
                continue;
            }
            let snippet = query.snippet(&task);
            let result = pb::SearchResult {
                task: Some(convert::task(task)),
                snippet,
            };
            bytes += result.encoded_len();
            let is_full = reply.results.len() == size || bytes > PAGE_LIMIT_BYTES;
            if let (true, Some(Candidate { score, id })) = (is_full, last) {
                let place = Place {
                    typos,
                    score,
                    id: id.0,
                };
                reply.next_page_token = bound.make(&app.page_tokens, &place)?;
                break 'page;
            }
            reply.results.push(result);
            last = Some(candidate);
        }
    }
    tx.commit().await?;
    Ok(reply)
}

/// Those of the candidates that fit the filter, in their order.
async fn read(
    tx: &mut OwnerTx,
    part: &[Candidate],
    filter: &Filter,
) -> Result<Vec<(Candidate, Task)>, Error> {
    let ids: Vec<_> = part.iter().map(|candidate| candidate.id.0).collect();
    let mut tasks = list::find_some(tx, &ids, filter).await?;
    let fitting = part.iter().filter_map(|candidate| {
        let at = tasks.iter().position(|task| task.id == candidate.id)?;
        Some((*candidate, tasks.swap_remove(at)))
    });
    Ok(fitting.collect())
}

fn parse(app: &App, message: &pb::SearchTasksRequest) -> Result<(SearchQuery, Filter, usize), Error> {
    let mut fields = Fields::default();
    let query = fields.check("query", SearchQuery::parse(&message.query));
    let now = app.clock.now();
    let here = fields.check("time_zone", Here::in_zone(now, &message.time_zone));
    let here = here.unwrap_or_else(|| Here::in_utc(now));
    let filter = fields.check("filter", Filter::parse(&message.filter, &here));
    let size = fields.page_size(message.page_size);
    let whole = query
        .zip(filter)
        .zip(size)
        .map(|((query, filter), size)| (query, filter, size));
    fields.finish(whole)
}
