//! The README's tour, run as it stands there, so that it cannot rot.

use std::path::PathBuf;
use std::process::Command;

use crate::harness::{Missing, System, find_program, python, repository, skip, succeed};

const FENCE: &str = "```";
const TOUR: &str = "```bash tour";

#[tokio::test]
async fn the_tour_of_the_readme_works_line_by_line() {
    let path = match path_with_grpcurl().await {
        Ok(path) => path,
        Err(missing) => return skip(missing),
    };
    let system = System::shared().await;
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let script = blocks(&readme)
        .replace("127.0.0.1:50051", &system.auth.to_string())
        .replace("127.0.0.1:50052", &system.tasks.to_string());
    let title = between(&script, "\"title\": \"", "\"").expect("the tour makes a task");
    let mut bash = Command::new("bash");
    let said = succeed(bash.args(["-euc", &script]).env("PATH", path));
    let said = said.unwrap_or_else(|complaint| panic!("{complaint}"));
    // grpcurl begins each answer with a bracket on a line of its own.
    let last = said.rfind("\n{\n").map_or(&*said, |at| &said[at..]);
    assert!(last.contains(title), "the last answer lacks {title:?}:\n{said}");
}

/// A search path on which grpcurl is, the machine's own before one from the Python environment.
async fn path_with_grpcurl() -> Result<std::ffi::OsString, Missing> {
    let bash = find_program(&["bash"])?;
    let mut folders: Vec<PathBuf> = bash.parent().map(PathBuf::from).into_iter().collect();
    match find_program(&["grpcurl"]) {
        Ok(grpcurl) => folders.extend(grpcurl.parent().map(PathBuf::from)),
        Err(_) => folders.push(python().await?),
    }
    folders.extend(["/usr/bin", "/bin"].map(PathBuf::from));
    Ok(std::env::join_paths(folders).expect("folders of a search path have no colon"))
}

/// Everything that is fenced as part of the tour.
fn blocks(readme: &str) -> String {
    let mut lines = readme.lines();
    let mut script = String::new();
    while lines.by_ref().any(|line| line == TOUR) {
        for line in lines.by_ref().take_while(|line| *line != FENCE) {
            script.push_str(line);
            script.push('\n');
        }
    }
    assert!(
        !script.is_empty(),
        "README.md has no block that begins with {TOUR}"
    );
    script
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?
        .1
        .split_once(after)
        .map(|(found, _)| found)
}

#[test]
fn only_what_is_marked_belongs_to_the_tour() {
    let readme = "a\n```bash tour\none\n```\n```bash\nno\n```\n```bash tour\ntwo \\\n  three\n```\n";
    assert_eq!(blocks(readme), "one\ntwo \\\n  three\n");
}
