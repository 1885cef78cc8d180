//! What the fields are called, how they compare and with what. Names and values are those of the contract.

use chrono::{DateTime, NaiveDate, Utc};

use super::ast::{Node, Operator, Word};
use super::{Comparison, Condition, DayField, Expr, Optional, TimeField, shown};
use crate::domain::{Here, Label, ListId, Priority, State, TaskId, When};

const FIELDS: &str = "state, priority, label, list_id, parent_id, due, start, title, create_time, update_time, \
                      complete_time or delete_time";

/// What a tree means.
pub(super) fn of(node: &Node<'_>, here: &Here) -> Result<Expr, String> {
    let all =
        |parts: &[Node<'_>]| -> Result<Vec<_>, String> { parts.iter().map(|part| of(part, here)).collect() };
    match node {
        Node::All(parts) => Ok(Expr::All(all(parts)?)),
        Node::Any(parts) => Ok(Expr::Any(all(parts)?)),
        Node::Not(part) => Ok(not(of(part, here)?)),
        Node::Bare(word) => bare(word, here),
        Node::Comparison {
            field,
            operator,
            value,
        } => Subject {
            field,
            operator: *operator,
            value,
        }
        .meaning(here),
    }
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

fn bare(word: &Word<'_>, here: &Here) -> Result<Expr, String> {
    match word.text.as_ref() {
        "today" if !word.is_quoted => Ok(day(DayField::Due, Operator::Equal, here.today(), here)),
        "overdue" if !word.is_quoted => Ok(Expr::All(vec![
            Expr::Is(Condition::State(State::Open)),
            Expr::Is(Condition::Between {
                field: DayField::Due,
                from: None,
                before: Some(here.now()),
            }),
        ])),
        text => Err(format!(
            "At character {}: {} stands alone; a sign such as = must follow a field, or write overdue or today.",
            word.at,
            shown(text)
        )),
    }
}

/// A field, a sign and a value.
struct Subject<'n, 'a> {
    field: &'n Word<'a>,
    operator: Operator,
    value: &'n Word<'a>,
}

impl Subject<'_, '_> {
    fn meaning(&self, here: &Here) -> Result<Expr, String> {
        match self.field.text.as_ref() {
            _ if self.field.is_quoted => Err(self.no_field()),
            "state" => self.equal(Condition::State(self.state()?)),
            "priority" => self.priority(),
            "label" | "labels" => self.label(),
            "list_id" => match self.is_any(Optional::List) {
                Some(any) => Ok(any),
                None => self.equal(Condition::List(self.id(ListId::parse)?)),
            },
            "parent_id" => match self.is_any(Optional::Parent) {
                Some(any) => Ok(any),
                None => self.equal(Condition::Parent(self.id(TaskId::parse)?)),
            },
            "title" => self.title(),
            "due" => self.day(DayField::Due, Optional::Due, here),
            "start" => self.day(DayField::Start, Optional::Start, here),
            "create_time" => self.time(TimeField::Create, None),
            "update_time" => self.time(TimeField::Update, None),
            "complete_time" => self.time(TimeField::Complete, Some(Optional::CompleteTime)),
            "delete_time" => self.time(TimeField::Delete, Some(Optional::DeleteTime)),
            _ => Err(self.no_field()),
        }
    }

    /// `field:*`
    fn is_any(&self, field: Optional) -> Option<Expr> {
        let star = self.operator == Operator::Has && self.value.text == "*" && !self.value.is_quoted;
        star.then_some(Expr::Is(Condition::Has(field)))
    }

    /// For a field that is one thing or another.
    fn equal(&self, condition: Condition) -> Result<Expr, String> {
        match self.operator {
            Operator::Equal | Operator::Has => Ok(Expr::Is(condition)),
            Operator::NotEqual => Ok(not(Expr::Is(condition))),
            _ => Err(self.no_operator("= or !=")),
        }
    }

    /// For a field whose values have an order.
    fn ordered(&self, condition: impl FnOnce(Comparison) -> Condition) -> Expr {
        match self.operator {
            Operator::Equal | Operator::Has => Expr::Is(condition(Comparison::Equal)),
            Operator::NotEqual => not(Expr::Is(condition(Comparison::Equal))),
            Operator::Less => Expr::Is(condition(Comparison::Less)),
            Operator::LessOrEqual => Expr::Is(condition(Comparison::LessOrEqual)),
            Operator::Greater => Expr::Is(condition(Comparison::Greater)),
            Operator::GreaterOrEqual => Expr::Is(condition(Comparison::GreaterOrEqual)),
        }
    }

    fn state(&self) -> Result<State, String> {
        let text = self.value.text.as_ref();
        let name = text.strip_prefix("STATE_").unwrap_or(text);
        let state = State::ALL.into_iter().find(|state| state.name() == name);
        state.ok_or_else(|| self.no_value("OPEN, DONE or CANCELLED"))
    }

    fn priority(&self) -> Result<Expr, String> {
        if let Some(any) = self.is_any(Optional::Priority) {
            return Ok(any);
        }
        let text = self.value.text.as_ref();
        let name = text.strip_prefix("PRIORITY_").unwrap_or(text);
        let priority = Priority::ALL.into_iter().find(|priority| priority.name() == name);
        let weight = match (name, priority) {
            ("UNSPECIFIED", _) => 0,
            (_, Some(priority)) => priority.number(),
            (_, None) => return Err(self.no_value("LOW, MEDIUM, HIGH, URGENT or UNSPECIFIED")),
        };
        Ok(self.ordered(|comparison| Condition::Priority(comparison, weight)))
    }

    fn label(&self) -> Result<Expr, String> {
        if let Some(any) = self.is_any(Optional::Labels) {
            return Ok(any);
        }
        if self.operator != Operator::Has {
            return Err(self.no_operator(": (label:home)"));
        }
        let label = Label::parse(&self.value.text).map_err(|complaint| self.wrong(complaint))?;
        Ok(Expr::Is(Condition::Label(label)))
    }

    fn id<T>(&self, parse: impl FnOnce(&str) -> Result<T, &'static str>) -> Result<Option<T>, String> {
        match self.value.text.as_ref() {
            "" => Ok(None),
            text => parse(text)
                .map(Some)
                .map_err(|_| self.no_value("a UUID, or \"\" for none")),
        }
    }

    fn title(&self) -> Result<Expr, String> {
        let text = self.value.text.as_ref();
        match self.operator {
            Operator::Has => Ok(Expr::Is(Condition::TitleHas(text.to_lowercase()))),
            Operator::Equal | Operator::NotEqual => self.equal(Condition::Title(text.to_owned())),
            _ => Err(self.no_operator(":, = or !=")),
        }
    }

    fn day(&self, field: DayField, optional: Optional, here: &Here) -> Result<Expr, String> {
        if let Some(any) = self.is_any(optional) {
            return Ok(any);
        }
        let date = match self.value.text.as_ref() {
            "today" => here.today(),
            text => {
                parse_date(text).ok_or_else(|| self.no_value("a day such as \"2026-12-01\", or today"))?
            }
        };
        Ok(day(field, self.operator, date, here))
    }

    fn time(&self, field: TimeField, optional: Option<Optional>) -> Result<Expr, String> {
        if let Some(any) = optional.and_then(|optional| self.is_any(optional)) {
            return Ok(any);
        }
        let time = DateTime::parse_from_rfc3339(&self.value.text)
            .map_err(|_| self.no_value("a time such as \"2026-12-01T09:00:00Z\", in quotes"))?
            .with_timezone(&Utc);
        Ok(self.ordered(|comparison| Condition::Time(field, comparison, time)))
    }

    fn no_field(&self) -> String {
        format!(
            "At character {}: {} cannot be filtered by; use {FIELDS}.",
            self.field.at,
            shown(&self.field.text)
        )
    }

    fn no_operator(&self, expected: &str) -> String {
        format!(
            "At character {}: {} cannot follow {}; use {expected}.",
            self.value.at,
            self.operator.sign(),
            shown(&self.field.text)
        )
    }

    fn no_value(&self, expected: &str) -> String {
        format!(
            "At character {}: {} is no value for {}; use {expected}.",
            self.value.at,
            shown(&self.value.text),
            // One of ours: it was found before its value was looked at.
            self.field.text
        )
    }

    fn wrong(&self, complaint: &str) -> String {
        format!("At character {}: {complaint}", self.value.at)
    }
}

/// A day is compared with the beginnings of days.
fn day(field: DayField, operator: Operator, date: NaiveDate, here: &Here) -> Expr {
    let between = |from, before| Expr::Is(Condition::Between { field, from, before });
    let (start, end) = (here.start_of(date), here.end_of(date));
    match operator {
        Operator::Equal | Operator::Has => between(Some(start), Some(end)),
        Operator::NotEqual => not(between(Some(start), Some(end))),
        Operator::Less => between(None, Some(start)),
        Operator::LessOrEqual => between(None, Some(end)),
        Operator::Greater => between(Some(end), None),
        Operator::GreaterOrEqual => between(Some(start), None),
    }
}

/// `2026-12-01`, and no other way to write it.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let mut part = |digits: usize| {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| is_number)
    };
    let date = When::date(part(4)?, part(2)?, part(2)?).ok();
    date.filter(|_| parts.next().is_none())
}
