//! A write from the owner's lock to the commit, whatever it writes: repeated under its request id, it was made already.

use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::idempotency::Repeatable;
use crate::app::App;
use crate::domain::{CompletionId, Task};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::requests::Recorded;
use crate::store::{OwnerTx, owners, tasks};

/// A write that has begun: nobody else writes for this owner until it ends.
pub(super) struct Write {
    pub(super) tx: OwnerTx,
    pub(super) now: DateTime<Utc>,
    pub(super) repeatable: Repeatable,
}

/// What a write finds.
pub(super) enum Started {
    /// It is the first of its request id.
    Fresh(Write),
    /// It was made already.
    Made(OwnerTx, Recorded),
}

impl Write {
    /// Takes the owner's lock.
    pub(super) async fn begin(
        app: &App,
        owner: OwnerId,
        deadline: Deadline,
        repeatable: Repeatable,
    ) -> Result<Started, Error> {
        let mut tx = OwnerTx::begin(&app.pool, owner, deadline).await?;
        owners::lock(&mut tx, app.limits).await?;
        if let Some(made) = repeatable.replay(&mut tx).await? {
            return Ok(Started::Made(tx, made));
        }
        let now = app.clock.now();
        tx.by(repeatable.method(), now);
        Ok(Started::Fresh(Self { tx, now, repeatable }))
    }

    /// Gives a changed task its revision and stores it in place of what it was.
    pub(super) async fn store(&mut self, before: &Task, task: &mut Task) -> Result<(), Error> {
        task.revision = self.tx.raise()?;
        task.update_time = self.now;
        tasks::update(&mut self.tx, before, task).await
    }

    /// Remembers the request and makes everything last.
    pub(super) async fn commit(
        mut self,
        resources: &[Uuid],
        completion: Option<CompletionId>,
    ) -> Result<(), Error> {
        self.repeatable
            .record(&mut self.tx, resources, completion, self.now)
            .await?;
        self.tx.commit().await
    }
}
