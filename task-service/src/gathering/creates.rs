//! New tasks at the end of their owners' orders, under ids of ours and as parts of none.

use chassis::Entropy;
use chassis::gathering::{Outcome, Work};

use super::lost;
use super::writing::{Ended, Made, Repeat, Writing, commit, outcomes};
use crate::domain::{NewTask, Rank, Task, TaskId};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::tasks::{self, NewRow};

const METHOD: &str = "CreateTask";

/// A task to be made.
pub(crate) struct Creation {
    /// What it is to be.
    pub(crate) new: NewTask,
    /// What makes it safe to repeat, if anything.
    pub(crate) repeat: Option<Repeat>,
}

/// Makes tasks.
pub(crate) struct Creates {
    pub(super) writing: Writing,
    pub(super) entropy: Entropy,
}

impl Work for Creates {
    type Key = OwnerId;
    type Asked = Creation;
    type Answer = Result<Task, Error>;
    const ONE_OF_EACH: bool = true;

    async fn run(&self, batch: Vec<(OwnerId, Creation)>) -> Vec<Outcome<Creation, Self::Answer>> {
        let ended = self.make(&batch).await;
        outcomes(batch, ended)
    }

    fn lost() -> Self::Answer {
        Err(lost())
    }
}

impl Creates {
    async fn make(&self, batch: &[(OwnerId, Creation)]) -> Result<Ended, Error> {
        let people: Vec<_> = batch.iter().map(|(owner, _)| *owner).collect();
        let mut locked = self.writing.begin(&people).await?;
        let asked = batch.iter().map(|(owner, creation)| {
            let request_id = creation.repeat.as_ref().map(|repeat| repeat.request_id);
            (*owner, request_id, creation.new.list_id)
        });
        let grounds = tasks::find_grounds(&mut locked.tx, &asked.collect::<Vec<_>>()).await?;

        let (mut made, mut rows) = (Vec::new(), Vec::new());
        for (place, ((owner, creation), ground)) in batch.iter().zip(grounds).enumerate() {
            let Some(mut share) = locked.share(*owner, METHOD) else {
                continue;
            };
            if !ground.has_list || ground.is_repeated {
                continue;
            }
            let (id, rank) = (self.new_id(), Rank::after(ground.last_rank.as_ref()));
            let in_order = (creation.new.list_id, rank);
            let task = creation
                .new
                .clone()
                .into_task(id, in_order, share.raise()?, locked.now);
            let row = NewRow {
                task: task.clone(),
                create_hash: None,
            };
            tasks::count_in(&mut share, &row)?;
            if share.check().is_err() {
                continue;
            }
            let repeat = creation.repeat.as_ref();
            rows.push(row);
            made.push(Made {
                place,
                repeat: repeat.map(|repeat| repeat.recorded(METHOD, id, locked.now)),
                share,
                task,
            });
        }
        let rows: Vec<_> = made.iter().map(Made::owner).zip(&rows).collect();
        tasks::insert_of_owners(&mut locked.tx, &rows).await?;
        commit(locked.tx, made).await
    }

    fn new_id(&self) -> TaskId {
        TaskId(self.entropy.uuid_v7(&self.writing.clock))
    }
}
