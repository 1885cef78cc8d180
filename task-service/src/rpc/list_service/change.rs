//! What every write to an existing list shares: the lock, the repeat, the etag, the revision, the commit.

use chassis::deadline::Deadline;

use crate::app::App;
use crate::domain::{List, ListId};
use crate::error::{Error, Missing, Precondition};
use crate::owner::OwnerId;
use crate::rpc::idempotency::Repeatable;
use crate::rpc::write::{Started, Write};
use crate::store::{OwnerTx, lists};

/// Which list, and under which conditions.
pub(super) type Target = crate::rpc::target::Target<ListId>;

/// A write that has begun: nobody else writes for this owner until it ends.
pub(super) struct Change {
    pub(super) write: Write,
    target: Target,
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
            target,
            before: list.clone(),
        };
        Ok(Begun::Fresh(Box::new(change), list))
    }

    /// Whether the list is what the client knows. To be asked once everything that the request names was found.
    pub(super) fn check_etag(&self) -> Result<(), Error> {
        self.target.check(self.before.revision)
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
