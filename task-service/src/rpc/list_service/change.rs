//! What every write to an existing list shares: the lock, the repeat, the etag, the revision, the commit.

use chassis::deadline::Deadline;

use crate::app::App;
use crate::domain::{Etag, List, ListId, RequestId};
use crate::error::{Error, Missing, Precondition};
use crate::owner::OwnerId;
use crate::rpc::fields::Fields;
use crate::rpc::idempotency::Repeatable;
use crate::rpc::write::{Started, Write};
use crate::store::{OwnerTx, lists};

/// Which list, and under which conditions.
pub(super) struct Target {
    pub(super) id: ListId,
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
        let id = fields.check(id_field, ListId::parse(id));
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
}

/// A write that has begun: nobody else writes for this owner until it ends.
pub(super) struct Change {
    pub(super) write: Write,
    etag: Option<Etag>,
    before: List,
}

/// What a write finds.
pub(super) enum Begun {
    /// The list as it is.
    Fresh(Box<Change>, List),
    /// The write was made already; the list is shown as it is now.
    Made(List),
}

impl Change {
    /// Takes the owner's lock and reads the list.
    pub(super) async fn begin(
        app: &App,
        owner: OwnerId,
        deadline: Deadline,
        target: Target,
        repeatable: Repeatable,
    ) -> Result<Begun, Error> {
        let mut write = match Write::begin(app, owner, deadline, repeatable).await? {
            Started::Fresh(write) => write,
            Started::Made(mut tx, made) => {
                return Ok(Begun::Made(lists::find_resource(&mut tx, &made).await?));
            }
        };
        let list = find(&mut write.tx, target.id).await?;
        let change = Self {
            write,
            etag: target.etag,
            before: list.clone(),
        };
        Ok(Begun::Fresh(Box::new(change), list))
    }

    /// Whether the list is what the client knows. To be asked once everything that the request names was found.
    pub(super) fn check_etag(&self) -> Result<(), Error> {
        match &self.etag {
            Some(etag) if !etag.matches(self.before.revision) => Err(Error::Stale),
            _ => Ok(()),
        }
    }

    /// Stores the list, with a revision, if it is not what it was.
    pub(super) async fn store(&mut self, list: &mut List) -> Result<(), Error> {
        let Write { tx, now, .. } = &mut self.write;
        if *list != self.before {
            list.revision = tx.raise()?;
            list.update_time = *now;
            lists::update(tx, &self.before, list).await?;
            self.before.clone_from(list);
        }
        Ok(())
    }

    /// Stores the list, remembers the request and makes everything last.
    pub(super) async fn commit(mut self, mut list: List) -> Result<List, Error> {
        self.store(&mut list).await?;
        self.write.commit(&[list.id.0], None).await?;
        Ok(list)
    }
}

/// The list of that id.
pub(super) async fn find(tx: &mut OwnerTx, id: ListId) -> Result<List, Error> {
    let list = lists::find(tx, id).await?;
    list.ok_or(Error::NotFound(Missing::List))
}

/// Most writes do not touch what is in the trash.
pub(super) fn not_deleted(list: &List) -> Result<(), Error> {
    if list.is_deleted() {
        Err(Error::Precondition(Precondition::ListDeleted))
    } else {
        Ok(())
    }
}
