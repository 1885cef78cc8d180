//! Files that mean harm: random bytes, and good files with faults. No reader panics, and what once was a problem is kept in
//! `tests/fixtures/transfer/hostile` and read by all of them.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::{any, proptest};
use proptest::sample::Index;
use task_service::domain::transfer::{Format, Key, arrange};
use uuid::Uuid;

use crate::corpora::faults::{fault, spoilt};

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/transfer")
}

fn files(folder: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(fixtures().join(folder)).expect("fixtures");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths.filter(|path| path.is_file()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read(path).expect("a fixture"))
        .collect()
}

/// Reads it in every format, and puts in order what was read.
fn read(content: &[u8]) {
    for format in Format::ALL {
        if let Ok(file) = format.parse(content) {
            arrange(file, |_, key| match key {
                Key::Own(id) => *id,
                Key::Source(name) => Uuid::from_u128(name.len() as u128),
                Key::Row(row) => Uuid::from_u128(u128::from(row.unsigned_abs())),
            });
        }
    }
}

#[test]
fn what_once_was_a_problem_is_none() {
    let kept = files("hostile");
    assert!(kept.len() >= 5);
    for content in kept {
        read(&content);
    }
}

#[test]
fn what_is_nested_without_end_is_read_without_end_of_the_stack() {
    for (open, close) in [
        ("[", "]"),
        ("{\"items\":[", "]}"),
        ("[{\"id\":1,\"child_projects\":", "}]"),
        (
            "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nBEGIN:VALARM\r\n",
            "END:VALARM\r\nEND:VTODO\r\n",
        ),
        ("\"", "\""),
    ] {
        read((open.repeat(100_000) + &close.repeat(100_000)).as_bytes());
    }
}

#[test]
fn what_is_kept_is_nested_127_levels_deep_and_what_is_ignored_as_deep_as_it_likes() {
    // Each project is an object in an array, the innermost has no further one.
    let projects = |count: usize| {
        let open = r#"[{"id":1,"child_projects":"#.repeat(count - 1);
        format!("{open}[{{\"id\":1}}]{}", "}]".repeat(count - 1))
    };
    assert!(Format::Vikunja.parse(projects(63).as_bytes()).is_ok());
    assert!(Format::Vikunja.parse(projects(64).as_bytes()).is_err());

    let ignored = format!(
        r#"[{{"id":1,"views":{}{}}}]"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(Format::Vikunja.parse(ignored.as_bytes()).is_ok());
}

#[test]
fn what_is_too_much_of_anything_is_refused() {
    let lists = |count: u128| {
        let lists = (1..=count).map(|id| format!(r#"{{"id":"{}","title":"T"}}"#, Uuid::from_u128(id)));
        let lists: Vec<_> = lists.collect();
        format!(
            r#"{{"format":"tandem.tasks","version":1,"tasks":[],"lists":[{}]}}"#,
            lists.join(",")
        )
    };
    assert!(Format::Json.parse(lists(10_000).as_bytes()).is_ok());
    assert!(Format::Json.parse(lists(10_001).as_bytes()).is_err());

    let line = |bytes: usize| {
        let line = format!("X-WORDS:{}", "x".repeat(bytes - "X-WORDS:".len()));
        format!("BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:T\r\n{line}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n")
    };
    assert!(Format::Icalendar.parse(line(128 * 1024).as_bytes()).is_ok());
    assert!(Format::Icalendar.parse(line(128 * 1024 + 1).as_bytes()).is_err());
}

proptest! {
    #[test]
    fn random_bytes_make_no_reader_panic(content in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&content);
    }

    #[test]
    fn good_files_with_faults_make_no_reader_panic(
        file in any::<Index>(),
        faults in proptest::collection::vec(fault(), 1..6),
    ) {
        let good = files("");
        read(&spoilt(file.get(&good).clone(), &faults));
    }
}
