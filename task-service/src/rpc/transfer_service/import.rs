//! One import: the same decisions twice, first only read, so that what cannot be made whole is refused before anything is
//! made, then written under the owner's lock.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use proto::tasks::v1::ImportTasksResponse;

use super::chunks::Sink;
use super::import_tasks::{chunk_id, tell_progress};
use crate::app::App;
use crate::domain::transfer::{Arranged, Decision, Place, PlacedList, PlacedRow, Remark, decide};
use crate::domain::{Completion, List, ListId, Rank, RequestId, Revision, Task, TaskId, Usage};
use crate::error::{Error, Missing, Precondition};
use crate::owner::OwnerId;
use crate::rpc::idempotency::Repeatable;
use crate::store::tasks::NewRow;
use crate::store::{OwnerTx, completions, lists, owners, tasks};

/// Rows of one transaction, which keeps the owner's other writes waiting.
const CHUNK_ROWS: usize = 200;
/// For each transaction.
const TIME: Duration = Duration::from_secs(15);

/// Where it is told how far it is.
type Progress = Sink<ImportTasksResponse>;

/// An import that was read.
pub(super) struct Import<'a> {
    pub(super) app: &'a App,
    pub(super) owner: OwnerId,
    /// For tasks that the file puts in no list.
    pub(super) list: Option<ListId>,
    pub(super) request_id: Option<RequestId>,
    pub(super) request_hash: Vec<u8>,
    pub(super) file: &'a Arranged,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) created: i32,
    pub(super) updated: i32,
    pub(super) skipped: i32,
    pub(super) left_out: Vec<Remark>,
    pub(super) warnings: Vec<Remark>,
    /// Rows that were looked at.
    done: i32,
    /// What the person gets more of.
    added: Usage,
}

/// The list that tasks go to by default. It must be there, and outside the trash.
async fn find_list(tx: &mut OwnerTx, list: Option<ListId>) -> Result<(), Error> {
    let Some(id) = list else {
        return Ok(());
    };
    let list = lists::find(tx, id).await?.ok_or(Error::NotFound(Missing::List))?;
    match list.is_deleted() {
        true => Err(Error::Precondition(Precondition::ListDeleted)),
        false => Ok(()),
    }
}

impl Import<'_> {
    /// Decides and writes nothing. Fails when the person may not have so much.
    pub(super) async fn check(&self, progress: Option<&Progress>) -> Result<Tally, Error> {
        let mut pass = Pass::new(self, false);
        pass.run(progress).await?;
        let mut tx = self.begin().await?;
        let before = owners::find_usage(&mut tx).await?;
        tx.commit().await?;
        let after = Usage {
            tasks: before.tasks + pass.tally.added.tasks,
            lists: before.lists + pass.tally.added.lists,
            stored_bytes: before.stored_bytes + pass.tally.added.stored_bytes,
        };
        match self.app.limits.exceeded(before, after) {
            Some(quota) => Err(Error::QuotaExceeded(quota)),
            None => Ok(pass.tally),
        }
    }

    /// Decides and writes.
    pub(super) async fn write(&self, progress: &Progress) -> Result<Tally, Error> {
        let mut pass = Pass::new(self, true);
        pass.run(Some(progress)).await?;
        Ok(pass.tally)
    }

    async fn begin(&self) -> Result<OwnerTx, Error> {
        OwnerTx::begin(&self.app.pool, self.owner, Deadline::after(TIME)).await
    }

    fn repeatable(&self, chunk: u32) -> Repeatable {
        let id = self.request_id.map(|id| chunk_id(self.owner, id, chunk));
        Repeatable::of_hash(id, "ImportTasks", self.request_hash.clone())
    }
}

/// One way through the file.
struct Pass<'a> {
    import: &'a Import<'a>,
    writes: bool,
    /// Where tasks are that others can be a part of.
    places: HashMap<TaskId, Place>,
    lists: BTreeSet<ListId>,
    tally: Tally,
}

/// A transaction of one chunk.
struct Chunk {
    tx: OwnerTx,
    now: DateTime<Utc>,
    /// A run before has committed it.
    is_done: bool,
    repeatable: Repeatable,
    /// What is to be stored at the end.
    new: Vec<NewRow>,
    completions: Vec<Completion>,
}

impl<'a> Pass<'a> {
    fn new(import: &'a Import<'a>, writes: bool) -> Self {
        Self {
            import,
            writes,
            places: HashMap::new(),
            lists: import.file.lists.iter().map(|list| list.id).collect(),
            tally: Tally {
                done: i32::try_from(import.file.left_out.len()).unwrap_or(i32::MAX),
                ..Tally::default()
            },
        }
    }

    async fn run(&mut self, progress: Option<&Progress>) -> Result<(), Error> {
        let file = self.import.file;
        let mut number = 0;
        // A file without lists has a first chunk too: it is recorded under the request's own id.
        let lists = file.lists.chunks(CHUNK_ROWS).map(<[_]>::iter);
        for lists in lists.chain(file.lists.is_empty().then(|| [].iter())) {
            let mut chunk = self.begin(number).await?;
            if !chunk.is_done {
                // A repeat is one, wherever the list is by now.
                find_list(&mut chunk.tx, self.import.list).await?;
            }
            for list in lists {
                self.list(&mut chunk, list).await?;
            }
            self.end(chunk).await?;
            number += 1;
        }
        for rows in file.rows.chunks(CHUNK_ROWS) {
            let mut chunk = self.begin(number).await?;
            self.rows(&mut chunk, rows).await?;
            self.end(chunk).await?;
            number += 1;
            self.tally.done = self.tally.done.saturating_add(small(rows.len()));
            if let Some(progress) = progress {
                tell_progress(progress, self.tally.done, file.total);
            }
        }
        Ok(())
    }

    async fn begin(&self, number: u32) -> Result<Chunk, Error> {
        let repeatable = self.import.repeatable(number);
        let mut tx = self.import.begin().await?;
        let now = self.import.app.clock.now();
        if self.writes {
            owners::lock(&mut tx, self.import.app.limits).await?;
            tx.by(repeatable.method(), now);
        }
        let is_done = repeatable.replay(&mut tx).await?.is_some();
        Ok(Chunk {
            tx,
            now,
            is_done,
            repeatable,
            new: Vec::new(),
            completions: Vec::new(),
        })
    }

    async fn end(&self, mut chunk: Chunk) -> Result<(), Error> {
        tasks::insert_many(&mut chunk.tx, &chunk.new).await?;
        for completion in &chunk.completions {
            let revision = chunk.tx.raise()?;
            completions::insert_known(&mut chunk.tx, completion, revision).await?;
        }
        if self.writes && !chunk.is_done {
            chunk
                .repeatable
                .record(&mut chunk.tx, &[], None, chunk.now)
                .await?;
        }
        chunk.tx.commit().await
    }

    /// A list that is there stays as it is.
    async fn list(&mut self, chunk: &mut Chunk, list: &PlacedList) -> Result<(), Error> {
        if chunk.is_done || lists::find(&mut chunk.tx, list.id).await?.is_some() {
            return Ok(());
        }
        let mut made = List {
            id: list.id,
            revision: Revision(0),
            title: list.title.clone(),
            rank: Rank::after(None),
            create_time: list.create_time.unwrap_or(chunk.now),
            update_time: list.update_time.or(list.create_time).unwrap_or(chunk.now),
            delete_time: None,
            purge_time: None,
            deletion_id: None,
        };
        if self.writes {
            made.rank = match &list.rank {
                Some(rank) => rank.clone(),
                None => Rank::after(lists::find_last_rank(&mut chunk.tx).await?.as_ref()),
            };
            made.revision = chunk.tx.raise()?;
            lists::insert(&mut chunk.tx, &made, None).await?;
        }
        self.tally.created += 1;
        self.tally.added.lists += 1;
        self.tally.added.stored_bytes += bytes(made.size_bytes());
        Ok(())
    }

    async fn rows(&mut self, chunk: &mut Chunk, rows: &[PlacedRow]) -> Result<(), Error> {
        if chunk.is_done {
            self.tally.skipped += small(rows.len());
            return Ok(());
        }
        let ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
        let known = tasks::find_many(&mut chunk.tx, &ids).await?;
        let homes = self.homes(chunk, rows).await?;
        if self.writes {
            // Without the lock they may have been moved or deleted meanwhile.
            self.places.clear();
        }
        let mut last = match self.writes {
            true => tasks::find_last_rank(&mut chunk.tx).await?,
            false => None,
        };
        for row in rows {
            self.load_parent(chunk, row).await?;
            let list = row
                .list
                .map_or(Ok(self.import.list), |id| homes[&id].map(|()| Some(id)));
            let decision = decide(
                row,
                known.get(&row.id),
                &self.places,
                list.unwrap_or(self.import.list),
                chunk.now,
            );
            match decision {
                Decision::Create(mut task, warning) => {
                    if row.parent.is_none() {
                        self.warn(row, list.err());
                    }
                    self.warn(row, warning);
                    if row.task.rank.is_none() {
                        task.rank = Rank::after(last.as_ref());
                    }
                    last = last.max(Some(task.rank.clone()));
                    self.create(chunk, row, *task)?;
                }
                Decision::Update(task) => self.update(chunk, &known[&row.id], *task).await?,
                Decision::Skip => self.tally.skipped += 1,
                Decision::Refuse(complaint) => self.tally.left_out.push(Remark {
                    row: row.number,
                    message: complaint.to_owned(),
                }),
            }
        }
        Ok(())
    }

    fn warn(&mut self, row: &PlacedRow, complaint: Option<&'static str>) {
        self.tally.warnings.extend(complaint.map(|complaint| Remark {
            row: row.number,
            message: complaint.to_owned(),
        }));
    }

    fn create(&mut self, chunk: &mut Chunk, row: &PlacedRow, mut task: Task) -> Result<(), Error> {
        let depth = task
            .parent_id
            .and_then(|parent| self.places.get(&parent))
            .map_or(0, |place| place.depth + 1);
        self.places.insert(
            task.id,
            Place {
                list: task.list_id,
                parent: task.parent_id,
                depth,
                is_deleted: false,
            },
        );
        self.tally.created += 1;
        self.tally.added.tasks += 1;
        self.tally.added.stored_bytes += bytes(task.size_bytes());
        if self.writes {
            task.revision = chunk.tx.raise()?;
            chunk
                .completions
                .extend(row.task.completions.iter().map(|completion| Completion {
                    task_id: task.id,
                    ..completion.clone()
                }));
            chunk.new.push(NewRow {
                task,
                create_hash: None,
            });
        }
        Ok(())
    }

    async fn update(&mut self, chunk: &mut Chunk, before: &Task, mut task: Task) -> Result<(), Error> {
        if self.writes {
            task.revision = chunk.tx.raise()?;
            task.update_time = chunk.now;
            tasks::update(&mut chunk.tx, before, &task).await?;
        }
        self.tally.updated += 1;
        self.tally.added.stored_bytes += bytes(task.size_bytes()) - bytes(before.size_bytes());
        Ok(())
    }

    /// Of the lists that these rows name, those where tasks can go, and why not to the others.
    async fn homes(
        &self,
        chunk: &mut Chunk,
        rows: &[PlacedRow],
    ) -> Result<HashMap<ListId, Result<(), &'static str>>, Error> {
        find_list(&mut chunk.tx, self.import.list).await?;
        let wanted: BTreeSet<_> = rows.iter().filter_map(|row| row.list).collect();
        let mut homes = HashMap::new();
        for id in wanted {
            let home = match lists::find(&mut chunk.tx, id).await? {
                Some(list) if list.is_deleted() => {
                    Err("Its list is in the trash; it was put where tasks without a list go.")
                }
                Some(_) => Ok(()),
                // While checking, those of the file are not made.
                None if !self.writes && self.lists.contains(&id) => Ok(()),
                None => Err("Its list is not there; it was put where tasks without a list go."),
            };
            homes.insert(id, home);
        }
        Ok(homes)
    }

    /// Learns where the parent of a row is, and all above it.
    async fn load_parent(&mut self, chunk: &mut Chunk, row: &PlacedRow) -> Result<(), Error> {
        let mut found = Vec::new();
        let mut next = row.parent;
        while let Some(id) = next.filter(|id| !self.places.contains_key(id)) {
            let Some(task) = tasks::find(&mut chunk.tx, id).await? else {
                break;
            };
            next = task.parent_id;
            found.push(task);
        }
        while let Some(task) = found.pop() {
            let above = task.parent_id.and_then(|parent| self.places.get(&parent));
            let place = Place {
                list: task.list_id,
                parent: task.parent_id,
                depth: above.map_or(0, |above| above.depth + 1),
                is_deleted: task.is_deleted(),
            };
            self.places.insert(task.id, place);
        }
        Ok(())
    }
}

fn small(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn bytes(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
