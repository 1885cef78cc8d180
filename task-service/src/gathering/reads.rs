//! Tasks by their ids: one statement, which needs no transaction around it.

use super::{Outcome, Work, together};
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
        match together(self.read(&owners, &ids)).await {
            Some(found) => found.into_iter().map(|task| Outcome::Done(Ok(task))).collect(),
            None => ids.into_iter().map(Outcome::Alone).collect(),
        }
    }
}

impl Reads {
    async fn read(&self, owners: &[OwnerId], ids: &[TaskId]) -> Result<Vec<Option<Task>>, Error> {
        let mut connection = Outside::take(&self.0).await?;
        tasks::find_of_owners(&mut connection, owners, ids).await
    }
}
