//! The tours of README.md and docs/services.md, run as they stand there, so that they cannot rot.

use std::ffi::OsStr;
use std::process::Command;

use crate::harness::{REPORTS_SECRET, System, path_with_grpcurl, repository, skip, succeed};

const FENCE: &str = "```";
const TOUR: &str = "```bash tour";

#[tokio::test]
async fn the_tour_of_the_readme_works_line_by_line() {
    let path = match path_with_grpcurl().await {
        Ok(path) => path,
        Err(missing) => return skip(missing),
    };
    let system = System::shared().await;
    let said = run(&system, "README.md", &path);
    assert_last_shows(&said, "Water the plants");
}

#[tokio::test]
async fn the_page_on_services_works_line_by_line() {
    let path = match path_with_grpcurl().await {
        Ok(path) => path,
        Err(missing) => return skip(missing),
    };
    let system = System::shared().await;
    let said = run(&system, "docs/services.md", &path);
    assert_last_shows(&said, "Feed the cat");
}

/// Runs the tour of a document. The secret that a reader has made by then is given.
fn run(system: &System, document: &str, path: &OsStr) -> String {
    let document = std::fs::read_to_string(repository().join(document)).expect("the document is there");
    let script = blocks(&document)
        .replace("127.0.0.1:50051", &system.auth.to_string())
        .replace("127.0.0.1:50052", &system.tasks.to_string())
        .replace(".tandem/", &format!("{}/", system.data_dir().display()));
    let mut bash = Command::new("bash");
    bash.args(["-euc", &script])
        .env("PATH", path)
        .env("SECRET", REPORTS_SECRET);
    succeed(&mut bash).unwrap_or_else(|complaint| panic!("{complaint}"))
}

#[track_caller]
fn assert_last_shows(said: &str, title: &str) {
    // grpcurl begins each answer with a bracket on a line of its own.
    let last = said.rfind("\n{\n").map_or(said, |at| &said[at..]);
    assert!(last.contains(title), "the last answer lacks {title:?}:\n{said}");
}

/// Everything that is fenced as part of the tour.
fn blocks(document: &str) -> String {
    let mut lines = document.lines();
    let mut script = String::new();
    while lines.by_ref().any(|line| line == TOUR) {
        for line in lines.by_ref().take_while(|line| *line != FENCE) {
            script.push_str(line);
            script.push('\n');
        }
    }
    assert!(!script.is_empty(), "no block begins with {TOUR}");
    script
}

#[test]
fn only_what_is_marked_belongs_to_the_tour() {
    let readme = "a\n```bash tour\none\n```\n```bash\nno\n```\n```bash tour\ntwo \\\n  three\n```\n";
    assert_eq!(blocks(readme), "one\ntwo \\\n  three\n");
}
