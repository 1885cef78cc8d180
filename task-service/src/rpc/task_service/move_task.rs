//! `MoveTask`: another place, list or parent. What is below a task moves with it.

use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use proto::tasks::v1::move_task_request::Position as Asked;
use tonic::Request;

use super::change::{Target, not_deleted};
use crate::app::App;
use crate::domain::{List, ListId, MOST_LEVELS, Position, Task, TaskId};
use crate::error::{Error, Missing, Precondition, Violation};
use crate::owner::OwnerId;
use crate::rpc::write::{Started, Write};
use crate::rpc::{convert, fields::Fields, idempotency::Repeatable, position};
use crate::store::moves::{self, Below};
use crate::store::order::Place;
use crate::store::{OwnerTx, lists, tasks};

/// Where a task shall be; the outer `None` keeps what is.
struct Move {
    list: Option<Option<ListId>>,
    parent: Option<Option<TaskId>>,
    to: Position<TaskId>,
}

pub(super) async fn move_task(
    app: &App,
    owner: OwnerId,
    request: Request<pb::MoveTaskRequest>,
) -> Result<pb::Task, Error> {
    let deadline = Deadline::of(&request);
    let message = request.into_inner();
    let (target, wanted) = parse(&message)?;
    let repeatable = Repeatable::new(target.request_id, "MoveTask", &message);
    let mut write = match Write::begin(app, owner, deadline, repeatable).await? {
        Started::Fresh(write) => write,
        Started::Made(mut tx, made) => {
            return Ok(convert::task(tasks::find_resource(&mut tx, &made).await?));
        }
    };
    let task = tasks::find(&mut write.tx, target.id).await?;
    let task = task.ok_or(Error::NotFound(Missing::Task))?;
    // What is not there is told before anything that is wrong with what is.
    let named = Named::find(&mut write.tx, &wanted).await?;
    target.check(task.revision)?;
    not_deleted(&task)?;
    named.not_deleted()?;
    let task = move_to(&mut write, task, wanted, &named).await?;
    write.commit(&[task.id.0], None).await?;
    Ok(convert::task(task))
}

/// What the request names beside the task.
struct Named {
    list: Option<List>,
    parent: Option<Task>,
    beside: Option<Task>,
}

impl Named {
    async fn find(tx: &mut OwnerTx, wanted: &Move) -> Result<Self, Error> {
        let list = match wanted.list.flatten() {
            Some(id) => Some(lists::find(tx, id).await?.ok_or(Error::NotFound(Missing::List))?),
            None => None,
        };
        let parent = match wanted.parent.flatten() {
            Some(id) => Some(
                tasks::find(tx, id)
                    .await?
                    .ok_or(Error::NotFound(Missing::Parent))?,
            ),
            None => None,
        };
        let beside = match wanted.to.beside() {
            Some(id) => Some(
                tasks::find(tx, *id)
                    .await?
                    .ok_or(Error::NotFound(Missing::Task))?,
            ),
            None => None,
        };
        Ok(Self { list, parent, beside })
    }

    fn not_deleted(&self) -> Result<(), Error> {
        if self.list.as_ref().is_some_and(List::is_deleted) {
            return Err(Error::Precondition(Precondition::ListDeleted));
        }
        if self.parent.as_ref().is_some_and(Task::is_deleted) {
            return Err(Error::Precondition(Precondition::ParentDeleted));
        }
        if self.beside.as_ref().is_some_and(Task::is_deleted) {
            return Err(Error::Precondition(Precondition::NeighbourDeleted));
        }
        Ok(())
    }
}

async fn move_to(write: &mut Write, before: Task, wanted: Move, named: &Named) -> Result<Task, Error> {
    let mut task = before.clone();
    (task.list_id, task.parent_id) = destination(&before, &wanted, named.parent.as_ref())?;
    if let Some(beside) = &named.beside
        && (beside.list_id, beside.parent_id) != (task.list_id, task.parent_id)
    {
        let field = match wanted.to {
            Position::Before(_) => "before_id",
            _ => "after_id",
        };
        return Err(invalid(
            field,
            "It would not be beside the moved task; name one of the same list and the same parent.",
        ));
    }
    let changes_list = task.list_id != before.list_id;
    let new_parent = task.parent_id.filter(|_| task.parent_id != before.parent_id);
    let below = match changes_list || new_parent.is_some() {
        true => moves::find_below(&mut write.tx, task.id).await?,
        false => Below::default(),
    };
    if let Some(parent) = new_parent {
        check_parent(&mut write.tx, task.id, &below, parent).await?;
    }
    let to = wanted.to.found(named.beside.as_ref().map(Place::from));
    task.rank = moves::find_rank(&mut write.tx, &to, &before).await?;
    if task != before {
        write.store(&before, &mut task).await?;
    }
    if changes_list {
        moves::update_lists(&mut write.tx, &below.ids, before.list_id, task.list_id, write.now).await?;
    }
    Ok(task)
}

/// List and parent after the move. A subtask is in its parent's list: a parent brings its list along, and who leaves the
/// parent's list leaves the parent.
fn destination(
    task: &Task,
    wanted: &Move,
    parent: Option<&Task>,
) -> Result<(Option<ListId>, Option<TaskId>), Error> {
    match (parent, wanted.parent, wanted.list) {
        (Some(parent), _, Some(list)) if list != parent.list_id => Err(invalid(
            "list_id",
            "A subtask is in its parent's list; leave list_id out, or give that one.",
        )),
        (Some(parent), _, _) => Ok((parent.list_id, Some(parent.id))),
        (None, Some(_), list) => Ok((list.unwrap_or(task.list_id), None)),
        (None, None, Some(list)) if list != task.list_id => Ok((list, None)),
        (None, None, _) => Ok((task.list_id, task.parent_id)),
    }
}

/// Whether a task, with what is below it, can be a part of that one.
async fn check_parent(tx: &mut OwnerTx, task: TaskId, below: &Below, parent: TaskId) -> Result<(), Error> {
    if parent == task || below.ids.contains(&parent.0) {
        return Err(Error::Precondition(Precondition::Cycle));
    }
    if tasks::find_depth(tx, parent).await? + 1 + below.levels > MOST_LEVELS {
        return Err(Error::Precondition(Precondition::TooDeep));
    }
    Ok(())
}

fn invalid(field: &'static str, description: &'static str) -> Error {
    Error::Invalid(vec![Violation {
        field: field.into(),
        description: description.into(),
    }])
}

fn parse(message: &pb::MoveTaskRequest) -> Result<(Target, Move), Error> {
    let mut fields = Fields::default();
    let id = ("id", message.id.as_str());
    let target = Target::parse(&mut fields, id, &message.etag, &message.request_id);
    let list = message.list_id.as_deref();
    let list = list.map(|text| convert::optional_id(text, ListId::parse));
    let list = fields.check("list_id", list.transpose());
    let parent = message.parent_id.as_deref();
    let parent = parent.map(|text| convert::optional_id(text, TaskId::parse));
    let parent = fields.check("parent_id", parent.transpose());
    let asked = match &message.position {
        None => None,
        Some(Asked::BeforeId(id)) => Some(Position::Before(id.as_str())),
        Some(Asked::AfterId(id)) => Some(Position::After(id.as_str())),
        Some(Asked::First(is_set)) => position::flag(&mut fields, "first", *is_set, Position::First),
        Some(Asked::Last(is_set)) => position::flag(&mut fields, "last", *is_set, Position::Last),
    };
    let moving = target.as_ref().map(|target| &target.id);
    let to = position::parse(&mut fields, asked, TaskId::parse, moving);
    let wanted = list
        .zip(parent)
        .zip(to)
        .map(|((list, parent), to)| Move { list, parent, to });
    fields.finish(target.zip(wanted))
}
