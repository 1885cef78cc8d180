//! `SkipOccurrence`: on to the next occurrence, without a completion.

use chassis::deadline::Deadline;
use chrono_tz::Tz;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Target, change, not_deleted};
use crate::app::App;
use crate::domain::State;
use crate::error::{Error, Precondition};
use crate::owner::OwnerId;
use crate::rpc::{convert, fields::Fields, idempotency::Repeatable};

pub(super) async fn skip_occurrence(
    app: &App,
    owner: OwnerId,
    request: Request<pb::SkipOccurrenceRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (target, floating) = parse(&message)?;
    let repeatable = Repeatable::new(target.request_id, "SkipOccurrence", &message);
    let task = change(app, owner, deadline, target, repeatable, move |task, now| {
        not_deleted(task)?;
        if task.recurrence.is_none() {
            return Err(Error::Precondition(Precondition::NotRecurring));
        }
        if task.state != State::Open {
            return Err(Error::Precondition(Precondition::NotOpen));
        }
        if !task.advance(now, floating).map_err(Error::internal)? {
            // Nothing is left to do, and the last one was not done.
            task.cancel();
        }
        Ok(true)
    })
    .await?;
    Ok(convert::task(task))
}

fn parse(message: &pb::SkipOccurrenceRequest) -> Result<(Target, Tz), Error> {
    let mut fields = Fields::default();
    let target = Target::parse(
        &mut fields,
        ("id", &message.id),
        &message.etag,
        &message.request_id,
    );
    let floating = convert::parse_time_zone(&mut fields, &message.time_zone);
    fields.finish(target.zip(floating))
}
