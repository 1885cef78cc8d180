//! What each filter keeps, in which zone, and that pages are right under all of them.

mod pages;

use proto::google::r#type::{Date, TimeOfDay};
use proto::tasks::v1 as pb;
use proto::tasks::v1::task::Priority;
use sqlx::AssertSqlSafe;

use crate::harness::{Person, Service, assert_violations, uuid};

/// A due of a day, perhaps with a time, perhaps in a zone.
pub(super) fn when(day: (i32, i32, i32), time: Option<(i32, i32)>, zone: &str) -> pb::When {
    pb::When {
        date: Some(Date {
            year: day.0,
            month: day.1,
            day: day.2,
        }),
        time: time.map(|(hours, minutes)| TimeOfDay {
            hours,
            minutes,
            ..Default::default()
        }),
        time_zone: zone.to_owned(),
    }
}

async fn create(person: &Person<'_>, task: pb::Task) -> pb::Task {
    let request = pb::CreateTaskRequest {
        task: Some(task),
        ..Default::default()
    };
    person.create(request).await.expect("made")
}

fn titled(title: &str) -> pb::Task {
    pb::Task {
        title: title.to_owned(),
        ..Default::default()
    }
}

/// Titles in the person's order, which is that of making.
async fn titles(person: &Person<'_>, filter: &str, time_zone: &str) -> Vec<String> {
    let request = pb::ListTasksRequest {
        filter: filter.to_owned(),
        time_zone: time_zone.to_owned(),
        ..Default::default()
    };
    let reply = person.list(request).await;
    let reply = reply.unwrap_or_else(|status| panic!("{filter}: {status:?}"));
    reply.tasks.into_iter().map(|task| task.title).collect()
}

async fn assert_keeps(person: &Person<'_>, time_zone: &str, cases: &[(&str, &str)]) {
    for (filter, expected) in cases {
        let expected: Vec<_> = expected.split_whitespace().collect();
        assert_eq!(
            titles(person, filter, time_zone).await,
            expected,
            "{filter} in {time_zone}"
        );
    }
}

#[tokio::test]
async fn every_field_is_compared_as_its_values_are() {
    let service = Service::start().await;
    let alice = service.person();
    let low = pb::Task {
        priority: Priority::Low as i32,
        labels: vec!["home".to_owned(), "at work".to_owned()],
        ..titled("Low")
    };
    let low = create(&alice, low).await;
    service.hand.advance(std::time::Duration::from_secs(60));
    let urgent = pb::Task {
        priority: Priority::Urgent as i32,
        parent_id: low.id.clone(),
        labels: vec!["Home".to_owned()],
        start: Some(when((2026, 12, 24), None, "")),
        ..titled("Urgent")
    };
    create(&alice, urgent).await;
    let done = create(&alice, titled("100%_Done")).await;
    alice.complete(&done.id).await.expect("completed");
    let list = uuid(7);
    let statement = format!(
        "INSERT INTO lists (owner_id, id, revision, title, rank, size_bytes, create_time, update_time)
         SELECT owner_id, '{list}', 1, 'Own', '80', 3, now(), now() FROM tasks WHERE id = '{0}';
         UPDATE tasks SET list_id = '{list}' WHERE id = '{0}'",
        done.id
    );
    let pool = service.database.pool();
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&pool)
        .await
        .expect("a list");
    let (of_list, of_low) = (format!("list_id = \"{list}\""), format!("parent_id = {}", low.id));
    assert_keeps(
        &alice,
        "",
        &[
            ("", "Low Urgent 100%_Done"),
            ("state = DONE", "100%_Done"),
            ("state != STATE_DONE", "Low Urgent"),
            ("state = CANCELLED", ""),
            ("priority = LOW", "Low"),
            ("priority = UNSPECIFIED", "100%_Done"),
            ("priority != LOW", "Urgent 100%_Done"),
            ("priority >= LOW", "Low Urgent"),
            ("priority > LOW", "Urgent"),
            ("priority < HIGH", "Low 100%_Done"),
            ("priority <= UNSPECIFIED", "100%_Done"),
            ("priority > UNSPECIFIED", "Low Urgent"),
            ("priority >= UNSPECIFIED", "Low Urgent 100%_Done"),
            ("priority:*", "Low Urgent"),
            ("label:home", "Low"),
            ("labels:Home", "Urgent"),
            ("label:\"at work\"", "Low"),
            ("label:*", "Low Urgent"),
            ("NOT label:home", "Urgent 100%_Done"),
            ("label:home AND label:Home", ""),
            ("label:home OR label:Home", "Low Urgent"),
            (&of_list, "100%_Done"),
            ("list_id = \"\"", "Low Urgent"),
            ("list_id:*", "100%_Done"),
            (&of_low, "Urgent"),
            ("parent_id = \"\"", "Low 100%_Done"),
            ("parent_id:* AND priority:*", "Urgent"),
            ("title = Low", "Low"),
            ("title = low", ""),
            ("title:\"R\"", "Urgent"),
            ("title:\"0%_d\"", "100%_Done"),
            ("title:\"_\"", "100%_Done"),
            ("title != Low", "Urgent 100%_Done"),
            ("start:*", "Urgent"),
            ("start > today", "Urgent"),
            ("-start:*", "Low 100%_Done"),
            ("complete_time:*", "100%_Done"),
            ("NOT complete_time:*", "Low Urgent"),
            ("complete_time >= \"2026-11-21T12:01:00Z\"", "100%_Done"),
            // What is empty compares with nothing, and the contrary holds.
            ("complete_time < \"2027-01-01T00:00:00Z\"", "100%_Done"),
            ("NOT complete_time < \"2027-01-01T00:00:00Z\"", "Low Urgent"),
            (
                "complete_time != \"2027-01-01T00:00:00Z\"",
                "Low Urgent 100%_Done",
            ),
            ("create_time < \"2026-11-21T13:01:00+01:00\"", "Low"),
            ("create_time = \"2026-11-21T12:00:00Z\"", "Low"),
            ("update_time > \"2026-11-21T12:00:00Z\"", "Urgent 100%_Done"),
            ("delete_time:*", ""),
            ("state = OPEN AND priority = LOW OR label:Home", "Low Urgent"),
            ("(state = DONE AND priority = LOW) OR label:Home", "Urgent"),
            ("NOT (state = DONE OR label:home)", "Urgent"),
        ],
    )
    .await;
}

#[tokio::test]
async fn days_are_those_of_the_request_s_zone_and_what_has_no_zone_is_as_written() {
    let service = Service::start().await;
    let alice = service.person();
    // It is noon of the 21st in UTC.
    for (title, due) in [
        ("day-20", when((2026, 11, 20), None, "")),
        ("day-21", when((2026, 11, 21), None, "")),
        // A whole day is that day everywhere, whatever its zone.
        ("day-21-tokyo", when((2026, 11, 21), None, "Asia/Tokyo")),
        ("day-22", when((2026, 11, 22), None, "")),
        ("morning", when((2026, 11, 21), Some((9, 0)), "")),
        ("evening", when((2026, 11, 21), Some((20, 0)), "")),
        // Eight in the morning of the 21st in Los Angeles is 16:00 UTC, and the 22nd in Kiritimati (+14).
        (
            "angeles",
            when((2026, 11, 21), Some((8, 0)), "America/Los_Angeles"),
        ),
        // Two in the morning of the 22nd in Kiritimati is noon of the 21st in UTC.
        (
            "kiritimati",
            when((2026, 11, 22), Some((2, 0)), "Pacific/Kiritimati"),
        ),
        // One minute before: over in every zone.
        (
            "just-over",
            when((2026, 11, 22), Some((1, 59)), "Pacific/Kiritimati"),
        ),
    ] {
        let task = pb::Task {
            due: Some(due),
            ..titled(title)
        };
        create(&alice, task).await;
    }
    create(&alice, titled("none")).await;
    assert_keeps(
        &alice,
        "UTC",
        &[
            (
                "due = today",
                "day-21 day-21-tokyo morning evening angeles kiritimati just-over",
            ),
            (
                "today",
                "day-21 day-21-tokyo morning evening angeles kiritimati just-over",
            ),
            ("due < today", "day-20"),
            ("due > today", "day-22"),
            ("due <= \"2026-11-20\"", "day-20"),
            ("due >= \"2026-11-22\"", "day-22"),
            ("due != today", "day-20 day-22 none"),
            ("NOT due < today AND NOT due = today", "day-22 none"),
            (
                "due:*",
                "day-20 day-21 day-21-tokyo day-22 morning evening angeles kiritimati just-over",
            ),
            ("NOT due:*", "none"),
            ("overdue", "day-20 morning just-over"),
            ("due < \"0001-01-01\"", ""),
            ("due <= \"9999-12-31\" AND title = morning", "morning"),
        ],
    )
    .await;
    // There it is two in the morning of the 22nd.
    assert_keeps(
        &alice,
        "Pacific/Kiritimati",
        &[
            ("due = today", "day-22 angeles kiritimati just-over"),
            ("due < today", "day-20 day-21 day-21-tokyo morning evening"),
            ("overdue", "day-20 day-21 day-21-tokyo morning evening just-over"),
            (
                "due < \"2026-11-22\"",
                "day-20 day-21 day-21-tokyo morning evening",
            ),
        ],
    )
    .await;
    // There it is midnight, and the 21st begins.
    assert_keeps(
        &alice,
        "Etc/GMT+12",
        &[
            (
                "due = today",
                "day-21 day-21-tokyo morning evening angeles kiritimati",
            ),
            ("due < today", "day-20 just-over"),
            ("overdue", "day-20 just-over"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_day_of_twenty_three_or_twenty_five_hours_ends_where_it_ends() {
    let service = Service::start().await;
    let alice = service.person();
    for (title, day, time) in [
        // Zurich's clocks go forward on 28 March 2027 and back on 31 October 2027: the day has 23 and 25 hours.
        ("short-last", (2027, 3, 28), (21, 59)),
        ("short-over", (2027, 3, 28), (22, 0)),
        ("long-last", (2027, 10, 31), (22, 59)),
        ("long-over", (2027, 10, 31), (23, 0)),
        // Leap days are days.
        ("leap", (2028, 2, 29), (22, 59)),
    ] {
        let task = pb::Task {
            due: Some(when(day, Some(time), "UTC")),
            ..titled(title)
        };
        create(&alice, task).await;
    }
    assert_keeps(
        &alice,
        "Europe/Zurich",
        &[
            ("due = \"2027-03-28\"", "short-last"),
            ("due = \"2027-03-29\"", "short-over"),
            ("due = \"2027-10-31\"", "long-last"),
            ("due = \"2027-11-01\"", "long-over"),
            ("due = \"2028-02-29\"", "leap"),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_done_or_cancelled_is_not_overdue() {
    let service = Service::start().await;
    let alice = service.person();
    let mut ids = Vec::new();
    for title in ["open", "done", "cancelled"] {
        let task = pb::Task {
            due: Some(when((2026, 11, 1), None, "")),
            ..titled(title)
        };
        ids.push(create(&alice, task).await.id);
    }
    alice.complete(&ids[1]).await.expect("completed");
    alice.cancel(&ids[2]).await.expect("cancelled");
    assert_keeps(
        &alice,
        "",
        &[("overdue", "open"), ("due < today", "open done cancelled")],
    )
    .await;
}

#[tokio::test]
async fn another_persons_ids_and_labels_match_nothing_and_are_like_ones_that_never_were() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let labelled = pb::Task {
        labels: vec!["secret".to_owned()],
        ..titled("Bob's")
    };
    let bobs = create(&bob, labelled).await;
    let part = pb::Task {
        parent_id: bobs.id.clone(),
        ..titled("Part")
    };
    create(&bob, part).await;
    create(&alice, titled("Alice's")).await;
    for filter in [
        format!("parent_id = \"{}\"", bobs.id),
        format!("list_id = \"{}\"", bobs.id),
        "label:secret".to_owned(),
        "title = \"Bob's\"".to_owned(),
        "title:bob OR label:*".to_owned(),
    ] {
        assert_eq!(titles(&alice, &filter, "").await, [""; 0], "{filter}");
        let contrary = format!("NOT ({filter})");
        assert_eq!(titles(&alice, &contrary, "").await, ["Alice's"], "{contrary}");
    }
}

#[tokio::test]
async fn a_filter_that_is_none_is_a_violation_and_runs_nothing() {
    let service = Service::start().await;
    let alice = service.person();
    for wrong in [
        "owner_id = 1",
        "state",
        "state = OPEN OR true",
        "state = OPEN; DROP TABLE tasks",
        "' OR 1=1 --",
        "title = \"\0\"",
        &"(".repeat(1000),
        &"x".repeat(2000),
    ] {
        let request = pb::ListTasksRequest {
            filter: wrong.to_owned(),
            ..Default::default()
        };
        assert_violations(alice.list(request).await, &["filter"]);
    }
    let both = pb::ListTasksRequest {
        filter: "due < tomorrow".to_owned(),
        time_zone: "Nowhere".to_owned(),
        ..Default::default()
    };
    assert_violations(alice.list(both).await, &["filter", "time_zone"]);
}

#[tokio::test]
async fn every_filter_of_the_kept_corpus_is_answered_or_refused_and_never_a_fault_of_ours() {
    let service = Service::start().await;
    let alice = service.person();
    create(&alice, titled("Here")).await;
    let mut answered = 0;
    for filter in include_str!("../corpus/filters.txt").lines() {
        let request = pb::ListTasksRequest {
            filter: filter.to_owned(),
            ..Default::default()
        };
        match alice.list(request).await {
            Ok(_) => answered += 1,
            refused => assert_violations(refused, &["filter"]),
        }
    }
    assert!(answered >= 20, "{answered}");
}
