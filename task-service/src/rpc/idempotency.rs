//! Writes that are safe to repeat (AIP-155): what a `request_id` stands for, kept in the write's own transaction.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use prost::Message;
use uuid::Uuid;

use crate::domain::{CompletionId, RequestId};
use crate::error::{Error, Exists};
use crate::gathering::Repeat;
use crate::store::OwnerTx;
use crate::store::requests::{self, Recorded};

/// SHA-256 of a message's canonical encoding.
pub(super) fn hash_of(message: &impl Message) -> Vec<u8> {
    digest(&SHA256, &message.encode_to_vec()).as_ref().to_vec()
}

/// One write, and the id that it may be repeated under.
pub(super) struct Repeatable {
    request_id: Option<RequestId>,
    method: &'static str,
    request_hash: Vec<u8>,
}

impl Repeatable {
    /// The write of a method with this request.
    pub(super) fn new(request_id: Option<RequestId>, method: &'static str, message: &impl Message) -> Self {
        let request_hash = request_id.map(|_| hash_of(message)).unwrap_or_default();
        Self {
            request_id,
            method,
            request_hash,
        }
    }

    /// The write of a method with a request of this hash.
    pub(super) fn of_hash(
        request_id: Option<RequestId>,
        method: &'static str,
        request_hash: Vec<u8>,
    ) -> Self {
        Self {
            request_id,
            method,
            request_hash,
        }
    }

    /// What a gathered write keeps of it.
    pub(super) fn repeat(&self) -> Option<Repeat> {
        let request_hash = self.request_hash.clone();
        self.request_id.map(|request_id| Repeat {
            request_id,
            request_hash,
        })
    }

    /// The method that writes.
    pub(super) fn method(&self) -> &'static str {
        self.method
    }

    /// What the write answered with, if it was made already. The owner's lock must be held.
    pub(super) async fn replay(&self, tx: &mut OwnerTx) -> Result<Option<Recorded>, Error> {
        let Some(request_id) = self.request_id else {
            return Ok(None);
        };
        match requests::find(tx, request_id).await? {
            Some(made) if made.method == self.method && made.request_hash == self.request_hash => {
                Ok(Some(made))
            }
            Some(_) => Err(Error::Exists(Exists::RequestId)),
            None => Ok(None),
        }
    }

    /// Remembers the write, to be committed with it.
    pub(super) async fn record(
        self,
        tx: &mut OwnerTx,
        resources: &[Uuid],
        completion_id: Option<CompletionId>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let Some(request_id) = self.request_id else {
            return Ok(());
        };
        let recorded = Recorded {
            method: self.method.to_owned(),
            request_hash: self.request_hash,
            resources: resources.to_vec(),
            completion_id,
            create_time: now,
        };
        requests::insert(tx, request_id, &recorded).await
    }
}
