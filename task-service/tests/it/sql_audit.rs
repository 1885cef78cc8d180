//! The second wall, proven over the text of every statement: those that the macros checked (`.sqlx`), everything that
//! the list can build, and the source, so that there is no further one.

mod feed_epoch;
mod housekeeping;
mod rule;
mod scope;
mod source;

use std::collections::BTreeSet;

use rule::audit;
use task_service::MIGRATOR;
use task_service::domain::{Condition, Filter, OrderBy, Priority, SortField, State, TaskId};
use task_service::store::list::{self, Key, Page, Place};
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
    let (housekeeping, feed_epoch) = (source::of_housekeeping(), source::of_feed_epoch());
    let bound: Vec<_> = source::checked()
        .into_iter()
        .filter(|sql| !housekeeping.contains(sql) && !feed_epoch.contains(sql))
        .collect();
    assert!(!bound.is_empty());
    for sql in bound {
        assert_eq!(audit(&tables(), &sql), Ok(()), "{sql}");
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
        assert_eq!(feed_epoch::audit(&sql), Ok(()), "{sql}");
    }
}

#[test]
fn everything_that_the_list_builds_binds_the_owner() {
    let mut built = BTreeSet::new();
    for order in orders() {
        for filter in filters() {
            for after in places(order.field) {
                for show_deleted in [false, true] {
                    let page = Page {
                        filter: &filter,
                        order,
                        show_deleted,
                        after: after.as_ref(),
                        limit: 51,
                    };
                    built.insert(list::build(Uuid::max(), &page).sql().as_str().to_owned());
                }
            }
        }
    }
    // 6 fields, 2 directions, 13 filters, the trash or not; behind a key, from the start, and behind an empty value.
    assert_eq!(built.len(), 6 * 2 * 13 * 2 * 3);
    for sql in built {
        assert_eq!(audit(&tables(), &sql), Ok(()), "{sql}");
    }
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

/// Up to two conditions: each is pushed by itself, whatever stands before it.
fn filters() -> Vec<Filter> {
    let kinds = [
        Condition::State(State::Open),
        Condition::Priority(Some(Priority::High)),
        Condition::Priority(None),
    ];
    let mut filters = vec![Filter::default()];
    for first in kinds {
        filters.push(Filter {
            conditions: vec![first],
        });
        for second in kinds {
            let conditions = vec![first, second];
            filters.push(Filter { conditions });
        }
    }
    filters
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
