//! `GetTask` and `BatchGetTasks`: tasks by their ids, also from the trash.

use chassis::deadline::Deadline;
use chassis::gathering::Outcome;
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::domain::{Task, TaskId};
use crate::error::{Error, Missing};
use crate::owner::OwnerId;
use crate::rpc::{batch, convert, fields::Fields};
use crate::store::{OwnerTx, tasks};

pub(super) async fn get_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::GetTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let mut fields = Fields::default();
    let id = parse(&mut fields, request.get_ref());
    let id = fields.finish(id)?;
    let found = match app.gatherings.reads.ask(owner, id).await {
        Outcome::Done(found) => found?,
        Outcome::Alone(id) => find(app, owner, id, deadline).await?,
    };
    Ok(convert::task(found.ok_or(Error::NotFound(Missing::Task))?))
}

async fn find(app: &App, owner: OwnerId, id: TaskId, deadline: Deadline) -> Result<Option<Task>, Error> {
    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    let task = tasks::find(&mut tx, id).await?;
    tx.commit().await?;
    Ok(task)
}

pub(super) async fn batch_get_tasks(
    app: &App,
    owner: OwnerId,
    request: Request<pb::BatchGetTasksRequest>,
) -> Result<pb::BatchGetTasksResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    batch::check_size(&message, message.requests.len())?;
    let ids = batch::parse_members(&message.requests, parse)?;
    let ids: Vec<_> = ids.into_iter().map(|id| id.0).collect();
    let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
    let found = batch::find_all(&mut tx, &ids).await?;
    tx.commit().await?;
    let tasks = batch::reply(found)?;
    Ok(pb::BatchGetTasksResponse { tasks })
}

fn parse(fields: &mut Fields, message: &pb::GetTaskRequest) -> Option<TaskId> {
    fields.check("id", TaskId::parse(&message.id))
}
