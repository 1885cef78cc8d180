//! Lists: how they are made, changed, put elsewhere and deleted with what is in them.

use proto::tasks::v1 as pb;
use proto::tasks::v1::move_list_request::Position;

use super::events::timestamp;
use super::form::title;
use super::{Answer, DELETED, ID_TAKEN, Memory, NOT_FOUND, STALE};

/// A list.
#[derive(Debug, Clone)]
pub(in super::super) struct HeldList {
    /// As its owner sees it, without `rank` and `etag`.
    pub(in super::super) list: pb::List,
    /// Unknown after a change until somebody reads it.
    pub(in super::super) etag: Option<String>,
    /// Which deletion took it to the trash.
    pub(super) deletion: Option<usize>,
    /// The request that made it, if that chose the id.
    made_by: Option<pb::CreateListRequest>,
}

impl Memory {
    /// The list of that id, in the trash or not.
    pub(in super::super) fn list(&self, id: &str) -> Answer<&HeldList> {
        let held = self.lists.iter().find(|held| held.list.id == id);
        held.ok_or(NOT_FOUND)
    }

    fn known_list(&self, id: &str, etag: &str) -> Answer<HeldList> {
        let held = self.list(id)?;
        match etag.is_empty() || held.etag.as_deref() == Some(etag) {
            true => Ok(held.clone()),
            false => Err(STALE),
        }
    }

    fn change_list(&mut self, id: &str, with: impl FnOnce(&mut HeldList)) -> pb::List {
        let now = timestamp(self.now);
        let held = self.lists.iter_mut().find(|held| held.list.id == id);
        let held = held.expect("asked for before");
        with(held);
        held.etag = None;
        held.list.update_time = Some(now);
        self.unread.insert(("list", id.to_owned()));
        held.list.clone()
    }

    pub(super) fn create_list(&mut self, request: &pb::CreateListRequest) -> Answer<pb::List> {
        let chosen = self.chosen();
        let made_by = (!request.list_id.is_empty()).then(|| pb::CreateListRequest {
            request_id: String::new(),
            ..request.clone()
        });
        if let Ok(held) = self.list(&request.list_id) {
            return match held.made_by == made_by {
                true => Ok(held.list.clone()),
                false => Err(ID_TAKEN),
            };
        }
        let id = made_by.as_ref().map_or(chosen, |made_by| made_by.list_id.clone());
        let title = &request.list.as_ref().expect("given").title;
        Ok(self.add_list(&id, made_by, title))
    }

    /// A list behind all others.
    pub(super) fn add_list(
        &mut self,
        id: &str,
        made_by: Option<pb::CreateListRequest>,
        name: &str,
    ) -> pb::List {
        self.lists.push(HeldList {
            list: pb::List {
                id: id.to_owned(),
                title: title(name),
                create_time: Some(timestamp(self.now)),
                ..pb::List::default()
            },
            etag: None,
            deletion: None,
            made_by,
        });
        self.change_list(id, |_| {})
    }

    pub(super) fn update_list(&mut self, request: &pb::UpdateListRequest) -> Answer<pb::List> {
        let wanted = request.list.as_ref().expect("given");
        let before = self.known_list(&wanted.id, &wanted.etag)?;
        if before.deletion.is_some() {
            return Err(DELETED);
        }
        let named = title(&wanted.title);
        Ok(match named == before.list.title {
            true => before.list,
            false => self.change_list(&wanted.id, |held| held.list.title = named),
        })
    }

    pub(super) fn move_list(&mut self, request: &pb::MoveListRequest) -> Answer<pb::List> {
        self.list(&request.id)?;
        let beside = match &request.position {
            Some(Position::BeforeId(id) | Position::AfterId(id)) => Some(self.list(id)?),
            _ => None,
        };
        let before = self.known_list(&request.id, &request.etag)?;
        if before.deletion.is_some() || beside.is_some_and(|held| held.deletion.is_some()) {
            return Err(DELETED);
        }
        let place_of = |lists: &[HeldList], id: &str| {
            let place = lists.iter().position(|held| held.list.id == id);
            place.expect("asked for before")
        };
        let from = place_of(&self.lists, &request.id);
        let held = self.lists.remove(from);
        let to = match &request.position {
            None | Some(Position::Last(_)) => self.lists.len(),
            Some(Position::First(_)) => 0,
            Some(Position::BeforeId(other)) => place_of(&self.lists, other),
            Some(Position::AfterId(other)) => place_of(&self.lists, other) + 1,
        };
        self.lists.insert(to, held);
        Ok(match to == from {
            true => before.list,
            false => self.change_list(&request.id, |_| {}),
        })
    }

    pub(super) fn delete_list(&mut self, request: &pb::DeleteListRequest) -> Answer<pb::List> {
        let before = self.known_list(&request.id, &request.etag)?;
        if before.deletion.is_some() {
            return Ok(before.list);
        }
        let deletion = self.new_deletion();
        for id in self.tasks_of(&request.id, None) {
            self.stamp(&id, Some(deletion));
        }
        let (delete_time, purge_time) = self.times_in_trash();
        Ok(self.change_list(&request.id, |held| {
            held.deletion = Some(deletion);
            held.list.delete_time = Some(delete_time);
            held.list.purge_time = Some(purge_time);
        }))
    }

    pub(super) fn undelete_list(&mut self, request: &pb::UndeleteListRequest) -> Answer<pb::List> {
        let before = self.known_list(&request.id, &request.etag)?;
        if before.deletion.is_none() {
            return Ok(before.list);
        }
        for id in self.tasks_of(&request.id, before.deletion) {
            self.stamp(&id, None);
        }
        Ok(self.change_list(&request.id, |held| {
            held.deletion = None;
            (held.list.delete_time, held.list.purge_time) = (None, None);
        }))
    }

    /// The tasks of a list that this deletion took, or none.
    fn tasks_of(&self, list: &str, deletion: Option<usize>) -> Vec<String> {
        let of_it = self
            .tasks
            .iter()
            .filter(|held| held.task.list_id == list && held.deletion == deletion);
        of_it.map(|held| held.task.id.clone()).collect()
    }

    pub(super) fn drop_lists(&mut self, gone: impl Fn(&HeldList) -> bool) -> usize {
        let (dropped, kept) = std::mem::take(&mut self.lists).into_iter().partition(gone);
        self.lists = kept;
        let dropped: Vec<HeldList> = dropped;
        for held in &dropped {
            self.unread.remove(&("list", held.list.id.clone()));
            self.unread.insert(("removed list", held.list.id.clone()));
        }
        dropped.len()
    }
}
