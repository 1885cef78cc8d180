//! What gathered writes share: the owners' locks, the repeats, the commit. A member is plain and done, or it is handed back
//! before anything was written for it.

use std::collections::HashMap;

use chassis::Clock;
use chassis::gathering::Outcome;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::PATIENCE;
use crate::domain::{Limits, RequestId, Task, TaskId};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::requests::{self, Recorded};
use crate::store::{OwnersTx, Pool, Share, owners};

/// What gathered writes need.
#[derive(Clone)]
pub(crate) struct Writing {
    pub(super) pool: Pool,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
}

impl Writing {
    pub(super) async fn begin(&self, people: &[OwnerId]) -> Result<Locked, Error> {
        let mut tx = OwnersTx::begin(&self.pool, people, PATIENCE).await?;
        let shares = owners::lock_free(&mut tx, people, self.limits).await?;
        let now = self.clock.now();
        Ok(Locked { tx, now, shares })
    }
}

/// What makes a write safe to repeat.
pub(crate) struct Repeat {
    /// The id of the request.
    pub(crate) request_id: RequestId,
    /// SHA-256 of the request.
    pub(crate) request_hash: Vec<u8>,
}

impl Repeat {
    pub(super) fn recorded(
        &self,
        method: &'static str,
        task: TaskId,
        now: DateTime<Utc>,
    ) -> (RequestId, Recorded) {
        let recorded = Recorded {
            method: method.to_owned(),
            request_hash: self.request_hash.clone(),
            resources: vec![task.0],
            completion_id: None,
            create_time: now,
        };
        (self.request_id, recorded)
    }
}

/// A transaction that holds the locks of those owners that could be had at once.
pub(super) struct Locked {
    pub(super) tx: OwnersTx,
    pub(super) now: DateTime<Utc>,
    shares: HashMap<Uuid, Share>,
}

impl Locked {
    /// The owner's part in the transaction, if their lock could be had.
    pub(super) fn share(&mut self, owner: OwnerId, method: &'static str) -> Option<Share> {
        let mut share = self.shares.remove(&owner.uuid())?;
        share.by(method, self.now);
        Some(share)
    }
}

/// A member whose write is made.
pub(super) struct Made {
    /// Its place in the batch.
    pub(super) place: usize,
    pub(super) share: Share,
    pub(super) repeat: Option<(RequestId, Recorded)>,
    /// What it is answered with.
    pub(super) task: Task,
}

impl Made {
    pub(super) fn owner(&self) -> OwnerId {
        self.share.owner()
    }
}

/// How far a batch came.
pub(super) enum Ended {
    /// These are stored for good.
    Committed(Vec<(usize, Task)>),
    /// Nothing is.
    RolledBack,
    /// Nobody knows of these: the commit was sent and not answered.
    Unknown(Vec<usize>, Error),
}

/// Stores what members brought beside their rows, and makes everything last.
pub(super) async fn commit(mut tx: OwnersTx, made: Vec<Made>) -> Result<Ended, Error> {
    if made.is_empty() {
        return Ok(Ended::RolledBack);
    }
    let repeats = made.iter().filter_map(|made| {
        let (request_id, recorded) = made.repeat.as_ref()?;
        Some((made.owner(), *request_id, recorded))
    });
    requests::insert_many(&mut tx, &repeats.collect::<Vec<_>>()).await?;
    let (shares, answers): (Vec<_>, Vec<_>) = made
        .into_iter()
        .map(|made| (made.share, (made.place, made.task)))
        .unzip();
    tx.store(&shares).await?;
    Ok(match tx.commit(&shares).await {
        Ok(()) => Ended::Committed(answers),
        Err(error) => Ended::Unknown(answers.into_iter().map(|(place, _)| place).collect(), error),
    })
}

/// How each member's call ended.
pub(super) fn outcomes<Asked>(
    batch: Vec<(OwnerId, Asked)>,
    ended: Result<Ended, Error>,
) -> Vec<Outcome<Asked, Result<Task, Error>>> {
    let mut outcomes: Vec<_> = batch
        .into_iter()
        .map(|(_, asked)| Outcome::Alone(asked))
        .collect();
    // A statement that failed took all of them along; whoever was at fault hears so alone.
    match ended.unwrap_or(Ended::RolledBack) {
        Ended::RolledBack => {}
        Ended::Committed(answers) => {
            for (place, task) in answers {
                outcomes[place] = Outcome::Done(Ok(task));
            }
        }
        Ended::Unknown(places, error) => {
            // The first tells what happened: an error has no copy.
            let mut error = Some(error);
            for place in places {
                let error = error.take().unwrap_or_else(Error::commit_unknown);
                outcomes[place] = Outcome::Done(Err(error));
            }
        }
    }
    outcomes
}
