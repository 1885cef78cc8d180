//! What can be wrong with a message by itself, and how what people write is kept.

use proto::tasks::v1 as pb;
use proto::tasks::v1::{move_list_request, move_task_request};

use super::super::call::Call;
use super::{Answer, INVALID};

const MUTABLE: [&str; 7] = [
    "title",
    "notes",
    "priority",
    "labels",
    "start",
    "due",
    "recurrence",
];

/// Refuses what no state of things could make right.
pub(super) fn check(call: &Call) -> Answer<()> {
    match call {
        Call::CreateTask(request) => right(is_right_create(request)),
        Call::UpdateTask(request) => right(is_right_update(request)),
        Call::BatchCreateTasks(batch) => all(&batch.requests, is_right_create),
        Call::BatchUpdateTasks(batch) => all(&batch.requests, is_right_update),
        Call::BatchDeleteTasks(batch) => all(&batch.requests, |_| true),
        Call::MoveTask(request) => right(match &request.position {
            Some(move_task_request::Position::BeforeId(id) | move_task_request::Position::AfterId(id)) => {
                *id != request.id
            }
            _ => true,
        }),
        Call::MoveList(request) => right(match &request.position {
            Some(move_list_request::Position::BeforeId(id) | move_list_request::Position::AfterId(id)) => {
                *id != request.id
            }
            _ => true,
        }),
        _ => Ok(()),
    }
}

fn right(is_right: bool) -> Answer<()> {
    is_right.then_some(()).ok_or(INVALID)
}

/// The first member that is wrong is to blame; a batch of none is wrong as a whole.
fn all<R>(requests: &[R], is_right: impl Fn(&R) -> bool) -> Answer<()> {
    match requests.iter().position(|request| !is_right(request)) {
        Some(member) => Err(INVALID.of_member(member)),
        None => right(!requests.is_empty()),
    }
}

fn is_right_create(request: &pb::CreateTaskRequest) -> bool {
    let task = request.task.as_ref();
    task.is_some_and(|task| {
        !title(&task.title).is_empty() && (task.recurrence.is_none() || task.due.is_some())
    })
}

fn is_right_update(request: &pb::UpdateTaskRequest) -> bool {
    let (mask, task) = (Mask::of(request), request.task.as_ref());
    let is_known = |path: &String| MUTABLE.contains(&path.as_str()) || (path == "*" && mask.0.len() == 1);
    mask.0.iter().all(is_known)
        && task
            .is_some_and(|task| !mask.has("title", !task.title.is_empty()) || !title(&task.title).is_empty())
}

/// Which fields an update names: those of its mask, with none those that are set, with `*` all.
pub(super) struct Mask(Vec<String>);

impl Mask {
    pub(super) fn of(request: &pb::UpdateTaskRequest) -> Self {
        Self(request.update_mask.clone().unwrap_or_default().paths)
    }

    pub(super) fn has(&self, field: &str, is_set: bool) -> bool {
        match self.0.is_empty() {
            true => is_set,
            false => self.0.iter().any(|path| path == field || path == "*"),
        }
    }
}

/// Without white space at its ends.
pub(super) fn title(text: &str) -> String {
    text.trim().to_owned()
}

/// Each without white space at its ends, and once.
pub(super) fn labels(given: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for label in given.iter().map(|label| label.trim()) {
        if !kept.iter().any(|known| known == label) {
            kept.push(label.to_owned());
        }
    }
    kept
}

/// In capitals, and with a basis.
pub(super) fn recurrence(given: pb::Recurrence) -> pb::Recurrence {
    let basis = match given.basis() {
        pb::recurrence::Basis::Completion => pb::recurrence::Basis::Completion,
        _ => pb::recurrence::Basis::Due,
    };
    pb::Recurrence {
        rrule: given.rrule.to_uppercase(),
        basis: basis.into(),
    }
}
