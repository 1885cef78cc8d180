//! New tasks in one transaction: each is checked by itself, what several of them need is looked up once, and all are
//! stored together. A task can be part of one that was made before it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use proto::tasks::v1 as pb;

use super::convert;
use super::fields::Fields;
use super::idempotency::hash_of;
use crate::app::App;
use crate::domain::{ListId, MOST_LEVELS, NewTask, Rank, Task, TaskId};
use crate::error::{Error, Exists, Missing, Precondition, Violation};
use crate::store::tasks::NewRow;
use crate::store::{OwnerTx, lists, tasks};

/// What somebody wants to have made, checked.
pub(super) struct Wanted {
    new: NewTask,
    /// The id that the client chose, and what of its request makes that safe to repeat.
    chosen: Option<(TaskId, Vec<u8>)>,
}

impl Wanted {
    /// Whether it gets an id of ours and is a part of nothing, so that many people's can be made together.
    pub(super) fn is_plain(&self) -> bool {
        self.chosen.is_none() && self.new.parent_id.is_none()
    }

    /// What a plain one is to be.
    pub(super) fn into_plain(self) -> NewTask {
        self.new
    }

    /// The other way round.
    pub(super) fn of_plain(new: NewTask) -> Self {
        Self { new, chosen: None }
    }
}

/// Reads all of a request but its `request_id`.
pub(super) fn parse(fields: &mut Fields, message: &pb::CreateTaskRequest) -> Option<Wanted> {
    let new = match message.task.clone() {
        Some(task) => convert::new_task(fields, task),
        None => {
            fields.fault("task", "The task is missing; give one with a title.");
            None
        }
    };
    let chosen = match message.task_id.as_str() {
        "" => None,
        text => Some(fields.check("task_id", TaskId::parse(text))?),
    };
    let chosen = chosen.map(|id| {
        let request = pb::CreateTaskRequest {
            request_id: String::new(),
            ..message.clone()
        };
        (id, hash_of(&request))
    });
    Some(Wanted { new: new?, chosen })
}

/// New tasks of one owner, who must be locked.
pub(super) struct Creation<'a> {
    app: &'a App,
    tx: &'a mut OwnerTx,
    now: DateTime<Utc>,
    /// Tasks that are there already, of those that somebody names.
    known: HashMap<TaskId, Task>,
    depths: HashMap<TaskId, i64>,
    lists: HashSet<ListId>,
    last_rank: Option<Rank>,
    rows: Vec<NewRow>,
    places: HashMap<TaskId, usize>,
}

impl<'a> Creation<'a> {
    /// Looks up what these name.
    pub(super) async fn begin(
        app: &'a App,
        tx: &'a mut OwnerTx,
        now: DateTime<Utc>,
        wanted: &[Wanted],
    ) -> Result<Self, Error> {
        let chosen = wanted.iter().filter_map(|wanted| wanted.chosen.as_ref());
        let parents = wanted.iter().filter_map(|wanted| wanted.new.parent_id);
        let named: Vec<_> = chosen.map(|(id, _)| id.0).chain(parents.map(|id| id.0)).collect();
        let known = tasks::find_many(tx, &named).await?;
        let last_rank = tasks::find_last_rank(tx).await?;
        Ok(Self {
            app,
            tx,
            now,
            known,
            last_rank,
            depths: HashMap::new(),
            lists: HashSet::new(),
            rows: Vec::new(),
            places: HashMap::new(),
        })
    }

    /// One more. What was made before with the same chosen id and body is returned as it is now.
    pub(super) async fn add(&mut self, wanted: Wanted) -> Result<Task, Error> {
        let Wanted { new, chosen } = wanted;
        if let Some((id, hash)) = &chosen
            && let Some(task) = self.find_made(*id, hash).await?
        {
            return Ok(task);
        }
        let list_id = self.find_list(&new).await?;
        let (id, create_hash) = match chosen {
            Some((id, hash)) => (id, Some(hash)),
            None => (TaskId(self.app.entropy.uuid_v7(&self.app.clock)), None),
        };
        let rank = Rank::after(self.last_rank.as_ref());
        self.last_rank = Some(rank.clone());
        let task = new.into_task(id, (list_id, rank), self.tx.raise()?, self.now);
        self.places.insert(id, self.rows.len());
        let row = NewRow { task, create_hash };
        self.rows.push(row.clone());
        Ok(row.task)
    }

    /// Stores them.
    pub(super) async fn finish(self) -> Result<(), Error> {
        tasks::insert_many(self.tx, &self.rows).await
    }

    /// The task that the same request made under the id that it chose.
    async fn find_made(&mut self, id: TaskId, hash: &[u8]) -> Result<Option<Task>, Error> {
        let (task, made_by) = match (self.new_row(id), self.known.get(&id)) {
            (Some(row), _) => (row.task.clone(), row.create_hash.clone()),
            (None, Some(task)) => (task.clone(), tasks::find_create_hash(self.tx, id).await?),
            (None, None) => return Ok(None),
        };
        match made_by.as_deref() == Some(hash) {
            true => Ok(Some(task)),
            false => Err(Error::Exists(Exists::TaskId)),
        }
    }

    fn new_row(&self, id: TaskId) -> Option<&NewRow> {
        self.rows.get(*self.places.get(&id)?)
    }

    /// The list that the new task will be in. What it names must be there, and outside the trash.
    async fn find_list(&mut self, new: &NewTask) -> Result<Option<ListId>, Error> {
        if let Some(id) = new.list_id
            && !self.lists.contains(&id)
        {
            let list = lists::find(self.tx, id)
                .await?
                .ok_or(Error::NotFound(Missing::List))?;
            if list.is_deleted() {
                return Err(Error::Precondition(Precondition::ListDeleted));
            }
            self.lists.insert(id);
        }
        let Some(id) = new.parent_id else {
            return Ok(new.list_id);
        };
        let parent = self.new_row(id).map(|row| &row.task).or(self.known.get(&id));
        let parent = parent.ok_or(Error::NotFound(Missing::Parent))?;
        if parent.is_deleted() {
            return Err(Error::Precondition(Precondition::ParentDeleted));
        }
        let list_id = parent.list_id;
        if new.list_id.is_some() && new.list_id != list_id {
            return Err(Error::Invalid(vec![Violation {
                field: "task.list_id".into(),
                description: "A subtask is in its parent's list; leave list_id out, or give that one.".into(),
            }]));
        }
        if self.depth(id).await? + 1 > MOST_LEVELS {
            return Err(Error::Precondition(Precondition::TooDeep));
        }
        Ok(list_id)
    }

    /// How many tasks stand above this one.
    async fn depth(&mut self, id: TaskId) -> Result<i64, Error> {
        let mut above = 0;
        let mut id = id;
        // New ones stand on others; none of those that were there stands on a new one.
        while let Some(row) = self.new_row(id) {
            match row.task.parent_id {
                None => return Ok(above),
                Some(parent) => id = parent,
            }
            above += 1;
        }
        if !self.depths.contains_key(&id) {
            let depth = tasks::find_depth(self.tx, id).await?;
            self.depths.insert(id, depth);
        }
        Ok(above + self.depths[&id])
    }
}
