//! Files of other programs: what of them comes in. The fixtures are written by us after the public descriptions that the
//! importers name.

use std::collections::HashMap;
use std::io::{Cursor, Write as _};

use proto::tasks::v1 as pb;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{all, counts, file, json_of, said};
use crate::harness::{Service, assert_violations};

const TODOIST: &[u8] = include_bytes!("../../fixtures/transfer/todoist.csv");
const GOOGLE: &[u8] = include_bytes!("../../fixtures/transfer/google.json");
const VIKUNJA: &[u8] = include_bytes!("../../fixtures/transfer/vikunja.json");
const CALENDAR: &[u8] = include_bytes!("../../fixtures/transfer/calendar.ics");

fn zipped(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("VERSION", &b"v1.0.0"[..]),
        (name, content),
        ("filters.json", b"[]"),
    ] {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("memory");
        zip.write_all(content).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

fn by_title(tasks: Vec<pb::Task>) -> HashMap<String, pb::Task> {
    tasks.into_iter().map(|task| (task.title.clone(), task)).collect()
}

/// Year, month, day, hours and minutes, and the zone.
fn shown(when: Option<&pb::When>) -> String {
    let Some(when) = when else {
        return String::new();
    };
    let date = when.date.as_ref().expect("a date");
    let time = when
        .time
        .as_ref()
        .map(|time| format!(" {:02}:{:02}", time.hours, time.minutes));
    let (time, zone) = (time.unwrap_or_default(), &when.time_zone);
    format!("{}-{:02}-{:02}{time} {zone}", date.year, date.month, date.day)
        .trim()
        .to_owned()
}

#[tokio::test]
async fn a_project_of_todoist_comes_in() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice
        .import(file(pb::Format::TodoistCsv, TODOIST))
        .await
        .expect("imported");
    assert_eq!(counts(&made), [6, 0, 0, 2], "{made:?}");
    assert_eq!(
        said(&made.row_errors)
            .iter()
            .map(|said| said.0)
            .collect::<Vec<_>>(),
        [10, 11]
    );
    assert!(
        matches!(said(&made.row_warnings)[..], [(7, words)] if words.contains("in words")),
        "{made:?}"
    );
    let tasks = all(&alice).await;
    let order: Vec<_> = tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!(
        order,
        [
            "Book the ferry",
            "Find the passports",
            "Photographs",
            "Water the plants",
            "Write to hello@example.org"
        ]
    );
    let tasks = by_title(tasks);
    let ferry = &tasks["Book the ferry"];
    assert_eq!(ferry.labels, ["travel", "phone"]);
    assert_eq!(ferry.priority(), pb::task::Priority::Urgent);
    assert_eq!(ferry.notes, "Two people, one car\n\nAsk for the late one");
    assert_eq!(shown(ferry.due.as_ref()), "2026-12-24 18:30 Europe/Zurich");
    assert_eq!(tasks["Find the passports"].parent_id, ferry.id);
    assert_eq!(
        tasks["Find the passports"].priority(),
        pb::task::Priority::Unspecified
    );
    assert_eq!(tasks["Photographs"].parent_id, tasks["Find the passports"].id);
    assert_eq!(tasks["Water the plants"].notes, "Date: every monday");
    let letter = &tasks["Write to hello@example.org"];
    assert!(!letter.list_id.is_empty() && ferry.list_id.is_empty());
    assert_eq!(
        (shown(letter.start.as_ref()), shown(letter.due.as_ref())),
        ("2026-12-01".to_owned(), "2026-12-10".to_owned())
    );
}

#[tokio::test]
async fn a_takeout_of_google_tasks_comes_in_and_the_next_one_changes_what_differs() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice
        .import(file(pb::Format::GoogleTasks, GOOGLE))
        .await
        .expect("imported");
    assert_eq!(counts(&made), [7, 0, 0, 2], "{made:?}");
    let order: Vec<_> = all(&alice).await.into_iter().map(|task| task.title).collect();
    assert_eq!(
        order,
        ["Call the doctor", "Paint the fence", "Buy paint", "A book"]
    );
    let tasks = by_title(all(&alice).await);
    let fence = &tasks["Paint the fence"];
    assert_eq!(tasks["Buy paint"].parent_id, fence.id);
    assert_eq!(
        (shown(fence.due.as_ref()).as_str(), fence.notes.as_str()),
        ("2026-12-01", "Green, if there is any")
    );
    assert_eq!(tasks["Call the doctor"].state(), pb::task::State::Done);
    assert_eq!(shown(tasks["A book"].due.as_ref()), "2026-12-03");
    assert_ne!(tasks["A book"].list_id, fence.list_id);

    // What Google Tasks does not have is kept.
    let update = pb::UpdateTaskRequest {
        task: Some(pb::Task {
            id: fence.id.clone(),
            priority: pb::task::Priority::High.into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    alice
        .client()
        .update_task(alice.request(update))
        .await
        .expect("updated");
    let next = String::from_utf8_lossy(GOOGLE).replace("Green, if", "Red, if");
    let made = alice
        .import(file(pb::Format::GoogleTasks, next))
        .await
        .expect("imported");
    assert_eq!(counts(&made), [0, 1, 3, 2]);
    let fence = alice.get(&fence.id).await.unwrap();
    assert_eq!(fence.notes, "Red, if there is any");
    assert_eq!(fence.priority(), pb::task::Priority::High);
}

#[tokio::test]
async fn an_export_of_vikunja_comes_in_zipped_or_not() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice
        .import(file(pb::Format::Vikunja, zipped("data.json", VIKUNJA)))
        .await
        .expect("imported");
    assert_eq!(counts(&made), [7, 0, 0, 1], "{made:?}");
    assert!(said(&made.row_warnings)[0].1.contains("no date"), "{made:?}");
    let again = alice
        .import(file(pb::Format::Vikunja, VIKUNJA))
        .await
        .expect("imported");
    assert_eq!(counts(&again), [0, 0, 4, 1]);
    let tasks = by_title(all(&alice).await);
    let roof = &tasks["Mend the roof"];
    assert_eq!(
        roof.notes,
        "<p>Before it <strong>rains</strong></p>\n\n<p>Ask Ben</p>"
    );
    assert_eq!(shown(roof.due.as_ref()), "2026-12-01 16:30 UTC");
    assert_eq!(shown(roof.start.as_ref()), "2026-11-01 08:00 UTC");
    assert_eq!(roof.labels, ["outside", "urgent"]);
    assert_eq!(roof.priority(), pb::task::Priority::Urgent);
    assert_eq!(tasks["Buy tiles"].parent_id, roof.id);
    assert_eq!(tasks["Buy tiles"].state(), pb::task::State::Done);
    assert_eq!(tasks["Find a ladder"].parent_id, roof.id, "its parent says so");
    assert!(tasks["Sow"].due.is_none() && tasks["Sow"].list_id != roof.list_id);
}

#[tokio::test]
async fn a_zip_that_is_a_bomb_or_something_else_is_refused() {
    let service = Service::start().await;
    let alice = service.person();
    let bomb = zipped("data.json", &vec![b' '; 65 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024);
    for content in [
        bomb,
        zipped("other.json", VIKUNJA),
        b"PK\x03\x04 and no more".to_vec(),
    ] {
        assert_violations(
            alice.import(file(pb::Format::Vikunja, content)).await,
            &["content"],
        );
    }
}

#[tokio::test]
async fn a_calendar_comes_in() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice
        .import(file(pb::Format::Icalendar, CALENDAR))
        .await
        .expect("imported");
    assert_eq!(counts(&made), [7, 0, 0, 1], "{made:?}");
    assert_eq!(said(&made.row_errors)[0].0, 6);
    assert!(
        matches!(said(&made.row_warnings)[..], [(5, words)] if words.contains("zone")),
        "{made:?}"
    );
    let again = alice
        .import(file(pb::Format::Icalendar, CALENDAR))
        .await
        .expect("imported");
    assert_eq!(counts(&again), [0, 0, 6, 1]);
    let tasks = by_title(all(&alice).await);
    let roof = &tasks["Mend the roof; soon"];
    assert!(
        roof.notes.contains("Two lines\nand") && roof.notes.contains("in order to keep"),
        "{}",
        roof.notes
    );
    assert_eq!(
        (
            shown(roof.start.as_ref()).as_str(),
            shown(roof.due.as_ref()).as_str()
        ),
        ("2026-11-01", "2026-12-01 17:30 Europe/Zurich")
    );
    assert_eq!(roof.labels, ["outside", "work, hard", "urgent"]);
    assert_eq!(roof.priority(), pb::task::Priority::Urgent);
    assert!(!roof.list_id.is_empty(), "the calendar has a name");
    let tiles = &tasks["Buy tiles"];
    assert_eq!(
        (tiles.state(), tiles.parent_id.as_str()),
        (pb::task::State::Done, roof.id.as_str())
    );
    assert_eq!(tiles.complete_time.unwrap().seconds, 1_715_083_200);
    let ladder = &tasks["Find a ladder"];
    assert_eq!(shown(ladder.due.as_ref()), "2026-12-02 09:00 Europe/Berlin");
    assert_eq!(
        (ladder.priority(), ladder.parent_id.as_str()),
        (pb::task::Priority::Low, roof.id.as_str())
    );
    assert_eq!(shown(tasks["In UTC"].due.as_ref()), "2026-12-03 10:00 UTC");
    assert_eq!(shown(tasks["Anywhere"].due.as_ref()), "2026-12-03 10:00");
    assert_eq!(tasks["Given up"].state(), pb::task::State::Cancelled);
}

#[tokio::test]
async fn a_calendar_that_goes_out_is_folded_and_comes_in_as_it_was() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let list = r#"{"id":"0193a0b0-0000-7000-8000-000000000001","title":"Home; sweet"}"#;
    let tasks = [
        r#"{"id":"0193a0b0-0000-7000-8000-0000000000a1","title":"Semi;colon, comma \\ and back","priority":"HIGH",
            "notes":"Zwei Zeilen\nmit äöü, die so lang sind, dass sie mitten in einem Zeichen gefaltet würden: ääääääääääää",
            "list_id":"0193a0b0-0000-7000-8000-000000000001","labels":["a,b","c"],"start":{"date":"2026-12-01"},
            "due":{"date":"2026-12-24","time":"18:30:00","time_zone":"Europe/Zurich"},
            "create_time":"2024-01-02T03:04:05Z","update_time":"2024-01-02T03:04:06Z"}"#,
        r#"{"id":"0193a0b0-0000-7000-8000-0000000000a2","title":"Part","state":"DONE","complete_time":"2024-02-02T02:02:02Z",
            "parent_id":"0193a0b0-0000-7000-8000-0000000000a1","list_id":"0193a0b0-0000-7000-8000-000000000001",
            "due":{"date":"2026-12-24","time":"18:30:00","time_zone":"UTC"}}"#,
        r#"{"id":"0193a0b0-0000-7000-8000-0000000000a3","title":"Floating","state":"CANCELLED",
            "due":{"date":"2026-12-24","time":"18:30:00"}}"#,
    ];
    alice.import(json_of(&tasks, &[list])).await.expect("imported");
    let exported = alice.export(pb::Format::Icalendar, "").await.expect("exported");
    let text = String::from_utf8(exported.clone()).expect("folded between characters");
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    assert!(text.split("\r\n").all(|line| !line.contains('\n')), "{text}");
    let made = bob
        .import(file(pb::Format::Icalendar, exported))
        .await
        .expect("imported");
    assert_eq!(counts(&made), [4, 0, 0, 0], "{made:?}");
    let again = bob.export(pb::Format::Icalendar, "").await.expect("exported");
    assert_eq!(String::from_utf8(again).expect("UTF-8"), text);
}

#[tokio::test]
async fn a_file_of_another_format_is_refused_as_a_whole() {
    let service = Service::start().await;
    let alice = service.person();
    let files = [
        (pb::Format::TodoistCsv, TODOIST),
        (pb::Format::GoogleTasks, GOOGLE),
        (pb::Format::Vikunja, VIKUNJA),
        (pb::Format::Icalendar, CALENDAR),
    ];
    for (format, _) in files {
        for (other, content) in files {
            if format != other {
                assert_violations(alice.import(file(format, content)).await, &["content"]);
            }
        }
    }
}
