//! Filters that make the builder write everything it can write: each condition by itself, turned round, and beside
//! another one under each way of joining.

use task_service::domain::{
    Comparison, Condition, DayField, Expr, Filter, Here, Label, ListId, Optional, State, TaskId, TimeField,
};
use uuid::Uuid;

const COMPARISONS: [Comparison; 5] = [
    Comparison::Equal,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

/// All of them, and none at all.
pub(crate) fn of_every_kind() -> Vec<Filter> {
    let conditions = conditions();
    let mut filters = vec![Filter::default()];
    let mut add = |expr| filters.push(Filter { expr: Some(expr) });
    for condition in &conditions {
        let is = Expr::Is(condition.clone());
        let inbox = Expr::Is(Condition::List(None));
        add(is.clone());
        add(Expr::Not(Box::new(is.clone())));
        add(Expr::Any(vec![is.clone(), inbox.clone()]));
        add(Expr::All(vec![
            inbox,
            Expr::Not(Box::new(Expr::Any(vec![is.clone(), is]))),
        ]));
    }
    let all: Vec<_> = conditions.into_iter().map(Expr::Is).collect();
    add(Expr::Any(all.clone()));
    add(Expr::All(all));
    filters
}

fn conditions() -> Vec<Condition> {
    let here = Here::in_zone("2026-11-21T12:00:00Z".parse().expect("a time"), "Asia/Tokyo").expect("a zone");
    let moments = [None, Some(here.now()), Some(here.start_of(here.today()))];
    let mut conditions = vec![
        Condition::State(State::Open),
        Condition::List(None),
        Condition::List(Some(ListId(Uuid::max()))),
        Condition::Parent(None),
        Condition::Parent(Some(TaskId(Uuid::max()))),
        Condition::Label(Label::parse("home").expect("a label")),
        Condition::Title("Milk".to_owned()),
        Condition::TitleHas("milk".to_owned()),
    ];
    for comparison in COMPARISONS {
        conditions.extend([0, 1, 4].map(|weight| Condition::Priority(comparison, weight)));
        let fields = [
            TimeField::Create,
            TimeField::Update,
            TimeField::Complete,
            TimeField::Delete,
        ];
        conditions.extend(fields.map(|field| {
            Condition::Time(field, comparison, "2026-11-21T12:00:00Z".parse().expect("a time"))
        }));
    }
    for field in [DayField::Start, DayField::Due] {
        for from in moments {
            conditions.extend(moments.map(|before| Condition::Between { field, from, before }));
        }
    }
    let optional = [
        Optional::List,
        Optional::Parent,
        Optional::Priority,
        Optional::Labels,
        Optional::Start,
        Optional::Due,
        Optional::CompleteTime,
        Optional::DeleteTime,
    ];
    conditions.extend(optional.map(Condition::Has));
    conditions
}
