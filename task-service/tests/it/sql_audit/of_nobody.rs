//! The rule for statements that concern nobody's rows: they name what they are there for, and no owner's table.

use std::ops::ControlFlow;

use sqlparser::ast::visit_relations;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use super::rule::Refusal;

/// What those on the one table that belongs to nobody may name.
pub(super) const FEED_EPOCH: [&str; 3] = ["feed_epoch", "pg_database", "pg_control_system"];

/// Whether a statement names these alone.
pub(super) fn audit(sql: &str, known: &[&str]) -> Result<(), Refusal> {
    let parsed =
        Parser::parse_sql(&PostgreSqlDialect {}, sql).map_err(|error| format!("not understood: {error}"))?;
    let [statement] = &parsed[..] else {
        return Err("not one statement".to_owned());
    };
    match visit_relations(statement, |name| match known.contains(&&*name.to_string()) {
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
        assert_eq!(audit(sql, &FEED_EPOCH), Err(refusal.to_owned()), "{sql}");
    }
}
