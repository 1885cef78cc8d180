//! A filter as a part of the built statement. Every value is bound; names of columns come from enums. A part that is
//! null does not hold, and NOT turns that round too.

use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime};
use sqlx::{Postgres, QueryBuilder};

use crate::domain::{Comparison, Condition, DayField, Expr, Filter, Moment, Optional, TimeField};

type Sql = QueryBuilder<Postgres>;

/// What the filter asks for, behind the conditions that stand already.
pub(super) fn push_filter(sql: &mut Sql, filter: &Filter) {
    if let Some(expr) = &filter.expr {
        sql.push(" AND (");
        push_expr(sql, expr);
        sql.push(")");
    }
}

/// Whether all tasks that fit are in the inbox.
pub(super) fn is_of_inbox(filter: &Filter) -> bool {
    let inbox = |expr: &Expr| *expr == Expr::Is(Condition::List(None));
    match &filter.expr {
        Some(Expr::All(parts)) => parts.iter().any(inbox),
        Some(expr) => inbox(expr),
        None => false,
    }
}

fn push_expr(sql: &mut Sql, expr: &Expr) {
    match expr {
        Expr::All(parts) => push_joined(sql, parts, " AND "),
        Expr::Any(parts) => push_joined(sql, parts, " OR "),
        Expr::Not(part) => {
            sql.push("NOT coalesce(");
            push_expr(sql, part);
            sql.push(", false)");
        }
        Expr::Is(condition) => push_condition(sql, condition),
    }
}

fn push_joined(sql: &mut Sql, parts: &[Expr], with: &str) {
    for (index, part) in parts.iter().enumerate() {
        sql.push(if index == 0 { "(" } else { with });
        push_expr(sql, part);
    }
    sql.push(")");
}

fn push_condition(sql: &mut Sql, condition: &Condition) {
    match condition {
        Condition::State(state) => sql.push("state = ").push_bind(state.number()),
        Condition::Priority(comparison, weight) => push_priority(sql, *comparison, *weight),
        Condition::List(None) => sql.push("list_id IS NULL"),
        Condition::List(Some(id)) => sql.push("list_id = ").push_bind(id.0),
        Condition::Parent(None) => sql.push("parent_id IS NULL"),
        Condition::Parent(Some(id)) => sql.push("parent_id = ").push_bind(id.0),
        Condition::Label(label) => sql
            .push("id IN (SELECT task_id FROM task_labels WHERE owner_id = $1 AND label = ")
            .push_bind(label.as_str().to_owned())
            .push(")"),
        Condition::Title(title) => sql.push("title = ").push_bind(title.clone()),
        Condition::TitleHas(part) => sql.push("title_order LIKE ").push_bind(pattern(part)),
        Condition::Time(field, comparison, time) => sql
            .push(time_column(*field))
            .push(sign(*comparison))
            .push_bind(*time),
        Condition::Between { field, from, before } => {
            push_between(sql, *field, from.as_ref(), before.as_ref())
        }
        Condition::Has(field) => sql.push(has(*field)),
    };
}

/// No priority weighs nothing, which is less than the lowest.
fn push_priority(sql: &mut Sql, comparison: Comparison, weight: i16) -> &mut Sql {
    match (comparison, weight) {
        (Comparison::Equal, 0) => sql.push("priority IS NULL"),
        (Comparison::Equal | Comparison::Greater | Comparison::GreaterOrEqual, 1..)
        | (Comparison::Greater, _) => sql.push("priority").push(sign(comparison)).push_bind(weight),
        _ => sql
            .push("coalesce(priority, 0)")
            .push(sign(comparison))
            .push_bind(weight),
    }
}

/// A day or time within bounds. An index knows dues as written only, so it gets bounds that hold in every zone.
fn push_between<'s>(
    sql: &'s mut Sql,
    field: DayField,
    from: Option<&Moment>,
    before: Option<&Moment>,
) -> &'s mut Sql {
    sql.push("(").push(day_column(field)).push(" IS NOT NULL");
    if field == DayField::Due {
        let earliest = from.and_then(|from| from.date.checked_sub_days(Days::new(2)));
        if let Some(text) = earliest.and_then(order_text) {
            sql.push(" AND due_order >= ").push_bind(text);
        }
        let latest = before.and_then(|before| before.date.checked_add_days(Days::new(3)));
        if let Some(text) = latest.and_then(order_text) {
            sql.push(" AND due_order < ").push_bind(text);
        }
    }
    if let Some(from) = from {
        sql.push(" AND NOT ");
        push_before(sql, field, from);
    }
    if let Some(before) = before {
        sql.push(" AND ");
        push_before(sql, field, before);
    }
    sql.push(")")
}

/// Whether a day that is there is before a moment: a whole day by its date, a time by the clocks of its zone.
fn push_before(sql: &mut Sql, field: DayField, moment: &Moment) {
    let (date, time, zone) = match field {
        DayField::Start => ("start_date", "start_time", "start_zone"),
        DayField::Due => ("due_date", "due_time", "due_zone"),
    };
    sql.push(format_args!("CASE WHEN {time} IS NULL THEN {date} < "))
        .push_bind(moment.date)
        // A sub-select, so that the clocks are read once and not for every row.
        .push(format_args!(" ELSE {date} + {time} < coalesce(((SELECT "))
        .push_bind(clocks(moment))
        .push(format_args!("::jsonb) ->> {zone})::timestamp, "))
        .push_bind(clock_text(moment.clock))
        .push("::timestamp) END");
}

/// What the clocks of each zone show, as a JSON object.
fn clocks(moment: &Moment) -> String {
    let entries: Vec<_> = moment
        .clocks()
        .map(|(zone, clock)| format!("\"{zone}\":\"{}\"", clock_text(clock)))
        .collect();
    format!("{{{}}}", entries.join(","))
}

/// For Postgres, which writes years beyond four digits and before the first differently. No task has such a one.
fn clock_text(clock: NaiveDateTime) -> String {
    match clock.year() {
        ..=0 => "-infinity".to_owned(),
        1..=9999 => clock.format("%Y-%m-%dT%H:%M:%S").to_string(),
        _ => "infinity".to_owned(),
    }
}

/// A date as `due_order` has it.
fn order_text(date: NaiveDate) -> Option<String> {
    let is_written = (1..=9999).contains(&date.year());
    is_written.then(|| date.format("%Y-%m-%d").to_string())
}

/// Text that means itself within a pattern, with anything around it.
fn pattern(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => " = ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual => " >= ",
    }
}

fn time_column(field: TimeField) -> &'static str {
    match field {
        TimeField::Create => "create_time",
        TimeField::Update => "update_time",
        TimeField::Complete => "complete_time",
        TimeField::Delete => "delete_time",
    }
}

fn day_column(field: DayField) -> &'static str {
    match field {
        DayField::Start => "start_date",
        DayField::Due => "due_date",
    }
}

fn has(field: Optional) -> &'static str {
    match field {
        Optional::List => "list_id IS NOT NULL",
        Optional::Parent => "parent_id IS NOT NULL",
        Optional::Priority => "priority IS NOT NULL",
        Optional::Labels => "labels <> '{}'",
        Optional::Start => "start_date IS NOT NULL",
        Optional::Due => "due_date IS NOT NULL",
        Optional::CompleteTime => "complete_time IS NOT NULL",
        Optional::DeleteTime => "delete_time IS NOT NULL",
    }
}
