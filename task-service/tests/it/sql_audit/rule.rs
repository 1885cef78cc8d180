//! The second wall as a rule: every table that a statement names is bound to the owner by its own top-level condition.
//!
//! It knows few shapes and refuses every other, right ones that nobody wrote so far among them: whoever needs one adds
//! it here, with statements in `right.sql` and `wrong.sql`. The owner is always the parameter `$1`; in a statement about
//! several it is the first column of the rows that came with the call, by which every table is joined.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    AssignmentTarget, Expr, FromTable, Function, Insert, ObjectName, OnConflictAction, OnInsert, Query,
    Select, SelectItem, SetExpr, Statement, TableObject, UpdateTableFromKind, Visit as _, Visitor,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use super::scope::{Scope, is_owner_parameter, last_name};

/// Functions can read tables behind this audit's back, so it knows those that do not.
const HARMLESS: [&str; 11] = [
    "array_agg",
    "array_position",
    "array_remove",
    "array_replace",
    "coalesce",
    "count",
    "greatest",
    "least",
    "max",
    "min",
    "string_to_array",
];

/// Why a statement is wrong; its text begins the comments of `wrong.sql`.
pub(super) type Refusal = String;

/// Whether a statement keeps the rule, in a database with these tables.
pub(super) fn audit(tables: &BTreeSet<String>, sql: &str) -> Result<(), Refusal> {
    let parsed =
        Parser::parse_sql(&PostgreSqlDialect {}, sql).map_err(|error| format!("not understood: {error}"))?;
    let [statement] = &parsed[..] else {
        return Err("not one statement".to_owned());
    };
    let mut audit = Audit {
        tables,
        ctes: BTreeSet::new(),
        asked: BTreeSet::new(),
        named: 0,
        bound: 0,
    };
    if let ControlFlow::Break(refusal) = statement.visit(&mut audit) {
        return Err(refusal);
    }
    if audit.named != audit.bound {
        return Err("a table stands where the audit does not look".to_owned());
    }
    Ok(())
}

struct Audit<'a> {
    tables: &'a BTreeSet<String>,
    ctes: BTreeSet<String>,
    /// Rows that came with the call and bring their own owners, which sub-selects can name.
    asked: BTreeSet<String>,
    /// Table references that the parser knows of, and those that were looked at.
    named: usize,
    bound: usize,
}

impl Visitor for Audit<'_> {
    type Break = Refusal;

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<Refusal> {
        flow(self.statement(statement))
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Refusal> {
        flow(self.query(query))
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Refusal> {
        flow(self.select(select))
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Refusal> {
        match expr {
            Expr::Function(function) => flow(harmless(function)),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_relation(&mut self, _: &ObjectName) -> ControlFlow<Refusal> {
        self.named += 1;
        ControlFlow::Continue(())
    }
}

impl Audit<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<(), Refusal> {
        match statement {
            Statement::Query(_) => Ok(()),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => {
                let mut scope = Scope::default();
                scope.add(&update.table)?;
                match &update.from {
                    None => {}
                    Some(UpdateTableFromKind::AfterSet(from) | UpdateTableFromKind::BeforeSet(from)) => {
                        from.iter().try_for_each(|table| scope.add(table))?;
                    }
                }
                let targets = update.assignments.iter().map(|assignment| &assignment.target);
                keeps_owner(targets)?;
                scope.check_writing()?;
                scope.filter(update.selection.as_ref());
                self.check(scope)
            }
            Statement::Delete(delete) => {
                let mut scope = Scope::default();
                let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
                let using = delete.using.iter().flatten();
                from.iter().chain(using).try_for_each(|table| scope.add(table))?;
                scope.check_writing()?;
                scope.filter(delete.selection.as_ref());
                self.check(scope)
            }
            _ => Err("a kind of statement that is not known".to_owned()),
        }
    }

    fn query(&mut self, query: &Query) -> Result<(), Refusal> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let name = cte.alias.name.value.to_lowercase();
            if self.tables.contains(&name) {
                return Err(format!("{name} hides a table"));
            }
            self.ctes.insert(name);
        }
        known_body(&query.body)
    }

    fn select(&mut self, select: &Select) -> Result<(), Refusal> {
        if select.into.is_some() {
            return Err("a kind of statement that is not known".to_owned());
        }
        let mut scope = scope_of(select)?;
        scope.add_asked(&self.asked);
        self.asked.extend(scope.asked().iter().cloned());
        self.check(scope)
    }

    fn insert(&mut self, insert: &Insert) -> Result<(), Refusal> {
        let TableObject::TableName(name) = &insert.table else {
            return Err("a kind of table that is not known".to_owned());
        };
        let table = last_name(name)?;
        let alias = insert.table_alias.as_ref();
        let alias = alias.map_or_else(|| table.clone(), |alias| alias.alias.value.to_lowercase());
        if !self.tables.contains(&table) {
            return Err(format!("{table} is not known"));
        }
        self.bound += 1;
        let unset = || format!("{table} gets rows of another owner");
        let columns: Result<Vec<_>, _> = insert.columns.iter().map(last_name).collect();
        let place = columns?.iter().position(|column| column == "owner_id");
        let source = insert.source.as_ref().ok_or_else(unset)?;
        if !place.is_some_and(|place| gives_owner(&source.body, place)) {
            return Err(unset());
        }
        match &insert.on {
            None => Ok(()),
            Some(OnInsert::OnConflict(conflict)) => match &conflict.action {
                OnConflictAction::DoNothing => Ok(()),
                OnConflictAction::DoUpdate(update) => {
                    keeps_owner(update.assignments.iter().map(|assignment| &assignment.target))?;
                    // `excluded` stands beside the table, so a bare column would not say whose it is.
                    let mut scope = Scope::default();
                    scope.add_named(&table, &alias);
                    scope.add_known("excluded");
                    scope.filter(update.selection.as_ref());
                    scope.check(self.tables, &self.ctes).map(drop)
                }
            },
            Some(_) => Err("a kind of statement that is not known".to_owned()),
        }
    }

    fn check(&mut self, scope: Scope) -> Result<(), Refusal> {
        self.bound += scope.check(self.tables, &self.ctes)?;
        Ok(())
    }
}

/// The parts of a query that are visited one by one, and no other.
fn known_body(body: &SetExpr) -> Result<(), Refusal> {
    match body {
        SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => Ok(()),
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) => Ok(()),
        SetExpr::SetOperation { left, right, .. } => known_body(left).and_then(|()| known_body(right)),
        SetExpr::Table(_) | SetExpr::Merge(_) => Err("a kind of statement that is not known".to_owned()),
    }
}

/// The tables of a SELECT and its conditions.
fn scope_of(select: &Select) -> Result<Scope, Refusal> {
    let mut scope = Scope::default();
    select.from.iter().try_for_each(|table| scope.add(table))?;
    scope.filter(select.selection.as_ref());
    Ok(scope)
}

/// Whether every row that is inserted has the owner at that place.
fn gives_owner(body: &SetExpr, place: usize) -> bool {
    match body {
        SetExpr::Values(values) => {
            let mut rows = values.rows.iter();
            rows.all(|row| row.content.get(place).is_some_and(is_owner_parameter))
        }
        SetExpr::Select(select) => match select.projection.get(place) {
            // A wildcard before it would move the place.
            Some(SelectItem::UnnamedExpr(expr)) if select.projection[..place].iter().all(is_one_column) => {
                is_owner_parameter(expr) || scope_of(select).is_ok_and(|scope| scope.is_asked_owner(expr))
            }
            _ => false,
        },
        _ => false,
    }
}

fn is_one_column(item: &SelectItem) -> bool {
    matches!(
        item,
        SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }
    )
}

fn keeps_owner<'a>(mut targets: impl Iterator<Item = &'a AssignmentTarget>) -> Result<(), Refusal> {
    let is_owner = |name: &ObjectName| last_name(name).is_ok_and(|column| column == "owner_id");
    let changes = targets.any(|target| match target {
        AssignmentTarget::ColumnName(name) => is_owner(name),
        AssignmentTarget::Tuple(names) => names.iter().any(is_owner),
    });
    match changes {
        true => Err("a row changes its owner".to_owned()),
        false => Ok(()),
    }
}

fn harmless(function: &Function) -> Result<(), Refusal> {
    let name = function.name.to_string().to_lowercase();
    match HARMLESS.contains(&name.as_str()) {
        true => Ok(()),
        false => Err(format!("the function {name} is not known")),
    }
}

fn flow(result: Result<(), Refusal>) -> ControlFlow<Refusal> {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(refusal) => ControlFlow::Break(refusal),
    }
}
