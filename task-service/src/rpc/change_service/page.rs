//! A page of somebody's feed: which rows changed, from one statement, and then the rows. One that changes in between is
//! left out, for it comes again behind everything that the statement saw.

use std::collections::HashMap;

use chassis::deadline::Deadline;
use prost::Message as _;
use proto::tasks::v1 as pb;
use uuid::Uuid;

use crate::app::App;
use crate::domain::{Completion, CompletionId, List, ListId, Revision, SyncToken, Task, TaskId};
use crate::error::{Error, Precondition};
use crate::owner::OwnerId;
use crate::rpc::convert;
use crate::store::changes::{self, Changed, What};
use crate::store::{OwnerTx, completions, lists, tasks};

/// Rows are read in parts about as large as a page may be in bytes: long notes could make a thousand rows six times that.
const PART_SIZE: usize = 200;

/// What a page may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Changes at the most.
    pub(super) changes: usize,
    /// Bytes of changes at the most, but for a first one that is larger.
    pub(super) bytes: usize,
}

/// A part of the feed.
#[derive(Debug)]
pub(super) struct Page {
    /// In order.
    pub(super) changes: Vec<pb::Change>,
    /// What comes behind them.
    pub(super) next: SyncToken,
    /// Whether something did when this was read.
    pub(super) has_more: bool,
}

/// The token that a request has; `None` begins with everything.
pub(super) fn parse(sync_token: &str, owner: OwnerId) -> Result<Option<SyncToken>, Error> {
    if sync_token.is_empty() {
        return Ok(None);
    }
    let token = SyncToken::parse(sync_token, owner.person());
    token.map(Some).ok_or(Error::SyncToken)
}

/// The page behind a token.
pub(super) async fn read(
    app: &App,
    owner: OwnerId,
    from: Option<SyncToken>,
    size: Size,
    deadline: Deadline,
) -> Result<Page, Error> {
    let mut tx = OwnerTx::begin_planned_once(&app.pool, owner, deadline).await?;
    let everything = (Revision(0), Revision(i64::MAX));
    let (position, removals_after) =
        from.map_or(everything, |token| (token.position, token.removals_after()));
    // One more than asked for tells whether there is a next page.
    let limit = i64::try_from(size.changes + 1).map_err(Error::internal)?;
    let feed = changes::list_behind(&mut tx, position, removals_after, limit).await?;
    let from = match from {
        None => SyncToken::beginning(owner.person(), feed.state),
        Some(token) if token.continues(feed.state) => token,
        Some(_) => return Err(Error::Precondition(Precondition::SyncTokenExpired)),
    };
    let wanted = &feed.changed[..feed.changed.len().min(size.changes)];
    let mut page = Page {
        changes: Vec::with_capacity(wanted.len()),
        next: from,
        has_more: wanted.len() < feed.changed.len(),
    };
    let mut bytes = 0;
    'page: for part in wanted.chunks(PART_SIZE) {
        let mut rows = Rows::find(&mut tx, part).await?;
        for changed in part {
            match rows.take(changed) {
                Some(change) => {
                    bytes += change.encoded_len();
                    if bytes > size.bytes && !page.changes.is_empty() {
                        page.has_more = true;
                        break 'page;
                    }
                    page.changes.push(change);
                }
                None => page.has_more = true,
            }
            page.next = page.next.read_to(changed.revision);
        }
    }
    if !page.has_more {
        page.next = page.next.read_to(feed.state.end);
    }
    tx.commit().await?;
    Ok(page)
}

/// The rows of a part.
struct Rows {
    tasks: HashMap<TaskId, Task>,
    lists: HashMap<ListId, List>,
    completions: HashMap<CompletionId, (Revision, Completion)>,
}

impl Rows {
    async fn find(tx: &mut OwnerTx, part: &[Changed]) -> Result<Self, Error> {
        let ids = |what| -> Vec<Uuid> {
            let of_kind = part.iter().filter(|changed| changed.what == what);
            of_kind.map(|changed| changed.id).collect()
        };
        Ok(Self {
            tasks: tasks::find_many(tx, &ids(What::Task)).await?,
            lists: lists::find_many(tx, &ids(What::List)).await?,
            completions: completions::find_many(tx, &ids(What::Completion)).await?,
        })
    }

    /// The change as it is sent; `None` when the row has changed again since.
    fn take(&mut self, changed: &Changed) -> Option<pb::Change> {
        use pb::change::Change as Kind;
        let still = |revision: Revision| revision == changed.revision;
        let change = match changed.what {
            What::Task => {
                let task = self.tasks.remove(&TaskId(changed.id));
                Kind::Task(convert::task(task.filter(|task| still(task.revision))?))
            }
            What::List => {
                let list = self.lists.remove(&ListId(changed.id));
                Kind::List(convert::list(list.filter(|list| still(list.revision))?))
            }
            What::Completion => {
                let found = self.completions.remove(&CompletionId(changed.id));
                let (_, completion) = found.filter(|(revision, _)| still(*revision))?;
                Kind::Completion(convert::completion(completion))
            }
            What::RemovedTask => removed(pb::change::Kind::Task, changed.id),
            What::RemovedList => removed(pb::change::Kind::List, changed.id),
        };
        Some(pb::Change {
            revision: changed.revision.0,
            change: Some(change),
        })
    }
}

fn removed(kind: pb::change::Kind, id: Uuid) -> pb::change::Change {
    pb::change::Change::Removed(pb::change::Removed {
        kind: kind.into(),
        id: id.to_string(),
    })
}
