//! The trash: what a deletion takes, what comes back with it, and what is gone for good.

use chrono::{DateTime, Days, Utc};
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;

use super::super::call::Reply;
use super::events::timestamp;
use super::{Answer, DELETED, Held, Memory, not_now};

impl Memory {
    pub(super) fn delete_task(&mut self, request: &pb::DeleteTaskRequest) -> Answer<pb::Task> {
        let before = self.known(&request.id, &request.etag)?.clone();
        if before.deletion.is_some() {
            return Ok(before.task);
        }
        let deletion = self.new_deletion();
        for id in self.taken(&request.id) {
            self.stamp(&id, Some(deletion));
        }
        Ok(self.task(&request.id)?.task.clone())
    }

    pub(super) fn undelete_task(&mut self, request: &pb::UndeleteTaskRequest) -> Answer<pb::Task> {
        let before = self.known(&request.id, &request.etag)?.clone();
        if before.deletion.is_none() {
            return Ok(before.task);
        }
        let list = self.list(&before.task.list_id);
        let parent = self.task(&before.task.parent_id);
        if list.is_ok_and(|list| list.deletion.is_some()) || parent.is_ok_and(|held| held.deletion.is_some())
        {
            return Err(DELETED);
        }
        for id in self.taken(&request.id) {
            self.stamp(&id, None);
        }
        Ok(self.task(&request.id)?.task.clone())
    }

    pub(super) fn purge_task(&mut self, request: &pb::PurgeTaskRequest) -> Answer<Reply> {
        if self.known(&request.id, &request.etag)?.deletion.is_none() {
            return Err(not_now(ErrorReason::NotDeleted));
        }
        let purged = self.taken(&request.id);
        let is_orphan =
            |held: &&Held| purged.contains(&held.task.parent_id) && !purged.contains(&held.task.id);
        let orphans: Vec<_> = self
            .tasks
            .iter()
            .filter(is_orphan)
            .map(|held| held.task.id.clone())
            .collect();
        for id in orphans {
            self.change(&id, |held| held.task.parent_id.clear());
        }
        self.drop_tasks(|held| purged.contains(&held.task.id));
        Ok(Reply::Nothing)
    }

    /// Drops what was in the trash at that time. How the service does it in steps does not show.
    pub(super) fn empty_trash(&mut self, at: DateTime<Utc>) -> Reply {
        let at = timestamp(at);
        let is_meant = |time: Option<prost_types::Timestamp>| {
            time.is_some_and(|time| (time.seconds, time.nanos) <= (at.seconds, at.nanos))
        };
        let tasks = self.drop_tasks(|held| is_meant(held.task.delete_time));
        let lists = self.drop_lists(|held| is_meant(held.list.delete_time));
        Reply::Emptied(pb::EmptyTrashResponse {
            purged_count: i64::try_from(tasks + lists).expect("few"),
            done: true,
        })
    }

    /// A task and all below it that stand where it stands: outside of the trash, or there because of the same deletion.
    fn taken(&self, top: &str) -> Vec<String> {
        let deletion = self.task(top).expect("asked for before").deletion;
        let mut taken = vec![top.to_owned()];
        let mut next = 0;
        while let Some(id) = taken.get(next).cloned() {
            let parts = self
                .tasks
                .iter()
                .filter(|held| held.task.parent_id == id && held.deletion == deletion);
            taken.extend(parts.map(|held| held.task.id.clone()));
            next += 1;
        }
        taken
    }

    pub(super) fn new_deletion(&mut self) -> usize {
        self.deletions += 1;
        self.deletions
    }

    /// Moves a task to the trash, or out of it.
    pub(super) fn stamp(&mut self, id: &str, deletion: Option<usize>) {
        let times = deletion.map(|_| self.times_in_trash());
        self.change(id, |held| {
            held.deletion = deletion;
            (held.task.delete_time, held.task.purge_time) = times.unzip();
        });
    }

    /// Since when what goes there now is in the trash, and until when.
    pub(super) fn times_in_trash(&self) -> (prost_types::Timestamp, prost_types::Timestamp) {
        (timestamp(self.now), timestamp(self.now + Days::new(30)))
    }

    fn drop_tasks(&mut self, gone: impl Fn(&Held) -> bool) -> usize {
        let (dropped, kept) = std::mem::take(&mut self.tasks).into_iter().partition(gone);
        self.tasks = kept;
        let dropped: Vec<Held> = dropped;
        for held in &dropped {
            for made in &held.completions {
                self.unread.remove(&("completion", made.shown.id.clone()));
            }
            self.unread.remove(&("task", held.task.id.clone()));
            self.unread.insert(("removed task", held.task.id.clone()));
        }
        dropped.len()
    }
}
