//! Our own format: nothing is lost, and nothing that is wrong gets in.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::Code;

use super::{all, counts, file, json_of, said};
use crate::harness::{Service, assert_refused, assert_violations, titled};

const LISTS: [&str; 2] = [
    r#"{"id":"0193a0b0-0000-7000-8000-000000000001","title":"Home","create_time":"2024-01-02T03:04:05.000006Z"}"#,
    r#"{"id":"0193a0b0-0000-7000-8000-000000000002","title":"Empty"}"#,
];
/// A task with everything, its subtask before it, and plain ones in every state.
const TASKS: [&str; 5] = [
    r#"{"id":"0193a0b0-0000-7000-8000-0000000000a2","list_id":"0193a0b0-0000-7000-8000-000000000001",
        "parent_id":"0193a0b0-0000-7000-8000-0000000000a1","title":"Part"}"#,
    r#"{"id":"0193a0b0-0000-7000-8000-0000000000a1","list_id":"0193a0b0-0000-7000-8000-000000000001","title":"Everything",
        "notes":"\u0023 Notes\n\n\"quoted\", \u0007 and \u2028","priority":"URGENT","labels":["home","b,c"],
        "start":{"date":"2026-12-01"},"due":{"date":"2026-12-24","time":"18:30:00","time_zone":"Europe/Zurich"},
        "occurrence_number":3,"create_time":"2020-02-29T23:59:59.123456Z","update_time":"2021-01-01T00:00:00Z",
        "completions":[{"id":"0193a0b0-0000-7000-8000-0000000000c1","occurrence":{"date":"2026-12-17"},
        "occurrence_number":2,"complete_time":"2026-11-20T10:00:00Z","undo_time":"2026-11-20T10:00:01Z"}]}"#,
    r#"{"id":"0193a0b0-0000-7000-8000-0000000000a3","title":"Done","state":"DONE","complete_time":"2022-02-02T02:02:02Z"}"#,
    r#"{"id":"0193a0b0-0000-7000-8000-0000000000a4","title":"Given up","state":"CANCELLED"}"#,
    r#"{"id":"0193a0b0-0000-7000-8000-0000000000a5","title":"Floating","due":{"date":"2026-12-01","time":"09:00:00"}}"#,
];

#[tokio::test]
async fn an_export_imported_into_an_empty_account_is_exported_as_the_same_bytes() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let made = alice.import(json_of(&TASKS, &LISTS)).await.expect("imported");
    assert_eq!(counts(&made), [7, 0, 0, 0]);
    // What people do by hand is in it too.
    let task = alice.create(titled("By hand")).await.unwrap();
    alice.complete(&task.id).await.unwrap();
    alice.reopen(&task.id).await.unwrap();
    alice.complete(&task.id).await.unwrap();

    let exported = alice.export(pb::Format::Json, "").await.expect("exported");
    let text = String::from_utf8(exported.clone()).expect("UTF-8");
    for part in [
        "Empty",
        "Europe/Zurich",
        "b,c",
        "0193a0b0-0000-7000-8000-0000000000c1",
        "By hand",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let made = bob
        .import(file(pb::Format::Json, exported))
        .await
        .expect("imported");
    assert_eq!(counts(&made), [8, 0, 0, 0]);
    assert_eq!(made.row_warnings, []);
    let again = bob.export(pb::Format::Json, "").await.expect("exported");
    assert_eq!(String::from_utf8(again).expect("UTF-8"), text);
}

#[tokio::test]
async fn what_a_file_says_is_what_the_tasks_are() {
    let service = Service::start().await;
    let alice = service.person();
    alice.import(json_of(&TASKS, &LISTS)).await.expect("imported");
    let task = alice.get("0193a0b0-0000-7000-8000-0000000000a1").await.unwrap();
    assert_eq!(task.title, "Everything");
    assert_eq!(task.priority(), pb::task::Priority::Urgent);
    assert_eq!(task.labels, ["home", "b,c"]);
    assert_eq!(task.due.as_ref().unwrap().time_zone, "Europe/Zurich");
    assert_eq!(task.create_time.unwrap().nanos, 123_456_000);
    let part = alice.get("0193a0b0-0000-7000-8000-0000000000a2").await.unwrap();
    assert_eq!((part.parent_id, part.list_id), (task.id, task.list_id));
    let done = alice.get("0193a0b0-0000-7000-8000-0000000000a3").await.unwrap();
    assert_eq!(done.state(), pb::task::State::Done);
    assert!(done.complete_time.is_some());
}

#[tokio::test]
async fn a_file_that_comes_again_changes_what_differs_and_skips_the_rest() {
    let service = Service::start().await;
    let alice = service.person();
    alice.import(json_of(&TASKS, &LISTS)).await.expect("imported");
    let before = all(&alice).await;
    let again = alice.import(json_of(&TASKS, &LISTS)).await.expect("imported");
    assert_eq!(counts(&again), [0, 0, 5, 0]);
    assert_eq!(all(&alice).await, before);

    let other = TASKS.map(|task| task.replace("Given up", "Taken up").replace("CANCELLED", "OPEN"));
    let changed = alice.import(json_of(&other, &LISTS)).await.expect("imported");
    assert_eq!(counts(&changed), [0, 1, 4, 0]);
    let task = alice.get("0193a0b0-0000-7000-8000-0000000000a4").await.unwrap();
    assert_eq!(
        (task.title.as_str(), task.state()),
        ("Taken up", pb::task::State::Open)
    );
    assert_ne!(task.etag, before[3].etag);
    assert_eq!(task.rank, before[3].rank, "it keeps its place");
}

#[tokio::test]
async fn only_what_a_filter_lets_through_goes_out_with_the_lists_that_it_is_in() {
    let service = Service::start().await;
    let alice = service.person();
    alice.import(json_of(&TASKS, &LISTS)).await.expect("imported");
    let file = alice
        .export(pb::Format::Json, "state = DONE")
        .await
        .expect("exported");
    let text = String::from_utf8(file).unwrap();
    assert!(
        text.contains("Done") && !text.contains("Everything") && !text.contains("Home"),
        "{text}"
    );
    let file = alice
        .export(pb::Format::Json, "priority = URGENT")
        .await
        .expect("exported");
    let text = String::from_utf8(file).unwrap();
    assert!(text.contains("Home") && !text.contains("Empty"), "{text}");
    assert_violations(alice.export(pb::Format::Json, "state OPEN").await, &["filter"]);
    assert_violations(alice.export(pb::Format::GoogleTasks, "").await, &["format"]);
}

#[tokio::test]
async fn what_is_in_the_trash_does_not_go_out_and_is_not_made_again() {
    let service = Service::start().await;
    let alice = service.person();
    alice.import(json_of(&TASKS, &LISTS)).await.expect("imported");
    alice
        .delete("0193a0b0-0000-7000-8000-0000000000a3")
        .await
        .unwrap();
    let text = String::from_utf8(alice.export(pb::Format::Json, "").await.unwrap()).unwrap();
    assert!(!text.contains("Done"), "{text}");
    let again = alice.import(json_of(&TASKS, &LISTS)).await.expect("imported");
    assert_eq!(counts(&again), [0, 0, 4, 1]);
    assert_eq!(again.row_errors[0].row, 3);
    assert!(again.row_errors[0].message.contains("undelete"));
}

#[tokio::test]
async fn rows_that_are_wrong_are_told_and_stop_no_other() {
    let service = Service::start().await;
    let alice = service.person();
    let rows = [
        r#"{"title":"Right"}"#,
        r#"{"title":""}"#,
        r#"{"title":"T","state":"SLEEPING"}"#,
        r#"{"title":"T","due":{"date":"2026-02-30"}}"#,
        r#"{"title":"T","due":{"date":"2026-02-03","time":"09:00:00.5"}}"#,
        r#"{"title":"T","due":{"date":"2026-02-03","time_zone":"Mars/Olympus"}}"#,
        r#"{"title":"T","due":{"date":"","time":"09:00"}}"#,
        r#"{"title":"T","create_time":"+12345-01-01T00:00:00Z"}"#,
        r#"{"title":"T","colour":"red"}"#,
        r#"{"title":7}"#,
        r#""a text""#,
        r#"{"title":"T","priority":"VERY"}"#,
        r#"{"title":"T","occurrence_number":0}"#,
        r#"{"title":"Right too"}"#,
    ];
    let made = alice.import(json_of(&rows, &[])).await.expect("imported");
    assert_eq!(counts(&made), [2, 0, 0, 12]);
    let numbers: Vec<_> = made.row_errors.iter().map(|error| error.row).collect();
    assert_eq!(numbers, (2..=13).collect::<Vec<_>>());
    assert!(
        made.row_errors.iter().all(|error| error.message.ends_with('.')),
        "{:?}",
        made.row_errors
    );
    let titles: Vec<_> = all(&alice).await.into_iter().map(|task| task.title).collect();
    assert_eq!(titles, ["Right", "Right too"]);
}

#[tokio::test]
async fn the_first_thousand_rows_that_are_wrong_are_told_and_all_are_counted() {
    let service = Service::start().await;
    let alice = service.person();
    let made = alice.import(json_of(&[r#"{"title":""}"#; 1001], &[])).await;
    let made = made.expect("imported");
    assert_eq!((made.row_errors.len(), made.row_error_count), (1000, 1001));
}

#[tokio::test]
async fn what_cannot_be_where_the_file_puts_it_is_made_elsewhere_and_told() {
    let service = Service::start().await;
    let alice = service.person();
    let id = |number: u32| format!("0193a0b0-0000-7000-8000-00000000{number:04}");
    let mut rows = vec![
        format!(
            r#"{{"id":"{}","title":"No list","list_id":"{}"}}"#,
            id(1),
            id(9999)
        ),
        format!(
            r#"{{"id":"{}","title":"No parent","parent_id":"{}"}}"#,
            id(2),
            id(9999)
        ),
        format!(r#"{{"id":"{}","title":"Itself","parent_id":"{}"}}"#, id(3), id(3)),
    ];
    for level in 10..=16 {
        rows.push(format!(
            r#"{{"id":"{}","title":"Level","parent_id":"{}"}}"#,
            id(level),
            id(level - 1)
        ));
    }
    rows[3] = format!(r#"{{"id":"{}","title":"Top"}}"#, id(10));
    let made = alice.import(json_of(&rows, &[])).await.expect("imported");
    assert_eq!(counts(&made), [10, 0, 0, 0]);
    let warnings = said(&made.row_warnings);
    let rows: Vec<_> = warnings.iter().map(|(row, _)| *row).collect();
    assert_eq!(rows, [1, 2, 3, 10], "{warnings:?}");
    assert_eq!(alice.get(&id(15)).await.unwrap().parent_id, id(14));
    // One level too deep: beside the one that it was below.
    assert_eq!(alice.get(&id(16)).await.unwrap().parent_id, id(14));
    assert_eq!(made.row_warning_count, 4);
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_as_a_whole() {
    let service = Service::start().await;
    let alice = service.person();
    for content in [
        &b"\xff\xfe"[..],
        b"[]",
        b"{",
        br#"{"format":"tandem.tasks","version":2,"tasks":[]}"#,
        br#"{"format":"other","version":1,"tasks":[]}"#,
        br#"{"format":"tandem.tasks","version":1,"tasks":{}}"#,
        br#"{"format":"tandem.tasks","version":1,"lists":[{"id":"x","title":"T"}]}"#,
    ] {
        let refused = alice.import(file(pb::Format::Json, content)).await;
        assert_violations(refused, &["content"]);
    }
    let rows = "{},".repeat(100_000) + "{}";
    let content = format!(r#"{{"format":"tandem.tasks","version":1,"tasks":[{rows}]}}"#);
    let refused = alice.import(file(pb::Format::Json, content)).await;
    let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::FieldInvalid);
    assert!(String::from_utf8_lossy(status.details()).contains("100,000"));
    let deep = "[".repeat(1_000_000);
    assert_violations(alice.import(file(pb::Format::Json, deep)).await, &["content"]);
}
