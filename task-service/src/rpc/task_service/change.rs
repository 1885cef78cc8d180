//! What every write to an existing task shares: the lock, the repeat, the etag, the revision, the commit.

use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::{CompletionId, Etag, RequestId, Task, TaskId};
use crate::error::{Error, Missing, Precondition};
use crate::owner::OwnerId;
use crate::rpc::fields::Fields;
use crate::rpc::idempotency::Repeatable;
use crate::rpc::write::{Started, Write};
use crate::store::requests::Recorded;
use crate::store::{OwnerTx, tasks};

/// Which task, and under which conditions.
pub(super) struct Target {
    pub(super) id: TaskId,
    pub(super) etag: Option<Etag>,
    pub(super) request_id: Option<RequestId>,
}

impl Target {
    /// Reads the three fields that every such request has; the id's path differs.
    pub(super) fn parse(
        fields: &mut Fields,
        (id_field, id): (&'static str, &str),
        etag: &str,
        request_id: &str,
    ) -> Option<Self> {
        let id = fields.check(id_field, TaskId::parse(id));
        let request_id = fields.check("request_id", RequestId::parse(request_id));
        Some(Self {
            id: id?,
            etag: Etag::sent(etag),
            request_id: request_id?,
        })
    }

    /// Of a request that says no more than `id`, `etag` and `request_id`.
    pub(super) fn of(id: &str, etag: &str, request_id: &str) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let target = Self::parse(&mut fields, ("id", id), etag, request_id);
        fields.finish(target)
    }

    /// The task as it is; its etag fits.
    pub(super) async fn find(&self, tx: &mut OwnerTx) -> Result<Task, Error> {
        let task = tasks::find(tx, self.id).await?;
        let task = task.ok_or(Error::NotFound(Missing::Task))?;
        self.check(&task)?;
        Ok(task)
    }

    /// Whether the task is still what the client knows.
    pub(super) fn check(&self, task: &Task) -> Result<(), Error> {
        match &self.etag {
            Some(etag) if !etag.matches(task.revision) => Err(Error::Stale),
            _ => Ok(()),
        }
    }
}

/// A write that has begun: nobody else writes for this owner until it ends.
pub(super) struct Change {
    pub(super) tx: OwnerTx,
    pub(super) now: DateTime<Utc>,
    before: Box<Task>,
    repeatable: Repeatable,
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
        let task = target.find(&mut write.tx).await?;
        let Write { tx, now, repeatable } = write;
        let change = Self {
            tx,
            now,
            before: Box::new(task.clone()),
            repeatable,
        };
        Ok(Begun::Fresh(change, Box::new(task)))
    }

    /// Gives the changed task its revision and stores it.
    pub(super) async fn store(&mut self, task: &mut Task) -> Result<(), Error> {
        task.revision = self.tx.raise()?;
        task.update_time = self.now;
        tasks::update(&mut self.tx, &self.before, task).await
    }

    /// Remembers the request and makes everything last.
    pub(super) async fn commit(
        mut self,
        task: TaskId,
        completion: Option<CompletionId>,
    ) -> Result<(), Error> {
        self.repeatable
            .record(&mut self.tx, &[task.0], completion, self.now)
            .await?;
        self.tx.commit().await
    }
}

/// The whole of a write that only changes the task: `decide` says whether there is anything to store.
pub(super) async fn change(
    app: &App,
    owner: OwnerId,
    deadline: Deadline,
    target: &Target,
    repeatable: Repeatable,
    decide: impl FnOnce(&mut Task, DateTime<Utc>) -> Result<bool, Error>,
) -> Result<Task, Error> {
    match Change::begin(app, owner, deadline, target, repeatable).await? {
        Begun::Made(_, task, _) => Ok(*task),
        Begun::Fresh(mut change, mut task) => {
            if decide(&mut task, change.now)? {
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
