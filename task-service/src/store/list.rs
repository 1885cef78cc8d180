//! The one built statement: tasks that fit a filter, in an order. Columns come from enums, every value is bound, and the
//! owner is the first condition. A page is read in sections, each of which is one run through an index: behind a place,
//! and then the tasks whose value is empty.

mod condition;

use chrono::{DateTime, Utc};
use sqlx::{FromRow as _, Postgres, QueryBuilder};
use uuid::Uuid;

use super::OwnerTx;
use super::tasks::{Stretch, TaskRow};
use crate::domain::{Filter, OrderBy, Priority, SortField, Task, TaskId, When};
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
    pub limit: usize,
}

impl Page<'_> {
    /// The same, where it is no more than a part of the owner's own order.
    pub(crate) fn stretch(&self) -> Option<Stretch> {
        let is_plain = self.filter.expr.is_none()
            && !self.show_deleted
            && self.order.field == SortField::Rank
            && !self.order.descending;
        let after = match self.after {
            _ if !is_plain => return None,
            None => None,
            Some(Place {
                key: Some(Key::Text(rank)),
                id,
            }) => Some((rank.clone(), *id)),
            // A rank is never empty, and text.
            Some(_) => return None,
        };
        Some(Stretch {
            after,
            limit: self.limit,
        })
    }
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

/// A part of an order that is one run through an index.
#[derive(Debug, Clone, Copy)]
pub enum Section<'a> {
    /// Every task that has a value.
    Filled,
    /// Behind a place, upwards.
    Behind(&'a Key, TaskId),
    /// With the value of a place and behind its id, downwards.
    Same(&'a Key, TaskId),
    /// With smaller values than that of a place, downwards.
    Below(&'a Key),
    /// Without a value; behind an id.
    Empty(Option<TaskId>),
}

/// The sections of an order from a place on.
pub fn sections(order: OrderBy, after: Option<&Place>) -> Vec<Section<'_>> {
    let mut sections = match after {
        None => vec![Section::Filled],
        Some(Place { key: None, id }) => return vec![Section::Empty(Some(*id))],
        Some(Place { key: Some(key), id }) if order.descending => {
            vec![Section::Same(key, *id), Section::Below(key)]
        }
        Some(Place { key: Some(key), id }) => vec![Section::Behind(key, *id)],
    };
    if can_be_empty(order.field) {
        sections.push(Section::Empty(None));
    }
    sections
}

fn can_be_empty(field: SortField) -> bool {
    matches!(field, SortField::Due | SortField::Priority)
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
    let mut tasks = Vec::new();
    for section in sections(page.order, page.after) {
        let limit = page.limit - tasks.len();
        let statement = build(tx.owner(), page, section, limit)?;
        tasks.extend(fetch(tx, statement, page.filter).await?);
        if tasks.len() >= page.limit {
            break;
        }
    }
    Ok(tasks)
}

/// Those of these tasks that fit a filter and are not in the trash, in no order.
pub async fn find_some(tx: &mut OwnerTx, ids: &[Uuid], filter: &Filter) -> Result<Vec<Task>, Error> {
    let statement = build_some(tx.owner(), ids, filter);
    fetch(tx, statement, filter).await
}

async fn fetch(
    tx: &mut OwnerTx,
    mut statement: QueryBuilder<Postgres>,
    filter: &Filter,
) -> Result<Vec<Task>, Error> {
    // A connection keeps a hundred statements; there are more filters than that.
    let keep = filter.expr.is_none();
    let rows = statement
        .build()
        .persistent(keep)
        .fetch_all(tx.connection())
        .await?;
    rows.iter()
        .map(|row| {
            TaskRow::from_row(row)
                .map_err(Error::from)
                .and_then(Task::try_from)
        })
        .collect()
}

/// The statement of a section.
///
/// # Errors
///
/// [`Error::Internal`] for a limit that no page has.
pub fn build(
    owner: Uuid,
    page: &Page<'_>,
    section: Section<'_>,
    limit: usize,
) -> Result<QueryBuilder<Postgres>, Error> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(owner);
    if !page.show_deleted {
        sql.push(" AND delete_time IS NULL");
    }
    condition::push_filter(&mut sql, page.filter);
    push_section(&mut sql, page.order, section);
    sql.push(" ORDER BY ");
    // Postgres does not see that a column which IS NULL is as good as one that equals something.
    if page.order.field == SortField::Rank && condition::is_of_inbox(page.filter) {
        sql.push("list_id, ");
    }
    let column = column(page.order.field);
    sql.push(format_args!(
        "{column} {}, id LIMIT ",
        direction(page.order, section)
    ))
    .push_bind(i64::try_from(limit).map_err(Error::internal)?);
    Ok(sql)
}

/// The statement that reads tasks by their ids.
pub fn build_some(owner: Uuid, ids: &[Uuid], filter: &Filter) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(owner);
    sql.push(" AND delete_time IS NULL AND id = ANY (")
        .push_bind(ids.to_vec())
        .push(")");
    condition::push_filter(&mut sql, filter);
    sql
}

/// The order of the index, for empty values too: among them the direction does not matter.
fn direction(order: OrderBy, section: Section<'_>) -> &'static str {
    let descending = match section {
        Section::Empty(_) => order.field == SortField::Priority,
        _ => order.descending,
    };
    if descending { "DESC" } else { "ASC" }
}

fn push_section(sql: &mut QueryBuilder<Postgres>, order: OrderBy, section: Section<'_>) {
    let column = column(order.field);
    match section {
        Section::Filled if can_be_empty(order.field) => {
            sql.push(format_args!(" AND {column} IS NOT NULL"));
        }
        Section::Filled => {}
        Section::Behind(key, id) => {
            sql.push(format_args!(" AND ({column}, id) > ("));
            push_key(sql, key);
            sql.push(", ").push_bind(id.0).push(")");
        }
        Section::Same(key, id) => {
            sql.push(format_args!(" AND {column} = "));
            push_key(sql, key);
            sql.push(" AND id > ").push_bind(id.0);
        }
        Section::Below(key) => {
            sql.push(format_args!(" AND {column} < "));
            push_key(sql, key);
        }
        Section::Empty(id) => {
            sql.push(format_args!(" AND {column} IS NULL"));
            if let Some(id) = id {
                sql.push(" AND id > ").push_bind(id.0);
            }
        }
    }
}

fn push_key(sql: &mut QueryBuilder<Postgres>, key: &Key) {
    match key {
        Key::Text(text) => sql.push_bind(text.clone()),
        Key::Number(number) => sql.push_bind(*number),
        Key::Time(time) => sql.push_bind(*time),
    };
}
