//! `ImportTasks` and `ExportTasks`: what goes out comes in again, whatever happens in between.

mod csv;
mod formats;
mod hostile;
mod import;
mod json;
mod turns;

use proto::tasks::v1 as pb;
use proto::tasks::v1::import_tasks_response::Result as Imported;

use crate::harness::Person;

fn file(format: pb::Format, content: impl Into<Vec<u8>>) -> pb::ImportTasksRequest {
    pb::ImportTasksRequest {
        format: format.into(),
        content: content.into(),
        ..Default::default()
    }
}

/// A file of ours with these tasks, each an object of JSON.
fn json_of(tasks: &[impl AsRef<str>], lists: &[&str]) -> pb::ImportTasksRequest {
    let tasks: Vec<_> = tasks.iter().map(AsRef::as_ref).collect();
    let content = format!(
        r#"{{"format":"tandem.tasks","version":1,"tasks":[{}],"lists":[{}]}}"#,
        tasks.join(","),
        lists.join(",")
    );
    file(pb::Format::Json, content)
}

/// So many tasks that the file gives no id.
fn plain(count: usize) -> Vec<String> {
    (1..=count)
        .map(|number| format!(r#"{{"title":"Task {number}"}}"#))
        .collect()
}

/// All that the person has, by pages.
async fn all(person: &Person<'_>) -> Vec<pb::Task> {
    let mut tasks = Vec::new();
    let mut page_token = String::new();
    loop {
        let message = pb::ListTasksRequest {
            page_size: 1000,
            page_token,
            ..Default::default()
        };
        let page = person.list(message).await.expect("a page");
        tasks.extend(page.tasks);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return tasks;
        }
    }
}

/// Created, updated, skipped and left out.
fn counts(result: &Imported) -> [i32; 4] {
    [
        result.created,
        result.updated,
        result.skipped,
        result.row_error_count,
    ]
}

/// What is said of which rows.
fn said(remarks: &[pb::import_tasks_response::RowError]) -> Vec<(i32, &str)> {
    remarks
        .iter()
        .map(|remark| (remark.row, remark.message.as_str()))
        .collect()
}
