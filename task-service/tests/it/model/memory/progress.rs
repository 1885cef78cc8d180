//! Done, given up, passed over, open again.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::task::State;

use super::super::call::Reply;
use super::events::timestamp;
use super::{Answer, Completed, Held, Memory, Refusal, not_now, recurrence};

const STATE: Refusal = not_now(ErrorReason::StateNotAllowed);

impl Memory {
    pub(super) fn complete_task(&mut self, request: &pb::CompleteTaskRequest) -> Answer<Reply> {
        let chosen = self.chosen();
        let before = self.living(&request.id, &request.etag)?;
        let present = &before.task.due;
        let standing = match &request.occurrence {
            Some(meant) if present.as_ref() != Some(meant) => {
                let of_it = before.standing(|made| made.shown.occurrence.as_ref() == Some(meant));
                Some(of_it.ok_or(not_now(ErrorReason::OccurrenceNeverDue))?)
            }
            _ if before.task.state() == State::Done => before.standing(|_| true),
            _ => None,
        };
        if let Some(standing) = standing {
            return Ok(Reply::Completed(before.task.clone(), standing.shown.clone()));
        }
        if before.task.state() == State::Cancelled {
            return Err(STATE);
        }
        let now = timestamp(self.now);
        let completion = Completed {
            shown: pb::TaskCompletion {
                id: chosen.clone(),
                task_id: request.id.clone(),
                occurrence: present.clone(),
                complete_time: Some(now),
                undo_time: None,
            },
            start: before.task.start.clone(),
            occurrence: before.occurrence,
        };
        let shown = completion.shown.clone();
        // What came as done from elsewhere stays where it is.
        let next = match before.task.state() {
            State::Done => None,
            _ => recurrence::next(&before, self.now, &request.time_zone),
        };
        let task = self.change(&request.id, |held| {
            held.completions.push(completion);
            match next {
                Some(due) => held.move_on(due),
                None => {
                    held.task.set_state(State::Done);
                    held.task.complete_time = Some(now);
                }
            }
        });
        self.unread.insert(("completion", chosen));
        Ok(Reply::Completed(task, shown))
    }

    pub(super) fn skip_occurrence(&mut self, request: &pb::SkipOccurrenceRequest) -> Answer<pb::Task> {
        let before = self.living(&request.id, &request.etag)?;
        if before.task.recurrence.is_none() {
            return Err(not_now(ErrorReason::NotRecurring));
        }
        if before.task.state() != State::Open {
            return Err(STATE);
        }
        let next = recurrence::next(&before, self.now, &request.time_zone);
        Ok(self.change(&request.id, |held| match next {
            Some(due) => held.move_on(due),
            None => held.task.set_state(State::Cancelled),
        }))
    }

    pub(super) fn reopen_task(&mut self, request: &pb::ReopenTaskRequest) -> Answer<pb::Task> {
        let before = self.living(&request.id, &request.etag)?;
        let recurs = before.task.recurrence.is_some();
        let newest = before.standing(|_| true).map(|made| made.shown.id.clone());
        let undone = newest.filter(|_| match before.task.state() {
            State::Done => true,
            State::Open => recurs,
            _ => false,
        });
        if undone.is_none() && before.task.state() == State::Open {
            return Ok(before.task);
        }
        if let Some(id) = &undone {
            self.unread.insert(("completion", id.clone()));
        }
        let now = timestamp(self.now);
        Ok(self.change(&request.id, |held| {
            held.task.set_state(State::Open);
            held.task.complete_time = None;
            let undone = held
                .completions
                .iter_mut()
                .find(|made| Some(&made.shown.id) == undone.as_ref());
            let Some(undone) = undone else { return };
            undone.shown.undo_time = Some(now);
            if recurs && undone.shown.occurrence.is_some() {
                held.task.due.clone_from(&undone.shown.occurrence);
                held.task.start.clone_from(&undone.start);
                held.occurrence = held.occurrence.min(undone.occurrence);
            }
        }))
    }

    pub(super) fn cancel_task(&mut self, request: &pb::CancelTaskRequest) -> Answer<pb::Task> {
        let before = self.living(&request.id, &request.etag)?;
        match before.task.state() {
            State::Cancelled => Ok(before.task),
            State::Done => Err(STATE),
            _ => Ok(self.change(&request.id, |held| held.task.set_state(State::Cancelled))),
        }
    }
}

impl Held {
    /// The newest completion of those that were not taken back.
    fn standing(&self, wanted: impl Fn(&Completed) -> bool) -> Option<&Completed> {
        let stands = |made: &&Completed| made.shown.undo_time.is_none() && wanted(made);
        self.completions.iter().rfind(stands)
    }

    /// The start keeps its distance in days.
    fn move_on(&mut self, due: pb::When) {
        if let Some(start) = &mut self.task.start {
            let passed = recurrence::day(&due) - recurrence::day(self.task.due.as_ref().expect("it recurs"));
            *start = recurrence::on(recurrence::day(start) + passed, start);
        }
        self.task.due = Some(due);
        self.occurrence += 1;
    }
}
