//! Tasks that come again: where the next occurrence is, and what complete, skip and reopen do to it.

mod rules;

use proto::errors::v1::ErrorReason;
use proto::google::r#type::{Date, TimeOfDay};
use proto::tasks::v1 as pb;
use proto::tasks::v1::recurrence::Basis;
use proto::tasks::v1::task::State;
use tonic::{Code, Response, Status};

use crate::harness::{Person, Service, assert_refused};

/// A whole day.
pub(crate) fn on(year: i32, month: i32, day: i32) -> pb::When {
    pb::When {
        date: Some(Date { year, month, day }),
        ..Default::default()
    }
}

/// A time of that day.
pub(crate) fn at(day: pb::When, hours: i32, minutes: i32, zone: &str) -> pb::When {
    pb::When {
        time: Some(TimeOfDay {
            hours,
            minutes,
            ..Default::default()
        }),
        time_zone: zone.to_owned(),
        ..day
    }
}

/// A task with a rule, counted from its due.
pub(crate) fn recurring(rrule: &str, due: pb::When) -> pb::Task {
    pb::Task {
        title: "Water the plants".to_owned(),
        due: Some(due),
        recurrence: Some(pb::Recurrence {
            rrule: rrule.to_owned(),
            basis: Basis::Due.into(),
        }),
        ..Default::default()
    }
}

/// The same, counted from the day of the completion.
fn after_completion(rrule: &str, due: pb::When) -> pb::Task {
    let mut task = recurring(rrule, due);
    task.recurrence
        .as_mut()
        .expect("just given")
        .set_basis(Basis::Completion);
    task
}

pub(crate) async fn made(person: &Person<'_>, task: pb::Task) -> pb::Task {
    let request = pb::CreateTaskRequest {
        task: Some(task),
        ..Default::default()
    };
    person.create(request).await.expect("made")
}

pub(crate) async fn complete_of(
    person: &Person<'_>,
    id: &str,
    occurrence: pb::When,
) -> Result<pb::CompleteTaskResponse, Status> {
    let message = pb::CompleteTaskRequest {
        id: id.to_owned(),
        occurrence: Some(occurrence),
        ..Default::default()
    };
    let reply = person.client().complete_task(person.request(message)).await;
    reply.map(Response::into_inner)
}

async fn completed(person: &Person<'_>, id: &str) -> pb::Task {
    person
        .complete(id)
        .await
        .expect("completed")
        .task
        .expect("a task")
}

#[tokio::test]
async fn completing_moves_a_recurring_task_on_and_leaves_it_open() {
    let service = Service::start().await;
    let alice = service.person();
    let task = pb::Task {
        start: Some(on(2026, 11, 28)),
        ..recurring(
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            at(on(2026, 11, 30), 9, 0, "Europe/Zurich"),
        )
    };
    let task = made(&alice, task).await;
    let reply = alice.complete(&task.id).await.unwrap();
    let (next, completion) = (reply.task.unwrap(), reply.completion.unwrap());
    assert_eq!(completion.occurrence, task.due);
    assert_eq!(
        (next.state(), next.complete_time),
        (State::Open, None),
        "there is more to do"
    );
    assert_eq!(next.due, Some(at(on(2026, 12, 31), 9, 0, "Europe/Zurich")));
    assert_eq!(next.start, Some(on(2026, 12, 29)), "as many days before");
    assert_ne!(next.etag, task.etag);
    assert_eq!(alice.get(&task.id).await.unwrap(), next);
}

#[tokio::test]
async fn missed_occurrences_come_one_by_one() {
    let service = Service::start().await;
    let alice = service.person();
    let task = made(&alice, recurring("FREQ=WEEKLY", on(2026, 1, 5))).await;
    assert_eq!(completed(&alice, &task.id).await.due, Some(on(2026, 1, 12)));
    assert_eq!(completed(&alice, &task.id).await.due, Some(on(2026, 1, 19)));
}

#[tokio::test]
async fn the_time_as_written_stays_when_the_clocks_change() {
    let service = Service::start().await;
    let alice = service.person();
    // Half past two does not exist on 28 March 2027 in Zurich, and is there twice on 31 October.
    for (from, to) in [
        (on(2027, 3, 27), on(2027, 3, 28)),
        (on(2027, 10, 30), on(2027, 10, 31)),
    ] {
        let task = recurring("FREQ=DAILY", at(from, 2, 30, "Europe/Zurich"));
        let task = made(&alice, task).await;
        let next = completed(&alice, &task.id).await;
        assert_eq!(next.due, Some(at(to, 2, 30, "Europe/Zurich")));
    }
}

#[tokio::test]
async fn a_completion_basis_counts_from_the_day_of_the_completion() {
    let service = Service::start().await;
    let alice = service.person();
    let late = after_completion("FREQ=DAILY;INTERVAL=3", on(2026, 1, 5));
    let late = made(&alice, late).await;
    assert_eq!(completed(&alice, &late.id).await.due, Some(on(2026, 11, 24)));

    let early = after_completion("FREQ=DAILY;INTERVAL=3", on(2027, 5, 5));
    let early = made(&alice, early).await;
    assert_eq!(completed(&alice, &early.id).await.due, Some(on(2026, 11, 24)));
    let again = completed(&alice, &early.id).await.due;
    assert_eq!(again, Some(on(2026, 11, 27)), "never the same occurrence again");
}

#[tokio::test]
async fn the_day_of_a_completion_is_that_of_the_dues_zone_else_of_the_request_else_in_utc() {
    let service = Service::start().await;
    // Half past twelve in UTC on the 21st is half past two on the 22nd furthest east, and still the 21st furthest west.
    service.hand.advance(std::time::Duration::from_secs(30 * 60));
    let alice = service.person();
    let cases = [
        ("Pacific/Kiritimati", "", 23),
        ("Pacific/Kiritimati", "Etc/GMT+12", 23),
        ("", "Pacific/Kiritimati", 23),
        ("Etc/GMT+12", "Pacific/Kiritimati", 22),
        ("", "Etc/GMT+12", 22),
        ("", "", 22),
    ];
    for (zone, asked_in, day) in cases {
        let task = after_completion("FREQ=DAILY", at(on(2026, 1, 5), 8, 0, zone));
        let task = made(&alice, task).await;
        let message = pb::CompleteTaskRequest {
            id: task.id,
            time_zone: asked_in.to_owned(),
            ..Default::default()
        };
        let reply = alice
            .client()
            .complete_task(alice.request(message))
            .await
            .unwrap();
        let due = reply.into_inner().task.unwrap().due;
        assert_eq!(
            due,
            Some(at(on(2026, 11, day), 8, 0, zone)),
            "{zone:?}, asked in {asked_in:?}"
        );
    }
}

#[tokio::test]
async fn the_last_occurrence_ends_in_done() {
    let service = Service::start().await;
    let alice = service.person();
    for rule in [
        "FREQ=DAILY;COUNT=2",
        "FREQ=DAILY;UNTIL=20261202",
        "FREQ=DAILY;UNTIL=20261202T000000",
    ] {
        let task = made(&alice, recurring(rule, on(2026, 12, 1))).await;
        let second = completed(&alice, &task.id).await;
        assert_eq!((second.state(), second.due), (State::Open, Some(on(2026, 12, 2))));
        let last = completed(&alice, &task.id).await;
        assert_eq!(
            (last.state(), last.due.clone()),
            (State::Done, Some(on(2026, 12, 2)))
        );
        assert!(last.complete_time.is_some());
        assert_eq!(completed(&alice, &task.id).await, last, "done is done");
    }
}

#[tokio::test]
async fn after_the_year_9999_nothing_comes() {
    let service = Service::start().await;
    let alice = service.person();
    let task = made(&alice, recurring("FREQ=YEARLY", on(9999, 12, 31))).await;
    assert_eq!(completed(&alice, &task.id).await.state(), State::Done);
}

#[tokio::test]
async fn an_occurrence_completed_already_returns_its_completion_and_changes_nothing() {
    let service = Service::start().await;
    let alice = service.person();
    let task = made(&alice, recurring("FREQ=DAILY", on(2026, 12, 1))).await;
    let first = complete_of(&alice, &task.id, on(2026, 12, 1)).await.unwrap();
    completed(&alice, &task.id).await;
    let now = alice.get(&task.id).await.unwrap();
    let again = complete_of(&alice, &task.id, on(2026, 12, 1)).await.unwrap();
    assert_eq!(again.completion, first.completion);
    assert_eq!(again.task, Some(now.clone()));
    assert_eq!(alice.get(&task.id).await.unwrap(), now);
}

#[tokio::test]
async fn an_occurrence_to_come_and_one_of_another_time_were_never_due() {
    let service = Service::start().await;
    let alice = service.person();
    let due = at(on(2026, 12, 1), 9, 0, "Europe/Zurich");
    let task = made(&alice, recurring("FREQ=DAILY", due.clone())).await;
    completed(&alice, &task.id).await;
    let strange = [
        at(on(2026, 12, 3), 9, 0, "Europe/Zurich"),
        at(on(2026, 12, 1), 9, 0, ""),
        on(2026, 12, 1),
    ];
    for occurrence in strange {
        let refused = complete_of(&alice, &task.id, occurrence).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::OccurrenceNeverDue);
    }
    alice.reopen(&task.id).await.unwrap();
    let skipped = alice.skip(&task.id).await.unwrap();
    assert_ne!(skipped.due, Some(due.clone()));
    let taken_back = complete_of(&alice, &task.id, due).await;
    assert_refused(
        taken_back,
        Code::FailedPrecondition,
        ErrorReason::OccurrenceNeverDue,
    );
}

#[tokio::test]
async fn reopening_goes_back_one_completion_each_time() {
    let service = Service::start().await;
    let alice = service.person();
    let task = pb::Task {
        start: Some(on(2026, 11, 29)),
        ..recurring("FREQ=DAILY;INTERVAL=2;COUNT=3", on(2026, 12, 1))
    };
    let task = made(&alice, task).await;
    for _ in 0..3 {
        // All at one moment of the clock: the newest is known all the same.
        completed(&alice, &task.id).await;
    }
    assert_eq!(alice.get(&task.id).await.unwrap().state(), State::Done);
    let before = [
        (on(2026, 12, 5), on(2026, 12, 3)),
        (on(2026, 12, 3), on(2026, 12, 1)),
        (on(2026, 12, 1), on(2026, 11, 29)),
    ];
    for (due, start) in before {
        let opened = alice.reopen(&task.id).await.unwrap();
        assert_eq!((opened.state(), opened.complete_time), (State::Open, None));
        assert_eq!((opened.due, opened.start), (Some(due), Some(start)));
    }
    let first = alice.get(&task.id).await.unwrap();
    assert_eq!(
        alice.reopen(&task.id).await.unwrap(),
        first,
        "nothing is left to undo"
    );
    completed(&alice, &task.id).await;
    completed(&alice, &task.id).await;
    let last = completed(&alice, &task.id).await;
    assert_eq!(last.state(), State::Done, "the count went back too");
}

#[tokio::test]
async fn a_skipped_occurrence_leaves_no_completion() {
    let service = Service::start().await;
    let alice = service.person();
    let task = made(&alice, recurring("FREQ=DAILY;COUNT=3", on(2026, 12, 1))).await;
    let second = alice.skip(&task.id).await.unwrap();
    assert_eq!((second.state(), second.due), (State::Open, Some(on(2026, 12, 2))));
    assert!(alice.completions(&task.id).await.is_empty());
    let refused = complete_of(&alice, &task.id, on(2026, 12, 1)).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::OccurrenceNeverDue);

    alice.skip(&task.id).await.unwrap();
    let last = alice.skip(&task.id).await.unwrap();
    assert_eq!(
        (last.state(), last.due, last.complete_time),
        (State::Cancelled, Some(on(2026, 12, 3)), None),
        "the last one was given up"
    );
    let refused = alice.skip(&task.id).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::StateNotAllowed);
    let opened = alice.reopen(&task.id).await.unwrap();
    assert_eq!((opened.state(), opened.due), (State::Open, Some(on(2026, 12, 3))));
}

#[tokio::test]
async fn a_task_that_comes_once_and_one_in_the_trash_cannot_be_skipped() {
    let service = Service::start().await;
    let alice = service.person();
    let once = pb::Task {
        recurrence: None,
        ..recurring("", on(2026, 12, 1))
    };
    let once = made(&alice, once).await;
    let refused = alice.skip(&once.id).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotRecurring);
    let task = made(&alice, recurring("FREQ=DAILY", on(2026, 12, 1))).await;
    alice.delete(&task.id).await.unwrap();
    let refused = alice.skip(&task.id).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::Deleted);
}

#[tokio::test]
async fn a_repeated_skip_passes_over_one_occurrence() {
    let service = Service::start().await;
    let alice = service.person();
    let task = made(&alice, recurring("FREQ=DAILY", on(2026, 12, 1))).await;
    let skip = |etag: &str, request_id: &str| pb::SkipOccurrenceRequest {
        id: task.id.clone(),
        etag: etag.to_owned(),
        request_id: request_id.to_owned(),
        ..Default::default()
    };
    let send = async |message: pb::SkipOccurrenceRequest| {
        let reply = alice.client().skip_occurrence(alice.request(message)).await;
        reply.map(Response::into_inner)
    };
    let once = skip("", &crate::harness::uuid(1));
    let first = send(once.clone()).await.unwrap();
    assert_eq!(send(once).await.unwrap(), first);
    let stale = send(skip(&task.etag, "")).await;
    assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
    assert_eq!(alice.get(&task.id).await.unwrap().due, Some(on(2026, 12, 2)));
}

#[tokio::test]
async fn cancelling_ends_a_recurring_task_and_reopening_goes_on_where_it_stood() {
    let service = Service::start().await;
    let alice = service.person();
    let task = made(&alice, recurring("FREQ=DAILY", on(2026, 12, 1))).await;
    completed(&alice, &task.id).await;
    let cancelled = alice.cancel(&task.id).await.unwrap();
    assert_eq!(cancelled.state(), State::Cancelled);
    let refused = alice.complete(&task.id).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::StateNotAllowed);
    let opened = alice.reopen(&task.id).await.unwrap();
    assert_eq!((opened.state(), opened.due), (State::Open, Some(on(2026, 12, 2))));
    let completions = alice.completions(&task.id).await;
    assert!(
        completions
            .iter()
            .all(|completion| completion.undo_time.is_none()),
        "what was done stays done"
    );
}
