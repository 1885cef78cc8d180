//! Comma-separated values: for spreadsheets, and safe in them.

use proto::tasks::v1 as pb;

use super::{all, counts, file, json_of, said};
use crate::harness::{Service, assert_violations, titled};

const HEADER: &str = "id,list_id,list,parent_id,title,notes,state,priority,labels,start_date,start_time,start_time_zone,\
                      due_date,due_time,due_time_zone,rrule,recurrence_basis,create_time,update_time,complete_time\r\n";

#[tokio::test]
async fn an_export_imported_into_an_empty_account_is_exported_as_the_same_bytes_of_csv() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let lists = [r#"{"id":"0193a0b0-0000-7000-8000-000000000001","title":"@Home"}"#];
    let tasks = [
        r#"{"id":"0193a0b0-0000-7000-8000-0000000000a1","title":"All, \"of\" it","notes":"two\r\nlines","priority":"LOW",
            "list_id":"0193a0b0-0000-7000-8000-000000000001","labels":["a,b","c\\d","e"],"start":{"date":"2026-12-01"},
            "due":{"date":"2026-12-24","time":"18:30:00","time_zone":"Europe/Zurich"}}"#,
        r#"{"id":"0193a0b0-0000-7000-8000-0000000000a2","title":"'=Part","state":"CANCELLED",
            "parent_id":"0193a0b0-0000-7000-8000-0000000000a1","list_id":"0193a0b0-0000-7000-8000-000000000001"}"#,
        r#"{"title":"=1+1","state":"DONE","complete_time":"2022-02-02T02:02:02Z"}"#,
    ];
    alice.import(json_of(&tasks, &lists)).await.expect("imported");
    let exported = alice.export(pb::Format::Csv, "").await.expect("exported");
    let text = String::from_utf8(exported.clone()).expect("UTF-8");
    assert!(text.starts_with(HEADER), "{text}");
    for part in [
        ",'@Home,",
        ",''=Part,",
        ",'=1+1,",
        "\"All, \"\"of\"\" it\"",
        "\"a\\,b, c\\\\d, e\"",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let made = bob
        .import(file(pb::Format::Csv, exported))
        .await
        .expect("imported");
    assert_eq!(counts(&made), [4, 0, 0, 0]);
    let again = bob.export(pb::Format::Csv, "").await.expect("exported");
    assert_eq!(String::from_utf8(again).expect("UTF-8"), text);
}

#[tokio::test]
async fn no_cell_of_an_export_begins_a_formula() {
    let service = Service::start().await;
    let alice = service.person();
    for title in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)"] {
        let mut task = titled(title);
        let inner = task.task.as_mut().unwrap();
        inner.notes = format!("\t{title}");
        inner.labels = vec![title.to_owned()];
        alice.create(task).await.unwrap();
    }
    let file = alice.export(pb::Format::Csv, "").await.expect("exported");
    let text = String::from_utf8(file).unwrap();
    let cells = text.split([',', '\n']).map(|cell| cell.trim_start_matches('"'));
    let formulas: Vec<_> = cells
        .filter(|cell| cell.starts_with(['=', '+', '-', '@', '\t']))
        .collect();
    assert!(formulas.is_empty(), "{formulas:?}");
}

#[tokio::test]
async fn a_table_written_by_hand_comes_in_with_its_lists() {
    let service = Service::start().await;
    let alice = service.person();
    let text = "\u{feff}Title;list;due_date;priority;labels\nBread;Shop;2026-12-01;high;food, daily\nMilk;Shop;;;\n\n;;;;\nCall;;;;\n";
    let made = alice.import(file(pb::Format::Csv, text)).await.expect("imported");
    assert_eq!(counts(&made), [4, 0, 0, 0]);
    let tasks = all(&alice).await;
    let titles: Vec<_> = tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!(titles, ["Bread", "Milk", "Call"]);
    assert!(!tasks[0].list_id.is_empty() && tasks[0].list_id == tasks[1].list_id);
    assert_eq!(tasks[2].list_id, "");
    assert_eq!(tasks[0].labels, ["food", "daily"]);
    assert_eq!(tasks[0].priority(), pb::task::Priority::High);
}

#[tokio::test]
async fn a_table_without_a_column_leaves_what_it_says_nothing_of() {
    let service = Service::start().await;
    let alice = service.person();
    let mut task = titled("Before");
    task.task.as_mut().unwrap().notes = "Kept".to_owned();
    let task = alice.create(task).await.unwrap();
    let text = format!("id,title\n{},After\n", task.id);
    let made = alice.import(file(pb::Format::Csv, text)).await.expect("imported");
    assert_eq!(counts(&made), [0, 1, 0, 0]);
    let now = alice.get(&task.id).await.unwrap();
    assert_eq!((now.title.as_str(), now.notes.as_str()), ("After", "Kept"));
}

#[tokio::test]
async fn wrong_tables_are_refused_and_wrong_rows_told() {
    let service = Service::start().await;
    let alice = service.person();
    for text in [
        "",
        "a\n",
        "titel\nx\n",
        "title,title\nx,y\n",
        "notes\nx\n",
        "\u{0}\u{1}",
    ] {
        assert_violations(alice.import(file(pb::Format::Csv, text)).await, &["content"]);
    }
    let text = "title,state,due_time\nfine,,\n,,\nx,LATER,\nx,,09:00\nx\nlast,done,\n";
    let made = alice.import(file(pb::Format::Csv, text)).await.expect("imported");
    assert_eq!(counts(&made), [2, 0, 0, 3]);
    let rows: Vec<_> = said(&made.row_errors).into_iter().map(|(row, _)| row).collect();
    assert_eq!(rows, [3, 4, 5]);
}
