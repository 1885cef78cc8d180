//! What every write to an existing task shares: the lock, the repeat, the etag, the revision, the commit.

use chassis::deadline::Deadline;
use chassis::gathering::Outcome;
use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::{CompletionId, Task, TaskId};
use crate::error::{Error, Missing, Precondition};
use crate::gathering;
use crate::owner::OwnerId;
use crate::rpc::idempotency::Repeatable;
use crate::rpc::write::{Started, Write};
use crate::store::requests::Recorded;
use crate::store::{OwnerTx, tasks};

/// Which task, and under which conditions.
pub(super) type Target = crate::rpc::target::Target<TaskId>;

/// The task as it is; its etag fits.
pub(super) async fn find(tx: &mut OwnerTx, target: &Target) -> Result<Task, Error> {
    let task = tasks::find(tx, target.id).await?;
    let task = task.ok_or(Error::NotFound(Missing::Task))?;
    target.check(task.revision)?;
    Ok(task)
}

/// A write that has begun: nobody else writes for this owner until it ends.
pub(super) struct Change {
    pub(super) write: Write,
    before: Box<Task>,
}

/// What a write finds.
pub(super) enum Begun {
    /// The task as it is; its etag fits.
    Fresh(Change, Box<Task>),
    /// The write was made already; the task is shown as it is now.
    Made(OwnerTx, Box<Task>, Recorded),
}

impl Change {
    /// Takes the owner's lock and reads the task.
    pub(super) async fn begin(
        app: &App,
        owner: OwnerId,
        deadline: Deadline,
        target: &Target,
        repeatable: Repeatable,
    ) -> Result<Begun, Error> {
        let mut write = match Write::begin(app, owner, deadline, repeatable).await? {
            Started::Fresh(write) => write,
            Started::Made(mut tx, made) => {
                let task = tasks::find_resource(&mut tx, &made).await?;
                return Ok(Begun::Made(tx, Box::new(task), made));
            }
        };
        let task = find(&mut write.tx, target).await?;
        let change = Self {
            write,
            before: Box::new(task.clone()),
        };
        Ok(Begun::Fresh(change, Box::new(task)))
    }

    /// Gives the changed task its revision and stores it.
    pub(super) async fn store(&mut self, task: &mut Task) -> Result<(), Error> {
        self.write.store(&self.before, task).await
    }

    /// Remembers the request and makes everything last.
    pub(super) async fn commit(self, task: TaskId, completion: Option<CompletionId>) -> Result<(), Error> {
        self.write.commit(&[task.0], completion).await
    }
}

/// The whole of a write that only changes the task: `decide` says whether there is anything to store. It may be asked more
/// than once.
pub(super) async fn change(
    app: &App,
    owner: OwnerId,
    deadline: Deadline,
    target: Target,
    repeatable: Repeatable,
    decide: impl Fn(&mut Task, DateTime<Utc>) -> Result<bool, Error> + Send + Sync + 'static,
) -> Result<Task, Error> {
    let etag = target.clone();
    let asked = gathering::Change {
        id: target.id,
        method: repeatable.method(),
        repeat: repeatable.repeat(),
        decide: Box::new(move |task, now| {
            etag.check(task.revision)?;
            decide(task, now)
        }),
    };
    let decide = match app.gatherings.changes.ask(owner, asked).await {
        Outcome::Done(task) => return task,
        Outcome::Alone(asked) => asked.decide,
    };
    match Change::begin(app, owner, deadline, &target, repeatable).await? {
        Begun::Made(_, task, _) => Ok(*task),
        Begun::Fresh(mut change, mut task) => {
            if decide(&mut task, change.write.now)? {
                change.store(&mut task).await?;
            }
            change.commit(task.id, None).await?;
            Ok(*task)
        }
    }
}

/// Most writes do not touch what is in the trash.
pub(super) fn not_deleted(task: &Task) -> Result<(), Error> {
    if task.is_deleted() {
        Err(Error::Precondition(Precondition::Deleted))
    } else {
        Ok(())
    }
}
