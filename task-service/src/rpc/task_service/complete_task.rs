//! `CompleteTask`: done, with an immutable record of it, or on to the next occurrence. Completing what is done already
//! returns its completion.

use chassis::deadline::Deadline;
use chrono_tz::Tz;
use proto::tasks::v1 as pb;
use tonic::Request;

use super::change::{Begun, Change, Target, not_deleted};
use crate::app::App;
use crate::domain::{Completion, CompletionId, State, Task, When};
use crate::error::{Error, Missing, Precondition};
use crate::owner::OwnerId;
use crate::rpc::{convert, fields::Fields, idempotency::Repeatable};
use crate::store::completions;

pub(super) async fn complete_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::CompleteTaskRequest>,
) -> Result<pb::CompleteTaskResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (target, wanted) = parse(&message)?;
    let repeatable = Repeatable::new(target.request_id, "CompleteTask", &message);

    match Change::begin(app, owner, deadline, &target, repeatable).await? {
        Begun::Made(mut tx, task, made) => {
            let id = made.completion_id.ok_or(Error::NotFound(Missing::Task))?;
            let completion = completions::find(&mut tx, id)
                .await?
                .ok_or(Error::NotFound(Missing::Task))?;
            Ok(reply(*task, completion))
        }
        Begun::Fresh(change, task) => complete(app, change, *task, wanted).await,
    }
}

async fn complete(
    app: &App,
    mut change: Change,
    mut task: Task,
    wanted: Wanted,
) -> Result<pb::CompleteTaskResponse, Error> {
    not_deleted(&task)?;
    if let Some(completion) = find_standing(&mut change, &task, wanted.occurrence.as_ref()).await? {
        change.commit(task.id, Some(completion.id)).await?;
        return Ok(reply(task, completion));
    }
    if task.state == State::Cancelled {
        return Err(Error::Precondition(Precondition::Cancelled));
    }
    let completion = Completion {
        id: CompletionId(app.entropy.uuid_v7(&app.clock)),
        task_id: task.id,
        occurrence: task.due.clone(),
        start: task.start.clone(),
        occurrence_number: task.occurrence_number,
        complete_time: change.write.now,
        undo_time: None,
    };
    let is_over = task.state == State::Done
        || !task
            .advance(change.write.now, wanted.floating)
            .map_err(Error::internal)?;
    if is_over {
        task.complete(change.write.now);
    }
    change.store(&mut task).await?;
    let revision = change.write.tx.raise()?;
    completions::insert(&mut change.write.tx, &completion, revision).await?;
    change.commit(task.id, Some(completion.id)).await?;
    Ok(reply(task, completion))
}

/// The completion that there is already of what is asked for.
async fn find_standing(
    change: &mut Change,
    task: &Task,
    occurrence: Option<&When>,
) -> Result<Option<Completion>, Error> {
    match occurrence {
        Some(occurrence) if task.due.as_ref() != Some(occurrence) => {
            let found = completions::find_of_occurrence(&mut change.write.tx, task.id, occurrence).await?;
            found
                .map(Some)
                .ok_or(Error::Precondition(Precondition::OccurrenceNeverDue))
        }
        _ if task.state == State::Done => completions::find_newest(&mut change.write.tx, task.id).await,
        _ => Ok(None),
    }
}

fn reply(task: Task, completion: Completion) -> pb::CompleteTaskResponse {
    pb::CompleteTaskResponse {
        task: Some(convert::task(task)),
        completion: Some(convert::completion(completion)),
    }
}

/// What is to be completed.
struct Wanted {
    /// The due that is meant; none means the present one.
    occurrence: Option<When>,
    /// The zone of a due without one.
    floating: Tz,
}

fn parse(message: &pb::CompleteTaskRequest) -> Result<(Target, Wanted), Error> {
    let mut fields = Fields::default();
    let target = Target::parse(
        &mut fields,
        ("id", &message.id),
        &message.etag,
        &message.request_id,
    );
    let floating = convert::parse_time_zone(&mut fields, &message.time_zone);
    let occurrence = convert::parse_optional_when(&mut fields, "occurrence", message.occurrence.clone());
    let wanted = occurrence
        .zip(floating)
        .map(|(occurrence, floating)| Wanted { occurrence, floating });
    fields.finish(target.zip(wanted))
}
