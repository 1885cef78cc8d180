//! The second wall, proven over the text of every statement: those that the macros checked (`.sqlx`), everything that
//! the list can build, and the source, so that there is no further one.

pub(crate) mod filters;
mod housekeeping;
mod of_nobody;
mod rule;
mod scope;
pub(crate) mod source;

use std::collections::BTreeSet;

use rule::audit;
use task_service::MIGRATOR;
use task_service::domain::{Filter, OrderBy, SortField, TaskId};
use task_service::store::list::{self, Key, Page, Place, sections};
use uuid::Uuid;

/// Every table of the schema.
fn tables() -> BTreeSet<String> {
    let migrations = MIGRATOR.iter().map(|migration| migration.sql.as_str());
    migrations
        .flat_map(|sql| sql.split("CREATE TABLE ").skip(1))
        .map(|rest| rest.split_whitespace().next().expect("a name").to_owned())
        .collect()
}

/// A kept corpus: blocks with an empty line between, each a comment and a statement.
fn corpus(text: &str) -> Vec<(&str, &str)> {
    text.trim()
        .split("\n\n")
        .map(|block| {
            let (comment, statement) = block.split_once('\n').expect("a comment and a statement");
            (comment.strip_prefix("-- ").expect("a comment"), statement)
        })
        .collect()
}

#[test]
fn every_checked_statement_binds_every_table_to_the_owner() {
    let others = [
        source::of_housekeeping(),
        source::of_feed_epoch(),
        source::of_notifications(),
    ];
    let bound: Vec<_> = source::checked()
        .into_iter()
        .filter(|sql| !others.iter().any(|other| other.contains(sql)))
        .collect();
    assert!(!bound.is_empty());
    for sql in bound {
        assert_eq!(audit(&tables(), &sql), Ok(()), "{sql}");
    }
}

#[test]
fn the_functions_that_read_tasks_of_several_owners_join_each_with_its_own() {
    for name in ["find_tasks", "list_tasks"] {
        let mut defined = MIGRATOR.iter().filter(|migration| {
            migration
                .sql
                .as_str()
                .contains(&format!("CREATE FUNCTION {name}("))
        });
        let newest = defined.next_back().expect("the migration").sql.as_str();
        let (_, query) = newest.rsplit_once("RETURN QUERY").expect("what it answers with");
        let (query, _) = query.split_once(';').expect("an end");
        assert_eq!(audit(&tables(), query), Ok(()), "{query}");
    }
}

#[test]
fn what_housekeeping_runs_without_an_owner_reads_owners_and_deletes_records() {
    let statements = source::of_housekeeping();
    assert!(!statements.is_empty());
    for sql in statements {
        assert_eq!(housekeeping::audit(&tables(), &sql), Ok(()), "{sql}");
    }
}

#[test]
fn what_begins_an_epoch_of_the_feed_names_no_owners_table() {
    let statements = source::of_feed_epoch();
    assert!(!statements.is_empty());
    for sql in statements {
        assert_eq!(of_nobody::audit(&sql, &of_nobody::FEED_EPOCH), Ok(()), "{sql}");
    }
}

#[test]
fn what_replicas_tell_each_other_names_no_table() {
    let statements = source::of_notifications();
    assert!(!statements.is_empty());
    for sql in statements {
        assert_eq!(of_nobody::audit(&sql, &[]), Ok(()), "{sql}");
    }
}

#[test]
fn everything_that_the_list_builds_binds_the_owner() {
    let mut built = BTreeSet::new();
    for (number, filter) in filters::of_every_kind().into_iter().enumerate() {
        // Order and filter are pushed one after the other: every order for a few filters, and one for all.
        for order in orders().filter(|order| number < 5 || *order == OrderBy::default()) {
            for after in places(order.field) {
                for show_deleted in [false, true] {
                    built.extend(pages_of(&filter, order, after.as_ref(), show_deleted));
                }
            }
        }
        let some = list::build_some(Uuid::max(), &[Uuid::max()], &filter);
        built.insert(some.sql().as_str().to_owned());
    }
    assert!(built.len() > 1_000, "{}", built.len());
    for sql in built {
        assert_eq!(audit(&tables(), &sql), Ok(()), "{sql}");
    }
}

fn pages_of(filter: &Filter, order: OrderBy, after: Option<&Place>, show_deleted: bool) -> Vec<String> {
    let page = Page {
        filter,
        order,
        show_deleted,
        after,
        limit: 51,
    };
    let statement = |section| {
        let sql = list::build(Uuid::max(), &page, section, 51).expect("a limit");
        sql.sql().as_str().to_owned()
    };
    sections(order, after).into_iter().map(statement).collect()
}

#[test]
fn statements_that_keep_the_rule_pass() {
    for (why, sql) in corpus(include_str!("sql_audit/right.sql")) {
        assert_eq!(audit(&tables(), sql), Ok(()), "{why}");
    }
}

#[test]
fn statements_that_break_the_rule_are_refused_for_the_right_reason() {
    let wrong = corpus(include_str!("sql_audit/wrong.sql"));
    assert!(wrong.len() >= 20);
    for (comment, sql) in wrong {
        let (refusal, why) = comment.split_once(": ").expect("the refusal and why");
        assert_eq!(audit(&tables(), sql), Err(refusal.to_owned()), "{why}: {sql}");
    }
}

fn orders() -> impl Iterator<Item = OrderBy> {
    let fields = [
        SortField::Rank,
        SortField::Due,
        SortField::Priority,
        SortField::Title,
        SortField::CreateTime,
        SortField::UpdateTime,
    ];
    fields
        .into_iter()
        .flat_map(|field| [false, true].map(|descending| OrderBy { field, descending }))
}

fn places(field: SortField) -> Vec<Option<Place>> {
    let key = match field {
        SortField::Rank | SortField::Due | SortField::Title => Key::Text("a".to_owned()),
        SortField::Priority => Key::Number(1),
        SortField::CreateTime | SortField::UpdateTime => {
            Key::Time("2026-11-21T12:00:00Z".parse().expect("a time"))
        }
    };
    let id = TaskId(Uuid::max());
    vec![
        None,
        Some(Place { key: Some(key), id }),
        Some(Place { key: None, id }),
    ]
}
