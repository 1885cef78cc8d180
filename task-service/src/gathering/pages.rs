//! Tasks in their owners' own orders: one statement, which needs no transaction around it.

use chassis::gathering::{Outcome, Work};

use super::{lost, together};
use crate::domain::Task;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::tasks::{self, Stretch};
use crate::store::{Outside, Pool};

/// Reads parts of pages.
pub(crate) struct Pages(pub(super) Pool);

impl Work for Pages {
    type Key = OwnerId;
    type Asked = Stretch;
    type Answer = Result<Vec<Task>, Error>;
    const ONE_OF_EACH: bool = false;
    // Each is many rows, which wait for one another in memory.
    const MOST_TOGETHER: usize = 8;

    async fn run(&self, batch: Vec<(OwnerId, Stretch)>) -> Vec<Outcome<Stretch, Self::Answer>> {
        match together(self.read(&batch)).await {
            Some(found) => found.into_iter().map(|tasks| Outcome::Done(Ok(tasks))).collect(),
            None => batch
                .into_iter()
                .map(|(_, stretch)| Outcome::Alone(stretch))
                .collect(),
        }
    }

    fn lost() -> Self::Answer {
        Err(lost())
    }
}

impl Pages {
    async fn read(&self, batch: &[(OwnerId, Stretch)]) -> Result<Vec<Vec<Task>>, Error> {
        let mut connection = Outside::take(&self.0).await?;
        let pages = tasks::list_of_owners(&mut connection, batch).await?;
        connection.keep();
        Ok(pages)
    }
}
