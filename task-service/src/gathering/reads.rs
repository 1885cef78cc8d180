//! Tasks by their ids: one statement, which needs no transaction around it.

use tokio::time::timeout;

use super::{Outcome, PATIENCE, Work};
use crate::domain::{Task, TaskId};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::{Outside, Pool, tasks};

/// Reads tasks.
pub(crate) struct Reads(pub(super) Pool);

impl Work for Reads {
    type Asked = TaskId;
    type Answer = Option<Task>;
    const ONE_OF_EACH_OWNER: bool = false;

    async fn run(&self, batch: Vec<(OwnerId, TaskId)>) -> Vec<Outcome<TaskId, Option<Task>>> {
        let (owners, ids): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        match timeout(PATIENCE, self.read(&owners, &ids)).await {
            Ok(Ok(found)) => found.into_iter().map(|task| Outcome::Done(Ok(task))).collect(),
            // One of the owners may be a tombstone, or Postgres is away: each hears for itself.
            Ok(Err(_)) | Err(_) => ids.into_iter().map(Outcome::Alone).collect(),
        }
    }
}

impl Reads {
    async fn read(&self, owners: &[OwnerId], ids: &[TaskId]) -> Result<Vec<Option<Task>>, Error> {
        let mut connection = Outside::take(&self.0).await?;
        tasks::find_of_owners(&mut connection, owners, ids).await
    }
}
