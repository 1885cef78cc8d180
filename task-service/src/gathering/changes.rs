//! Tasks that are changed, and nothing beside them.

use chassis::gathering::{Outcome, Work};
use chrono::{DateTime, Utc};

use super::lost;
use super::writing::{Ended, Made, Repeat, Writing, commit, outcomes};
use crate::domain::{Task, TaskId};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::{requests, tasks};

/// Changes a task, if it is as the caller knows it, and says whether there is anything to store.
pub(crate) type Decide = Box<dyn Fn(&mut Task, DateTime<Utc>) -> Result<bool, Error> + Send + Sync>;

/// A task to be changed.
pub(crate) struct Change {
    /// Which.
    pub(crate) id: TaskId,
    /// How.
    pub(crate) decide: Decide,
    /// By which method.
    pub(crate) method: &'static str,
    /// What makes it safe to repeat, if anything.
    pub(crate) repeat: Option<Repeat>,
}

/// Changes tasks.
pub(crate) struct Changes(pub(super) Writing);

impl Work for Changes {
    type Key = OwnerId;
    type Asked = Change;
    type Answer = Result<Task, Error>;
    const ONE_OF_EACH: bool = true;

    async fn run(&self, batch: Vec<(OwnerId, Change)>) -> Vec<Outcome<Change, Self::Answer>> {
        let ended = self.make(&batch).await;
        outcomes(batch, ended)
    }

    fn lost() -> Self::Answer {
        Err(lost())
    }
}

impl Changes {
    async fn make(&self, batch: &[(OwnerId, Change)]) -> Result<Ended, Error> {
        let people: Vec<_> = batch.iter().map(|(owner, _)| *owner).collect();
        let mut locked = self.0.begin(&people).await?;
        let repeats = batch.iter().filter_map(|(owner, change)| {
            let repeat = change.repeat.as_ref()?;
            Some((*owner, repeat.request_id))
        });
        let repeated = requests::find_used(&mut locked.tx, &repeats.collect::<Vec<_>>()).await?;
        let ids: Vec<_> = batch.iter().map(|(_, change)| change.id).collect();
        let found = tasks::find_of_owners(&mut locked.tx, &people, &ids).await?;

        let (mut made, mut before) = (Vec::new(), Vec::new());
        for (place, ((owner, change), found)) in batch.iter().zip(found).enumerate() {
            let (Some(mut share), Some(found)) = (locked.share(*owner, change.method), found) else {
                continue;
            };
            let mut task = found.clone();
            let decided = (change.decide)(&mut task, locked.now);
            // Labels are rows of their own, for the ordinary way.
            if !matches!(decided, Ok(true)) || task.labels != found.labels || repeated.contains(&owner.uuid())
            {
                continue;
            }
            task.revision = share.raise()?;
            task.update_time = locked.now;
            tasks::count_change(&mut share, &found, &task)?;
            if share.check().is_err() {
                continue;
            }
            let repeat = change.repeat.as_ref();
            before.push(found.revision);
            made.push(Made {
                place,
                repeat: repeat.map(|repeat| repeat.recorded(change.method, task.id, locked.now)),
                share,
                task,
            });
        }
        let rows = made.iter().zip(before);
        let rows: Vec<_> = rows
            .map(|(made, before)| (made.owner(), before, &made.task))
            .collect();
        tasks::update_of_owners(&mut locked.tx, &rows).await?;
        commit(locked.tx, made).await
    }
}
