//! Labels: they exist as long as a task has them, in the trash or not.

use std::collections::BTreeSet;

use proto::tasks::v1 as pb;

use super::super::call::Reply;
use super::{Answer, Memory, NOT_FOUND, events};

impl Memory {
    /// A label in use.
    pub(super) fn label(&self, name: &str) -> Option<pb::Label> {
        let of_it = self.tasks.iter().filter(|held| held.has_label(name));
        let living = of_it.clone().filter(|held| held.deletion.is_none());
        of_it.clone().next().map(|_| pb::Label {
            name: name.to_owned(),
            task_count: i64::try_from(living.count()).expect("few"),
        })
    }

    /// All of them, by the bytes of their names.
    pub(in super::super) fn labels(&self) -> Vec<pb::Label> {
        let names: BTreeSet<_> = self.tasks.iter().flat_map(|held| &held.task.labels).collect();
        names.into_iter().filter_map(|name| self.label(name)).collect()
    }

    pub(super) fn rename_label(&mut self, request: &pb::RenameLabelRequest) -> Answer<Reply> {
        let (from, to) = (request.name.trim(), request.new_name.trim());
        self.label(from).ok_or(NOT_FOUND)?;
        if from != to {
            self.relabel(from, Some(to));
        }
        Ok(Reply::Label(self.label(to).ok_or(NOT_FOUND)?))
    }

    pub(super) fn delete_label(&mut self, request: &pb::DeleteLabelRequest) -> Reply {
        self.relabel(request.name.trim(), None);
        Reply::Nothing
    }

    /// On every task. One that has both keeps the first in its place.
    fn relabel(&mut self, from: &str, to: Option<&str>) {
        let of_it = self.tasks.iter().filter(|held| held.has_label(from));
        let ids: Vec<_> = of_it.map(|held| held.task.id.clone()).collect();
        for id in ids {
            let tell = |_: &_, _: &_| vec![events::field("labels", from, to.unwrap_or_default())];
            self.change_telling(
                &id,
                |held| {
                    let mut kept: Vec<String> = Vec::new();
                    for label in std::mem::take(&mut held.task.labels) {
                        let label = match to {
                            _ if label != from => label,
                            Some(to) => to.to_owned(),
                            None => continue,
                        };
                        if !kept.contains(&label) {
                            kept.push(label);
                        }
                    }
                    held.task.labels = kept;
                },
                tell,
            );
        }
    }
}

impl super::Held {
    pub(super) fn has_label(&self, name: &str) -> bool {
        self.task.labels.iter().any(|label| label == name)
    }
}
