//! `CreateTask` and `BatchCreateTasks`: new tasks at the end of the person's order, safe to repeat under the request id
//! or their own ids.

use chassis::deadline::Deadline;
use chassis::gathering::Outcome;
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::domain::RequestId;
use crate::error::Error;
use crate::gathering;
use crate::owner::OwnerId;
use crate::rpc::creation::{self, Creation, Wanted};
use crate::rpc::fields::Fields;
use crate::rpc::idempotency::Repeatable;
use crate::rpc::write::{Started, Write};
use crate::rpc::{batch, convert};
use crate::store::tasks;

pub(super) async fn create_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::CreateTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let mut fields = Fields::default();
    let wanted = creation::parse(&mut fields, &message);
    let request_id = fields.check("request_id", RequestId::parse(&message.request_id));
    let (wanted, request_id) = fields.finish(wanted.zip(request_id))?;
    let repeatable = Repeatable::new(request_id, "CreateTask", &message);
    if !wanted.is_plain() {
        return create_alone(app, owner, deadline, wanted, repeatable).await;
    }
    let asked = gathering::Creation {
        new: wanted.into_plain(),
        repeat: repeatable.repeat(),
    };
    match app.gatherings.creates.ask(owner, asked).await {
        Outcome::Done(task) => Ok(convert::task(task?)),
        Outcome::Alone(asked) => {
            create_alone(app, owner, deadline, Wanted::of_plain(asked.new), repeatable).await
        }
    }
}

async fn create_alone(
    app: &App,
    owner: OwnerId,
    deadline: Deadline,
    wanted: Wanted,
    repeatable: Repeatable,
) -> Result<pb::Task, Error> {
    let mut write = match Write::begin(app, owner, deadline, repeatable).await? {
        Started::Made(mut tx, made) => {
            return Ok(convert::task(tasks::find_resource(&mut tx, &made).await?));
        }
        Started::Fresh(write) => write,
    };
    let wanted = [wanted];
    let mut creation = Creation::begin(app, &mut write.tx, write.now, &wanted).await?;
    let [wanted] = wanted;
    let task = creation.add(wanted).await?;
    creation.finish().await?;
    write.commit(&[task.id.0], None).await?;
    Ok(convert::task(task))
}

pub(super) async fn batch_create_tasks(
    app: &App,
    owner: OwnerId,
    request: Request<pb::BatchCreateTasksRequest>,
) -> Result<pb::BatchCreateTasksResponse, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    batch::check_size(&message, message.requests.len())?;
    let (wanted, request_id) = batch::parse_writes(
        &message.requests,
        &message.request_id,
        |member| &member.request_id,
        creation::parse,
    )?;
    let repeatable = Repeatable::new(request_id, "BatchCreateTasks", &message);

    let mut write = match Write::begin(app, owner, deadline, repeatable).await? {
        Started::Made(mut tx, made) => {
            let tasks = batch::reply(batch::find_all(&mut tx, &made.resources).await?)?;
            return Ok(pb::BatchCreateTasksResponse { tasks });
        }
        Started::Fresh(write) => write,
    };
    let mut creation = Creation::begin(app, &mut write.tx, write.now, &wanted).await?;
    let mut made = Vec::new();
    for (index, wanted) in wanted.into_iter().enumerate() {
        let task = creation.add(wanted).await;
        made.push(task.map_err(|error| error.of_member(index))?);
    }
    creation.finish().await?;
    let ids: Vec<_> = made.iter().map(|task| task.id.0).collect();
    let tasks = batch::reply(made)?;
    write.commit(&ids, None).await?;
    Ok(pb::BatchCreateTasksResponse { tasks })
}
