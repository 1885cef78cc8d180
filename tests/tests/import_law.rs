//! The import law of the design: which room may name which.
//!
//! - `rpc` names no SQL; `store` names `domain` and `error` and nothing of the wire; `domain` names itself and parsing
//!   crates only;
//! - `proto` and `chassis` know no service, and services do not know each other;
//! - there is no folder or file for things without a place.
//!
//! The law is shown to be one: `corpus` holds wrong lines, and each must be found.

mod corpus;
mod paths;

use std::fs;
use std::path::Path;

use crate::harness::{each_entry, files_below, repository};
use paths::paths_in;

const SERVICES: [&str; 2] = ["auth-service", "task-service"];
/// What stands below the services and must not know them.
const FOUNDATIONS: [&str; 3] = ["proto", "chassis", "deploy/postgres"];
/// Names that say nothing, and so collect everything.
const NO_PLACE: [&str; 8] = [
    "common", "util", "utils", "helper", "helpers", "manager", "managers", "misc",
];
/// What a room may name: rooms of the same service, and crates among those that the service depends on.
struct Room {
    name: &'static str,
    rooms: &'static [&'static str],
    crates: Crates,
}

enum Crates {
    But(&'static str),
    Only(&'static [&'static str]),
}

/// `administration`, `app`, `credentials`, `deletions`, `gathering`, `owner`, `hashing`, `imports`, `signer`, `streams` and
/// `throttle` are what methods depend on beside the three rooms.
const ROOMS: [Room; 3] = [
    Room {
        name: "rpc",
        rooms: &[
            "rpc",
            "domain",
            "store",
            "error",
            "owner",
            "administration",
            "app",
            "credentials",
            "deletions",
            "gathering",
            "hashing",
            "imports",
            "signer",
            "streams",
            "throttle",
        ],
        crates: Crates::But("sqlx"),
    },
    Room {
        name: "store",
        rooms: &["store", "domain", "error", "owner", "wakeups"],
        crates: Crates::Only(&["sqlx", "chassis", "chrono", "thiserror", "uuid"]),
    },
    Room {
        name: "domain",
        rooms: &["domain"],
        // What parses, and what computes without I/O.
        crates: Crates::Only(&[
            "aws_lc_rs",
            "base64",
            "caseless",
            "chrono",
            "chrono_tz",
            "csv",
            "data_encoding",
            "email_address",
            "icalendar",
            "loro_fractional_index",
            "rrule",
            "serde",
            "serde_json",
            "strsim",
            "unicode_normalization",
            "uuid",
            "woothee",
            "zeroize",
            "zip",
        ]),
    },
];

#[test]
fn every_room_names_only_what_it_may() {
    let mut faults = Vec::new();
    for service in SERVICES {
        let sources = repository().join(service).join("src");
        let files = files_below(&sources, "rs");
        let dependencies = dependencies_of(&read(&repository().join(service).join("Cargo.toml")));
        for room in &ROOMS {
            let in_room = files
                .iter()
                .filter(|file| module_of(file, &sources).first() == Some(&room.name.to_owned()));
            assert!(in_room.count() > 0, "{service} has no room {}", room.name);
        }
        for file in files {
            let found = faults_of_room(&module_of(&file, &sources), &read(&file), &dependencies);
            faults.extend(in_file(&file, found));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_foundation_knows_a_service_and_no_service_the_other() {
    let mut faults = Vec::new();
    for crate_folder in FOUNDATIONS.iter().chain(&SERVICES) {
        let folder = repository().join(crate_folder);
        let strangers = SERVICES.into_iter().filter(|service| service != crate_folder);
        let strangers: Vec<&str> = strangers.collect();
        faults.extend(faults_of_manifest(&read(&folder.join("Cargo.toml")), &strangers));
        for file in files_below(&folder, "rs") {
            let found = faults_of_foundation(&read(&file), &strangers);
            faults.extend(in_file(&file, found));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn everything_has_a_place_of_its_own() {
    let mut faults = Vec::new();
    each_entry(repository(), &mut |path| {
        if has_no_place(path) {
            faults.push(path.display().to_string());
        }
    });
    assert!(
        faults.is_empty(),
        "say what it is for in the name:\n{}",
        faults.join("\n")
    );
}

fn in_file(file: &Path, faults: Vec<String>) -> impl Iterator<Item = String> {
    faults
        .into_iter()
        .map(move |fault| format!("{}: {fault}", file.display()))
}

/// What a file of this module names and must not.
fn faults_of_room(module: &[String], source: &str, dependencies: &[String]) -> Vec<String> {
    let is_here = |room: &&Room| module.first().is_some_and(|first| first == room.name);
    let Some(room) = ROOMS.iter().find(is_here) else {
        return Vec::new();
    };
    let named = paths_in(source).into_iter();
    let wrong = named.filter(|path| match resolve(module, path) {
        // What begins with a capital is a name of the crate's root, and no room.
        Place::Room(other) => other.starts_with(char::is_lowercase) && !room.rooms.contains(&&*other),
        Place::Crate(name) => dependencies.contains(&name) && !room.crates.allow(&name),
        Place::Root => false,
    });
    wrong
        .map(|path| format!("{} names {}", room.name, path.join("::")))
        .collect()
}

impl Crates {
    fn allow(&self, name: &str) -> bool {
        match self {
            Self::But(other) => name != *other,
            Self::Only(these) => these.contains(&name),
        }
    }
}

/// The crates that a manifest's `[dependencies]` bring, as code names them.
fn dependencies_of(manifest: &str) -> Vec<String> {
    let lines = manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    names
        .filter(|name| !name.is_empty())
        .map(|name| name.replace('-', "_"))
        .collect()
}

enum Place {
    Root,
    Room(String),
    /// Or a name of the file's own, which no crate has.
    Crate(String),
}

/// Where a path leads that a file of this module names.
fn resolve(module: &[String], path: &[String]) -> Place {
    let mut at = match path[0].as_str() {
        "crate" => Vec::new(),
        "self" | "super" => module.to_vec(),
        other => return Place::Crate(other.to_owned()),
    };
    for step in path {
        match step.as_str() {
            "crate" | "self" => {}
            "super" => drop(at.pop()),
            name => at.push(name.to_owned()),
        }
    }
    at.into_iter().next().map_or(Place::Root, Place::Room)
}

fn faults_of_foundation(source: &str, strangers: &[&str]) -> Vec<String> {
    let names: Vec<String> = strangers.iter().map(|name| name.replace('-', "_")).collect();
    let named = paths_in(source)
        .into_iter()
        .filter(|path| names.contains(&path[0]));
    named.map(|path| format!("names {}", path.join("::"))).collect()
}

fn faults_of_manifest(manifest: &str, strangers: &[&str]) -> Vec<String> {
    let depends = |line: &str, name: &str| {
        let rest = line.trim_start().trim_start_matches('"').strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=', '"']))
            || line.replace(' ', "").contains(&format!("package=\"{name}\""))
    };
    let lines = manifest
        .lines()
        .filter(|line| strangers.iter().any(|name| depends(line, name)));
    lines
        .map(|line| format!("a manifest depends by: {line}"))
        .collect()
}

fn has_no_place(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.is_some_and(|stem| NO_PLACE.contains(&stem.to_lowercase().as_str()))
}

/// `src/rpc/task_service/read.rs` is the module `rpc::task_service::read`.
fn module_of(file: &Path, sources: &Path) -> Vec<String> {
    let inside = file
        .strip_prefix(sources)
        .expect("a file of these sources")
        .with_extension("");
    inside
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
