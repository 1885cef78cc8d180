//! Which rules are taken, and what an update may do to a rule and its due.

use proto::tasks::v1 as pb;
use proto::tasks::v1::task::State;
use tonic::{Response, Status};

use super::{at, completed, made, on, recurring};
use crate::harness::{Person, Service, assert_violations};

async fn update(person: &Person<'_>, task: pb::Task, paths: &[&str]) -> Result<pb::Task, Status> {
    let message = pb::UpdateTaskRequest {
        task: Some(task),
        update_mask: Some(prost_types::FieldMask {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        }),
        ..Default::default()
    };
    let reply = person.client().update_task(person.request(message)).await;
    reply.map(Response::into_inner)
}

async fn create(person: &Person<'_>, task: pb::Task) -> Result<pb::Task, Status> {
    let request = pb::CreateTaskRequest {
        task: Some(task),
        ..Default::default()
    };
    person.create(request).await
}

#[tokio::test]
async fn a_rule_is_kept_as_written_in_capitals_and_stays_so() {
    let service = Service::start().await;
    let alice = service.person();
    let task = recurring(" freq=weekly;wkst=su;byday=tu,th ", on(2026, 12, 1));
    let task = made(&alice, task).await;
    let kept = task.recurrence.clone().unwrap();
    assert_eq!(kept.rrule, "FREQ=WEEKLY;WKST=SU;BYDAY=TU,TH");
    let again = update(&alice, task.clone(), &["recurrence"]).await.unwrap();
    assert_eq!(again, task, "what was read can be written, and changes nothing");
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused() {
    let service = Service::start().await;
    let alice = service.person();
    let long = format!("FREQ=DAILY;BYMONTH={}", "1,".repeat(250));
    let refused = [
        "",
        "WEEKLY",
        "BYDAY=MO",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY",
        "FREQ=FORTNIGHTLY",
        "FREQ=DAILY;",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=1001",
        "FREQ=DAILY;INTERVAL=99999999999",
        "FREQ=YEARLY;INTERVAL=101",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=99999999999",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20270230",
        "FREQ=DAILY;UNTIL=20270101T250000Z",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=99999MO",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=MO,1TU",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTH=13",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=MONTHLY;BYYEARDAY=1",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTHDAY=1,2,3;BYDAY=5MO",
        "FREQ=DAILY;INTERVAL=7;BYDAY=WE",
        "FREQ=DAILY;BYHOUR=8",
        "FREQ=DAILY;BYEASTER=1",
        "FREQ=DAILY;X-WHO=me",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY;DTSTART=20270101",
        "DTSTART:20270101\nRRULE:FREQ=DAILY",
        "FREQ=DAILY\nFREQ=DAILY",
        "FREQ=DAILY;BYDAY=\u{1F4A7}\u{1F4A7}",
        &long,
    ];
    for rule in refused {
        let reply = create(&alice, recurring(rule, on(2026, 12, 1))).await;
        assert!(reply.is_err(), "{rule} was taken");
        assert_violations(reply, &["task.recurrence.rrule"]);
    }
    let often = "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5";
    let task = recurring(often, at(on(2026, 12, 1), 8, 0, ""));
    assert_violations(create(&alice, task).await, &["task.recurrence.rrule"]);
}

#[tokio::test]
async fn a_basis_that_nobody_knows_and_a_zone_that_nobody_knows_are_refused() {
    let service = Service::start().await;
    let alice = service.person();
    let mut task = recurring("FREQ=DAILY", on(2026, 12, 1));
    task.recurrence.as_mut().unwrap().basis = 9;
    assert_violations(create(&alice, task).await, &["task.recurrence.basis"]);
    let task = made(&alice, recurring("FREQ=DAILY", on(2026, 12, 1))).await;
    let message = pb::SkipOccurrenceRequest {
        id: task.id,
        time_zone: "Mars/Olympus".to_owned(),
        ..Default::default()
    };
    let reply = alice.client().skip_occurrence(alice.request(message)).await;
    assert_violations(reply, &["time_zone"]);
}

#[tokio::test]
async fn a_task_that_recurs_keeps_a_due_date_whatever_the_mask() {
    let service = Service::start().await;
    let alice = service.person();
    let rule = recurring("FREQ=DAILY", on(2026, 12, 1));
    let no_due = pb::Task {
        due: None,
        ..rule.clone()
    };
    assert_violations(create(&alice, no_due.clone()).await, &["task.recurrence"]);

    let task = made(&alice, rule.clone()).await;
    let dateless = pb::Task {
        id: task.id.clone(),
        ..no_due.clone()
    };
    assert_violations(update(&alice, dateless.clone(), &["due"]).await, &["task.due"]);
    for paths in [&["due", "recurrence"][..], &["*"]] {
        let refused = update(&alice, dateless.clone(), paths).await;
        assert_violations(refused, &["task.recurrence"]);
    }
    assert_eq!(alice.get(&task.id).await.unwrap(), task, "nothing changed");

    let plain = made(
        &alice,
        pb::Task {
            recurrence: None,
            ..no_due.clone()
        },
    )
    .await;
    let wish = pb::Task {
        id: plain.id.clone(),
        ..no_due
    };
    for paths in [&[][..], &["recurrence"], &["*"]] {
        let refused = update(&alice, wish.clone(), paths).await;
        assert_violations(refused, &["task.recurrence"]);
    }

    let both = pb::Task {
        id: task.id.clone(),
        title: "Once".to_owned(),
        ..Default::default()
    };
    let ended = update(&alice, both, &["due", "recurrence"]).await.unwrap();
    assert_eq!((ended.due, ended.recurrence), (None, None));
}

#[tokio::test]
async fn an_update_of_the_due_must_fit_the_rule() {
    let service = Service::start().await;
    let alice = service.person();
    let task = recurring("FREQ=DAILY;BYHOUR=8,20", at(on(2026, 12, 1), 8, 0, ""));
    let task = made(&alice, task).await;
    assert_eq!(
        completed(&alice, &task.id).await.due,
        Some(at(on(2026, 12, 1), 20, 0, ""))
    );
    let day = pb::Task {
        due: Some(on(2026, 12, 1)),
        etag: String::new(),
        ..task
    };
    assert_violations(update(&alice, day, &["due"]).await, &["task.recurrence.rrule"]);
}

#[tokio::test]
async fn another_rule_counts_anew_and_the_same_rule_goes_on() {
    let service = Service::start().await;
    let alice = service.person();
    let task = made(&alice, recurring("FREQ=DAILY;COUNT=2", on(2026, 12, 1))).await;
    let second = completed(&alice, &task.id).await;
    update(&alice, second.clone(), &["recurrence"]).await.unwrap();
    assert_eq!(completed(&alice, &task.id).await.state(), State::Done);
    alice.reopen(&task.id).await.unwrap();

    let mut other = pb::Task {
        etag: String::new(),
        ..second
    };
    other.recurrence.as_mut().unwrap().rrule = "FREQ=WEEKLY;COUNT=2".to_owned();
    update(&alice, other, &["recurrence"]).await.unwrap();
    let next = completed(&alice, &task.id).await;
    assert_eq!((next.state(), next.due), (State::Open, Some(on(2026, 12, 9))));
    alice.reopen(&task.id).await.unwrap();
    alice.reopen(&task.id).await.unwrap();
    assert_eq!(
        completed(&alice, &task.id).await.state(),
        State::Open,
        "a count of the rule before does not end this one"
    );
}

#[tokio::test]
async fn until_with_a_z_is_read_in_the_dues_zone() {
    let service = Service::start().await;
    let alice = service.person();
    // 23:30 on the 1st in UTC is the 2nd in Zurich, where 00:15 has passed and 00:45 has not.
    for (minutes, state) in [(15, State::Open), (45, State::Done)] {
        let due = at(on(2026, 12, 1), 0, minutes, "Europe/Zurich");
        let task = made(&alice, recurring("FREQ=DAILY;UNTIL=20261201T233000Z", due)).await;
        assert_eq!(completed(&alice, &task.id).await.state(), state);
    }
}
