//! The rule for the statements on the one table that belongs to nobody: they name it and the catalogue, and no owner's
//! table.

use std::ops::ControlFlow;

use sqlparser::ast::visit_relations;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use super::rule::Refusal;

const KNOWN: [&str; 3] = ["feed_epoch", "pg_database", "pg_control_system"];

/// Whether a statement keeps the rule.
pub(super) fn audit(sql: &str) -> Result<(), Refusal> {
    let parsed =
        Parser::parse_sql(&PostgreSqlDialect {}, sql).map_err(|error| format!("not understood: {error}"))?;
    let [statement] = &parsed[..] else {
        return Err("not one statement".to_owned());
    };
    match visit_relations(statement, |name| match KNOWN.contains(&&*name.to_string()) {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(name.to_string()),
    }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(name) => Err(format!("{name} is not known")),
    }
}

#[test]
fn statements_that_break_the_rule_are_refused() {
    for (sql, refusal) in [
        ("SELECT owner_id FROM owners", "owners is not known"),
        ("UPDATE tasks SET title = $1", "tasks is not known"),
        (
            "INSERT INTO feed_epoch (epoch) SELECT id FROM tasks",
            "tasks is not known",
        ),
        ("DELETE FROM feed_epoch; DELETE FROM owners", "not one statement"),
    ] {
        assert_eq!(audit(sql), Err(refusal.to_owned()), "{sql}");
    }
}
