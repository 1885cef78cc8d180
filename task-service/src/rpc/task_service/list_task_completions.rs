//! `ListTaskCompletions`: what was completed of a task and when, newest first, in keyset pages.

use chassis::deadline::Deadline;
use chrono::DateTime;
use proto::tasks::v1 as pb;
use serde::{Deserialize, Serialize};
use tonic::Request;
use uuid::Uuid;

use crate::app::App;
use crate::domain::{CompletionId, TaskId};
use crate::error::{Error, Missing};
use crate::owner::OwnerId;
use crate::rpc::{convert, fields::Fields};
use crate::store::completions::{self, Place};
use crate::store::{OwnerTx, tasks};

const DEFAULT_SIZE: usize = 50;
const LARGEST_SIZE: usize = 1000;

/// What a page token says.
#[derive(Serialize, Deserialize)]
struct Payload {
    micros: i64,
    id: Uuid,
}

pub(super) async fn list_task_completions(
    app: &App,
    owner: OwnerId,
    request: Request<pb::ListTaskCompletionsRequest>,
) -> Result<pb::ListTaskCompletionsResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (id, size) = parse(&message)?;
    let person = owner.uuid();
    let bound = [person.as_bytes(), id.0.as_bytes(), &b"ListTaskCompletions"[..]];
    let payload: Option<Payload> = app
        .page_tokens
        .read(&bound, &message.page_token)
        .map_err(|_| Error::PageToken)?;
    let before = payload.map(place).transpose()?;

    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    if tasks::find(&mut tx, id).await?.is_none() {
        return Err(Error::NotFound(Missing::Task));
    }
    // One more than asked for tells whether there is a next page.
    let limit = i64::try_from(size + 1).map_err(Error::internal)?;
    let mut found = completions::list(&mut tx, id, before, limit).await?;
    tx.commit().await?;

    let mut reply = pb::ListTaskCompletionsResponse::default();
    if found.len() > size {
        found.truncate(size);
        let last = found.last().map(|completion| Payload {
            micros: completion.complete_time.timestamp_micros(),
            id: completion.id.0,
        });
        let token = last.and_then(|last| app.page_tokens.make(&bound, &last));
        reply.next_page_token = token.ok_or_else(|| Error::internal("no key for page tokens"))?;
    }
    reply.completions = found.into_iter().map(convert::completion).collect();
    Ok(reply)
}

fn place(payload: Payload) -> Result<Place, Error> {
    Ok(Place {
        complete_time: DateTime::from_timestamp_micros(payload.micros).ok_or(Error::PageToken)?,
        id: CompletionId(payload.id),
    })
}

fn parse(message: &pb::ListTaskCompletionsRequest) -> Result<(TaskId, usize), Error> {
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
