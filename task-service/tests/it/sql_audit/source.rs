//! Where SQL may stand: the source is read as text, so that no statement escapes the audit.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The statements that the macros checked, from `.sqlx`.
pub(crate) fn checked() -> BTreeSet<String> {
    files(&home().join(".sqlx"))
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).expect("a file of .sqlx");
            let checked: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            checked["query"].as_str().expect("a statement").to_owned()
        })
        .collect()
}

/// Where the statements stand that find what is over, whoever owns it.
const HOUSEKEEPING: &str = "store/housekeeping.rs";
/// Where the statements stand on the table that belongs to nobody.
const FEED_EPOCH: &str = "store/feed_epoch.rs";
/// Where the statements stand with which replicas tell each other, of no table.
const NOTIFICATIONS: &str = "store/notifications.rs";

/// Those statements.
pub(super) fn of_housekeeping() -> BTreeSet<String> {
    of_file(HOUSEKEEPING)
}

/// Those statements.
pub(super) fn of_feed_epoch() -> BTreeSet<String> {
    of_file(FEED_EPOCH)
}

/// Those statements.
pub(super) fn of_notifications() -> BTreeSet<String> {
    of_file(NOTIFICATIONS)
}

fn of_file(name: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(home().join("src").join(name)).expect("source");
    macros(&text).into_iter().map(|(sql, _)| sql.to_owned()).collect()
}

fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Every source file by its path below `src`, without comments.
fn sources() -> Vec<(String, String)> {
    let src = home().join("src");
    files(&src)
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&src).expect("below src").display().to_string();
            let text = fs::read_to_string(&path).expect("source");
            (
                name,
                text.lines().map(without_comment).collect::<Vec<_>>().join("\n"),
            )
        })
        .collect()
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        ""
    } else {
        line
    }
}

/// What stands behind each occurrence of a word.
fn after<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(word)
        .map(move |(at, _)| &text[at + word.len()..])
}

/// The statements in the macros of a file, each with what is bound first.
fn macros(text: &str) -> Vec<(&str, &str)> {
    after(text, "sqlx::query")
        .filter_map(|rest| {
            let name_end = rest.find(|c: char| c != '_' && !c.is_ascii_lowercase())?;
            let arguments = rest[name_end..].strip_prefix("!(")?;
            let (before, text) = arguments.split_once('"')?;
            let end = if before.ends_with("r#") { "\"#" } else { "\"" };
            let (statement, rest) = text.split_once(end)?;
            Some((statement, rest.trim_start_matches([',', ' ', '\n'])))
        })
        .collect()
}

#[test]
fn sql_stands_in_the_store_alone() {
    for (file, text) in sources() {
        if file == "store.rs" || file.starts_with("store/") {
            continue;
        }
        for rest in after(&text, "sqlx") {
            let allowed = ["::Error", "::PgPool", "::migrate"];
            assert!(
                allowed.iter().any(|name| rest.starts_with(name)),
                "{file} goes past the store: sqlx{}",
                rest.lines().next().unwrap_or_default()
            );
        }
    }
}

#[test]
fn unchecked_sql_stands_where_the_design_says_and_nowhere_else() {
    let exceptions: [(&str, &[&str]); 10] = [
        ("AssertSqlSafe", &["store.rs"]),
        ("raw_sql", &["store.rs"]),
        ("sqlx::query(", &["store.rs"]),
        ("sqlx::query_as(", &["store.rs"]),
        ("sqlx::query_as::", &["store.rs"]),
        ("sqlx::query_scalar(", &["store.rs"]),
        ("sqlx::query_scalar::", &["store.rs"]),
        // The list, and what a filter adds to it.
        ("QueryBuilder", &["store/list.rs", "store/list/condition.rs"]),
        ("_unchecked!", &[]),
        ("query_file", &[]),
    ];
    for (file, text) in sources() {
        for (word, places) in exceptions {
            let may = places.contains(&file.as_str());
            assert!(may || !text.contains(word), "{word} in {file}");
        }
        if file.starts_with("store/") {
            for method in [
                ".execute(",
                ".fetch_one(",
                ".fetch_optional(",
                ".fetch_all(",
                ".fetch(",
            ] {
                // A text in place of a connection would be a statement of its own.
                let on_connection = |rest: &str| rest.starts_with("tx.connection())");
                assert!(after(&text, method).all(on_connection), "{method} in {file}");
            }
        }
    }
}

#[test]
fn the_audited_statements_are_those_of_the_source() {
    let sources = sources();
    let statements = sources.iter().flat_map(|(_, text)| macros(text));
    let written: BTreeSet<_> = statements.map(|(statement, _)| statement.to_owned()).collect();
    assert_eq!(written, checked(), "run `cargo sqlx prepare`");
}

#[test]
fn the_first_parameter_of_every_statement_is_the_owner() {
    let bound = sources()
        .into_iter()
        .filter(|(file, _)| ![HOUSEKEEPING, FEED_EPOCH, NOTIFICATIONS].contains(&&**file));
    for (file, text) in bound {
        let macros = macros(&text);
        let named = after(&text, "sqlx::query")
            .filter(|rest| rest.split('(').next().is_some_and(|s| s.ends_with('!')));
        assert_eq!(
            macros.len(),
            named.count(),
            "a macro in {file} was not understood"
        );
        for (statement, bound) in macros {
            let is_of_many = ["unnest($1::uuid[]", "find_tasks($1, ", "list_tasks($1, "]
                .iter()
                .any(|shape| statement.contains(shape));
            let is_owner = bound
                .strip_prefix(if is_of_many { "&owners" } else { "owner" })
                .is_some_and(|rest| rest.starts_with([',', '\n', ')']));
            assert!(is_owner, "{file}: {statement} binds {bound:.20} first");
        }
        let other = after(&text, "let owner = ").any(|rest| !rest.starts_with("tx.owner();"));
        let others = after(&text, "let owners = ").any(|rest| !rest.starts_with("uuids("));
        assert!(
            !(other || others) || !file.starts_with("store/") || file == "store/transaction.rs",
            "{file} takes an owner from elsewhere"
        );
    }
}

#[test]
fn owners_come_from_rows_in_housekeeping_alone_and_without_one_nobody_else_begins() {
    for (file, text) in sources() {
        let defines = ["owner.rs", "store.rs", "store/transaction.rs"].contains(&&*file);
        let from_row = text.contains("OwnerId::of_row");
        assert!(
            !from_row || file == HOUSEKEEPING,
            "{file} makes an owner of a row"
        );
        let ownerless = text.contains("HousekeepingTx") && !defines;
        let may = [HOUSEKEEPING, "housekeeping.rs", FEED_EPOCH, "feed_epoch.rs"];
        let may = may.contains(&&*file) || [NOTIFICATIONS, "wakeups/told.rs"].contains(&&*file);
        assert!(!ownerless || may, "{file} works without an owner");
    }
}
