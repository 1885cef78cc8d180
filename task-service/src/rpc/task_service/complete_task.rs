//! `CompleteTask`: done, with an immutable record of it. Completing what is done already returns its completion.

use chassis::deadline::Deadline;
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
    let (target, occurrence) = parse(&message)?;
    let repeatable = Repeatable::new(target.request_id, "CompleteTask", &message);

    match Change::begin(app, owner, deadline, &target, repeatable).await? {
        Begun::Made(mut tx, task, made) => {
            let id = made.completion_id.ok_or(Error::NotFound(Missing::Task))?;
            let completion = completions::find(&mut tx, id)
                .await?
                .ok_or(Error::NotFound(Missing::Task))?;
            Ok(reply(*task, completion))
        }
        Begun::Fresh(change, task) => complete(app, change, *task, occurrence).await,
    }
}

async fn complete(
    app: &App,
    mut change: Change,
    mut task: Task,
    occurrence: Option<When>,
) -> Result<pb::CompleteTaskResponse, Error> {
    not_deleted(&task)?;
    let standing = completions::find_newest(&mut change.tx, task.id).await?;
    if let (State::Done, Some(completion)) = (task.state, standing) {
        if occurrence.is_some() && occurrence != completion.occurrence && occurrence != task.due {
            return Err(Error::Precondition(Precondition::OccurrenceNeverDue));
        }
        change.commit(task.id, Some(completion.id)).await?;
        return Ok(reply(task, completion));
    }
    if task.state == State::Cancelled {
        return Err(Error::Precondition(Precondition::Cancelled));
    }
    if occurrence.is_some() && occurrence != task.due {
        return Err(Error::Precondition(Precondition::OccurrenceNeverDue));
    }
    let completion = Completion {
        id: CompletionId(app.entropy.uuid_v7(&app.clock)),
        task_id: task.id,
        occurrence: task.due.clone(),
        start: task.start.clone(),
        occurrence_number: task.occurrence_number,
        complete_time: change.now,
        undo_time: None,
    };
    task.complete(change.now);
    change.store(&mut task).await?;
    let revision = change.tx.raise()?;
    completions::insert(&mut change.tx, &completion, revision).await?;
    change.commit(task.id, Some(completion.id)).await?;
    Ok(reply(task, completion))
}

fn reply(task: Task, completion: Completion) -> pb::CompleteTaskResponse {
    pb::CompleteTaskResponse {
        task: Some(convert::task(task)),
        completion: Some(convert::completion(completion)),
    }
}

fn parse(message: &pb::CompleteTaskRequest) -> Result<(Target, Option<When>), Error> {
    let mut fields = Fields::default();
    let target = Target::parse(
        &mut fields,
        ("id", &message.id),
        &message.etag,
        &message.request_id,
    );
    if !message.time_zone.is_empty() {
        fields.check("time_zone", When::zone(&message.time_zone));
    }
    let occurrence = convert::parse_optional_when(&mut fields, "occurrence", message.occurrence.clone());
    fields.finish(target.zip(occurrence))
}
