//! The rule for the few statements that are not bound to an owner: they answer with owners and nothing else, and delete
//! nothing but records of writes and events of tasks. Every other shape is refused.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, FromTable, ObjectName, Query, SelectItem, SetExpr, Statement, TableFactor, visit_relations,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use super::rule::Refusal;
use super::scope::last_name;

/// Whether a statement keeps the rule, in a database with these tables.
pub(super) fn audit(tables: &BTreeSet<String>, sql: &str) -> Result<(), Refusal> {
    let parsed =
        Parser::parse_sql(&PostgreSqlDialect {}, sql).map_err(|error| format!("not understood: {error}"))?;
    let [statement] = &parsed[..] else {
        return Err("not one statement".to_owned());
    };
    let stranger = visit_relations(statement, |name| match last_name(name) {
        Ok(table) if tables.contains(&table) => ControlFlow::Continue(()),
        _ => ControlFlow::Break(name.to_string()),
    });
    if let ControlFlow::Break(name) = stranger {
        return Err(format!("{name} is not known"));
    }
    match statement {
        Statement::Query(query) => answers_with_owners(query),
        Statement::Delete(delete) if delete.returning.is_none() && delete.using.is_none() => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            match &from[..] {
                [only] if only.joins.is_empty() && is_record(&only.relation) => Ok(()),
                _ => Err("it deletes something else".to_owned()),
            }
        }
        _ => Err("a kind of statement that is not known".to_owned()),
    }
}

fn answers_with_owners(query: &Query) -> Result<(), Refusal> {
    let SetExpr::Select(select) = query.body.as_ref() else {
        return Err("a kind of statement that is not known".to_owned());
    };
    if query.with.is_some() || select.into.is_some() {
        return Err("a kind of statement that is not known".to_owned());
    }
    match &select.projection[..] {
        [SelectItem::UnnamedExpr(Expr::Identifier(column))] if column.value == "owner_id" => {}
        _ => return Err("it reads something else".to_owned()),
    }
    // From within, too: a derived table could give another column that name.
    select.from.iter().try_for_each(|from| match &from.relation {
        TableFactor::Derived { subquery, .. } if from.joins.is_empty() => answers_with_owners(subquery),
        TableFactor::Table { .. } if from.joins.is_empty() => Ok(()),
        _ => Err("a kind of table that is not known".to_owned()),
    })
}

/// What goes by its age alone, whoever made it.
fn is_record(factor: &TableFactor) -> bool {
    let records = ["requests", "task_events"];
    let named = |name: &ObjectName| last_name(name).is_ok_and(|name| records.contains(&name.as_str()));
    matches!(factor, TableFactor::Table { name, .. } if named(name))
}

#[test]
fn statements_that_break_the_rule_are_refused() {
    for (sql, refusal) in [
        ("SELECT title FROM tasks", "it reads something else"),
        ("SELECT owner_id, title FROM tasks", "it reads something else"),
        ("SELECT * FROM owners", "it reads something else"),
        (
            "SELECT owner_id FROM (SELECT title AS owner_id FROM tasks) t",
            "it reads something else",
        ),
        (
            "SELECT owner_id FROM owners UNION SELECT id FROM tasks",
            "a kind of statement that is not known",
        ),
        (
            "DELETE FROM tasks WHERE purge_time <= $1",
            "it deletes something else",
        ),
        (
            "DELETE FROM requests RETURNING task_id",
            "a kind of statement that is not known",
        ),
        (
            "DELETE FROM requests USING tasks",
            "a kind of statement that is not known",
        ),
        (
            "UPDATE owners SET purge_time = $1",
            "a kind of statement that is not known",
        ),
        (
            "INSERT INTO owners (owner_id) SELECT owner_id FROM tasks",
            "a kind of statement that is not known",
        ),
        ("SELECT owner_id FROM pg_stats", "pg_stats is not known"),
        (
            "SELECT owner_id FROM owners; DELETE FROM owners",
            "not one statement",
        ),
    ] {
        assert_eq!(audit(&super::tables(), sql), Err(refusal.to_owned()), "{sql}");
    }
}
