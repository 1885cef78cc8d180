//! Tasks by their ids: one statement, which needs no transaction around it.

use chassis::gathering::{Outcome, Work};

use super::{lost, together};
use crate::domain::{Task, TaskId};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::{Outside, Pool, tasks};

/// Reads tasks.
pub(crate) struct Reads(pub(super) Pool);

impl Work for Reads {
    type Key = OwnerId;
    type Asked = TaskId;
    type Answer = Result<Option<Task>, Error>;
    const ONE_OF_EACH: bool = false;

    async fn run(&self, batch: Vec<(OwnerId, TaskId)>) -> Vec<Outcome<TaskId, Self::Answer>> {
        let (owners, ids): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        match together(self.read(&owners, &ids)).await {
            Some(found) => found.into_iter().map(|task| Outcome::Done(Ok(task))).collect(),
            None => ids.into_iter().map(Outcome::Alone).collect(),
        }
    }

    fn lost() -> Self::Answer {
        Err(lost())
    }
}

impl Reads {
    async fn read(&self, owners: &[OwnerId], ids: &[TaskId]) -> Result<Vec<Option<Task>>, Error> {
        let mut connection = Outside::take(&self.0).await?;
        let found = tasks::find_of_owners(&mut connection, owners, ids).await?;
        connection.keep();
        Ok(found)
    }
}
