//! The tables that stand side by side in one SELECT, UPDATE or DELETE, and which of them are bound to the owner.

use std::collections::BTreeSet;

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, Join, JoinConstraint, JoinOperator, ObjectName,
    TableAlias, TableFactor, TableWithJoins, Value,
};

use super::rule::Refusal;

/// Tables that belong to nobody, which every owner's statement may read.
const OF_NOBODY: [&str; 1] = ["feed_epoch"];
/// The functions that run as other roles: `walls::search` and `walls::people` show that they keep to the owners.
const OF_OTHER_ROLES: [&str; 3] = ["search_candidates", "find_tasks", "list_tasks"];

/// One level of a statement.
#[derive(Default)]
pub(super) struct Scope {
    tables: Vec<Named>,
    conditions: Vec<Condition>,
    /// How many functions stand among the tables.
    functions: usize,
    /// Names of rows that came with the call, each of which brings its own owner.
    asked: BTreeSet<String>,
}

/// A table under the name that the statement gives it; `None`: rows that are audited elsewhere.
struct Named {
    alias: String,
    table: Option<String>,
}

/// Something that must hold.
struct Condition {
    /// The one table whose rows it keeps out; `None`: it keeps out whole rows of the result.
    only: Option<String>,
    expr: Expr,
}

impl Scope {
    /// A table with what is joined to it.
    pub(super) fn add(&mut self, from: &TableWithJoins) -> Result<(), Refusal> {
        self.add_factor(&from.relation)?;
        for Join {
            relation,
            join_operator,
            ..
        } in &from.joins
        {
            let alias = self.add_factor(relation)?;
            let (constraint, only) = match join_operator {
                JoinOperator::Join(on) | JoinOperator::Inner(on) | JoinOperator::CrossJoin(on) => (on, None),
                // The left side's rows stay whatever the condition says.
                JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => (on, Some(alias)),
                _ => return Err("a kind of join that is not known".to_owned()),
            };
            match constraint {
                JoinConstraint::On(expr) => self.conjuncts(expr, only.as_ref()),
                JoinConstraint::None => {}
                JoinConstraint::Using(_) | JoinConstraint::Natural => {
                    return Err("a kind of join that is not known".to_owned());
                }
            }
        }
        Ok(())
    }

    /// A table under a name.
    pub(super) fn add_named(&mut self, table: &str, alias: &str) {
        self.tables.push(Named {
            alias: alias.to_owned(),
            table: Some(table.to_owned()),
        });
    }

    /// Rows that need no condition.
    pub(super) fn add_known(&mut self, alias: &str) {
        self.tables.push(Named {
            alias: alias.to_owned(),
            table: None,
        });
    }

    /// What WHERE says.
    pub(super) fn filter(&mut self, selection: Option<&Expr>) {
        if let Some(expr) = selection {
            self.conjuncts(expr, None);
        }
    }

    /// Refuses tables that belong to nobody, for they are read only.
    pub(super) fn check_writing(&self) -> Result<(), Refusal> {
        let mut tables = self.tables.iter().filter_map(|named| named.table.as_deref());
        match tables.find(|table| OF_NOBODY.contains(table)) {
            Some(table) => Err(format!("{table} belongs to nobody")),
            None => Ok(()),
        }
    }

    /// Names of rows that came with the call, each of which brings its own owner.
    pub(super) fn asked(&self) -> &BTreeSet<String> {
        &self.asked
    }

    /// Whether a value is the owner that such a row brings.
    pub(super) fn is_asked_owner(&self, expr: &Expr) -> bool {
        is_owner_of(&self.asked, expr)
    }

    /// Those of the statements around this one can be named here too.
    pub(super) fn add_asked(&mut self, outer: &BTreeSet<String>) {
        self.asked.extend(outer.iter().cloned());
    }

    /// How many tables there are, if each is known and bound to the owner.
    pub(super) fn check(&self, tables: &BTreeSet<String>, ctes: &BTreeSet<String>) -> Result<usize, Refusal> {
        let is_owned = |table: &String| tables.contains(table) && !OF_NOBODY.contains(&table.as_str());
        let owned = |named: &&Named| named.table.as_ref().is_some_and(is_owned);
        let names: BTreeSet<_> = self.tables.iter().map(|named| &named.alias).collect();
        let hidden = |named: &Named| named.table.is_some() && self.asked.contains(&named.alias);
        if names.len() < self.tables.len() || self.tables.iter().any(hidden) {
            return Err("two tables have one name".to_owned());
        }
        let bound = self.bound();
        for named in self.tables.iter().filter(owned) {
            if !bound.contains(&named.alias) {
                return Err(format!("{} is not bound to the owner", named.alias));
            }
        }
        let names = self.tables.iter().filter_map(|named| named.table.as_ref());
        for table in names.clone() {
            if !tables.contains(table) && !ctes.contains(table) {
                return Err(format!("{table} is not known"));
            }
        }
        Ok(names.count() + self.functions)
    }

    fn add_factor(&mut self, factor: &TableFactor) -> Result<String, Refusal> {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                ..
            } => {
                let table = last_name(name)?;
                let alias = alias_of(alias.as_ref())?.unwrap_or_else(|| table.clone());
                self.add_named(&table, &alias);
                Ok(alias)
            }
            // The functions that look for rows themselves, for the owner or owners of the statement.
            TableFactor::Table {
                name,
                alias,
                args: Some(args),
                with_ordinality: false,
                ..
            } if OF_OTHER_ROLES.contains(&last_name(name)?.as_str()) => {
                let function = last_name(name)?;
                let mut given = args.args.iter().map(|arg| match arg {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                    _ => None,
                });
                let for_owner = given.next().flatten().is_some_and(is_owner_parameter);
                if !for_owner || !given.all(|arg| arg.is_some_and(is_parameter)) {
                    return Err(format!("{function} is not asked for the owner"));
                }
                let alias = alias_of(alias.as_ref())?.unwrap_or(function);
                self.add_known(&alias);
                self.functions += 1;
                Ok(alias)
            }
            TableFactor::Derived { alias, .. } => {
                let alias = alias_of(alias.as_ref())?.unwrap_or_default();
                self.add_known(&alias);
                Ok(alias)
            }
            // Rows that came with the call.
            TableFactor::UNNEST {
                alias: Some(alias),
                array_exprs,
                ..
            } if array_exprs.iter().all(is_parameter) => {
                let columns = alias.columns.iter().map(|column| column.name.value.as_str());
                let columns: Vec<_> = columns.collect();
                let alias = alias.name.value.to_lowercase();
                // The first parameter, and no other column of that name.
                let brings_owner = columns.iter().filter(|name| **name == "owner_id").count() == 1
                    && columns[0] == "owner_id"
                    && matches!(&array_exprs[0], Expr::Cast { expr, .. } if is_owner_parameter(expr));
                if brings_owner {
                    self.asked.insert(alias.clone());
                }
                self.add_known(&alias);
                Ok(alias)
            }
            _ => Err("a kind of table that is not known".to_owned()),
        }
    }

    fn conjuncts(&mut self, expr: &Expr, only: Option<&String>) {
        match expr {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And,
                right,
            } => {
                self.conjuncts(left, only);
                self.conjuncts(right, only);
            }
            Expr::Nested(inner) => self.conjuncts(inner, only),
            other => self.conditions.push(Condition {
                only: only.cloned(),
                expr: other.clone(),
            }),
        }
    }

    /// The tables whose owner is the parameter, or equal to that of a table whose owner is.
    fn bound(&self) -> BTreeSet<String> {
        let mut bound = BTreeSet::new();
        loop {
            let before = bound.len();
            for Condition { only, expr } in &self.conditions {
                let Expr::BinaryOp {
                    left,
                    op: BinaryOperator::Eq,
                    right,
                } = expr
                else {
                    continue;
                };
                for (column, value) in [(left, right), (right, left)] {
                    let Some(table) = self.owner_column(column) else {
                        continue;
                    };
                    let reaches = only.as_ref().is_none_or(|only| *only == table);
                    let other_is_bound = self
                        .owner_column(value)
                        .is_some_and(|other| bound.contains(&other));
                    if reaches && (is_owner_parameter(value) || self.is_asked_owner(value) || other_is_bound)
                    {
                        bound.insert(table);
                    }
                }
            }
            if bound.len() == before {
                return bound;
            }
        }
    }

    /// Whose `owner_id` a column is. Without a name before it there must be one table only.
    fn owner_column(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Identifier(column) if column.value == "owner_id" => match &self.tables[..] {
                [only] => Some(only.alias.clone()),
                _ => None,
            },
            Expr::CompoundIdentifier(parts) => match &parts[..] {
                [table, column] if column.value == "owner_id" => {
                    let alias = table.value.to_lowercase();
                    let here = |named: &Named| named.alias == alias && named.table.is_some();
                    self.tables.iter().any(here).then_some(alias)
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// Whether a value is the owner that one of these rows brings.
fn is_owner_of(asked: &BTreeSet<String>, expr: &Expr) -> bool {
    match expr {
        Expr::CompoundIdentifier(parts) => match &parts[..] {
            [row, column] => column.value == "owner_id" && asked.contains(&row.value.to_lowercase()),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a value is a parameter, with or without a type.
fn is_parameter(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => matches!(value.value, Value::Placeholder(_)),
        Expr::Cast { expr, .. } => is_parameter(expr),
        _ => false,
    }
}

/// Whether a value is the owner: the first parameter, as it is.
pub(super) fn is_owner_parameter(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => matches!(&value.value, Value::Placeholder(name) if name == "$1"),
        _ => false,
    }
}

/// A name without its schema, as Postgres folds it.
pub(super) fn last_name(name: &ObjectName) -> Result<String, Refusal> {
    name.0
        .last()
        .and_then(|part| part.as_ident())
        .map(|ident| ident.value.to_lowercase())
        .ok_or_else(|| "a kind of name that is not known".to_owned())
}

/// The name given to a table. New names for its columns could call anything `owner_id`.
fn alias_of(alias: Option<&TableAlias>) -> Result<Option<String>, Refusal> {
    match alias {
        None => Ok(None),
        Some(alias) if alias.columns.is_empty() => Ok(Some(alias.name.value.to_lowercase())),
        Some(_) => Err("columns get new names".to_owned()),
    }
}
