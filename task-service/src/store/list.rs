//! The one built statement: a page of tasks. Columns come from enums, every value is bound, and the owner is the first
//! condition.

use chrono::{DateTime, Utc};
use sqlx::{FromRow as _, Postgres, QueryBuilder};
use uuid::Uuid;

use super::OwnerTx;
use super::tasks::TaskRow;
use crate::domain::{Condition, Filter, OrderBy, Priority, SortField, Task, TaskId, When};
use crate::error::Error;

const SELECT: &str = "SELECT id, revision, list_id, parent_id, title, notes, state, priority, labels, start_date, \
                      start_time, start_zone, due_date, due_time, due_zone, rrule, recurrence_basis, \
                      occurrence_number, rank, create_time, update_time, complete_time, delete_time, purge_time, \
                      deletion_id FROM tasks WHERE owner_id = ";

/// What is asked for.
#[derive(Debug)]
pub struct Page<'a> {
    /// Which tasks.
    pub filter: &'a Filter,
    /// In which order.
    pub order: OrderBy,
    /// Those in the trash too.
    pub show_deleted: bool,
    /// Behind which place; `None`: from the beginning.
    pub after: Option<&'a Place>,
    /// How many at the most.
    pub limit: i64,
}

/// A task's place in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// What is sorted by; `None` for an empty value.
    pub key: Option<Key>,
    /// The tie-breaker.
    pub id: TaskId,
}

/// A value that is sorted by.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// Rank, title or due.
    Text(String),
    /// Priority.
    Number(i16),
    /// A time.
    Time(DateTime<Utc>),
}

impl Place {
    /// Where a task stands in an order.
    pub fn of(task: &Task, field: SortField) -> Self {
        let key = match field {
            SortField::Rank => Some(Key::Text(task.rank.as_str().to_owned())),
            SortField::Due => task.due.as_ref().map(When::order_key).map(Key::Text),
            SortField::Priority => task.priority.map(Priority::number).map(Key::Number),
            SortField::Title => Some(Key::Text(task.title.order_key())),
            SortField::CreateTime => Some(Key::Time(task.create_time)),
            SortField::UpdateTime => Some(Key::Time(task.update_time)),
        };
        Self { key, id: task.id }
    }
}

fn column(field: SortField) -> &'static str {
    match field {
        SortField::Rank => "rank",
        SortField::Due => "due_order",
        SortField::Priority => "priority",
        SortField::Title => "title_order",
        SortField::CreateTime => "create_time",
        SortField::UpdateTime => "update_time",
    }
}

/// A page of tasks.
pub async fn list(tx: &mut OwnerTx, page: &Page<'_>) -> Result<Vec<Task>, Error> {
    let mut statement = build(tx.owner(), page);
    let rows = statement.build().fetch_all(tx.connection()).await?;
    rows.iter()
        .map(|row| {
            TaskRow::from_row(row)
                .map_err(Error::from)
                .and_then(Task::try_from)
        })
        .collect()
}

/// The statement of a page.
pub fn build(owner: Uuid, page: &Page<'_>) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(owner);
    if !page.show_deleted {
        sql.push(" AND delete_time IS NULL");
    }
    for condition in &page.filter.conditions {
        match condition {
            Condition::State(state) => sql.push(" AND state = ").push_bind(state.number()),
            Condition::Priority(Some(priority)) => sql.push(" AND priority = ").push_bind(priority.number()),
            Condition::Priority(None) => sql.push(" AND priority IS NULL"),
        };
    }
    if let Some(place) = page.after {
        push_after(&mut sql, page.order, place);
    }
    let direction = if page.order.descending { "DESC" } else { "ASC" };
    let column = column(page.order.field);
    sql.push(format_args!(
        " ORDER BY {column} {direction} NULLS LAST, id LIMIT "
    ))
    .push_bind(page.limit);
    sql
}

/// Everything behind a place: a greater key, or the same and a greater id, or none at all.
fn push_after(sql: &mut QueryBuilder<Postgres>, order: OrderBy, place: &Place) {
    let column = column(order.field);
    let Some(key) = &place.key else {
        sql.push(format_args!(" AND {column} IS NULL AND id > "))
            .push_bind(place.id.0);
        return;
    };
    let beyond = if order.descending { "<" } else { ">" };
    sql.push(format_args!(" AND ({column} {beyond} "));
    push_key(sql, key);
    sql.push(format_args!(" OR ({column} = "));
    push_key(sql, key);
    sql.push(" AND id > ").push_bind(place.id.0).push(")");
    if matches!(order.field, SortField::Due | SortField::Priority) {
        sql.push(format_args!(" OR {column} IS NULL"));
    }
    sql.push(")");
}

fn push_key(sql: &mut QueryBuilder<Postgres>, key: &Key) {
    match key {
        Key::Text(text) => sql.push_bind(text.clone()),
        Key::Number(number) => sql.push_bind(*number),
        Key::Time(time) => sql.push_bind(*time),
    };
}
