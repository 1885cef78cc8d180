//! Filters, queries of a search and rules of recurrence.

use chrono::{NaiveDate, NaiveTime};
use task_service::domain::{
    Basis, Expr, FILTER_MOST_CONDITIONS, Filter, Here, Labels, Notes, OrderBy, QUERY_MOST_WORDS, Rank,
    Recurrence, Revision, SNIPPET_LIMIT, SearchQuery, SortField, State, Task, TaskId, Title, When,
};
use task_service::store::list::{self, Page, sections};
use uuid::Uuid;

use super::now;

/// The longest statement: some hundred bytes for each condition.
const STATEMENT_BYTES: usize = 64 * 1024;
/// The longest complaint.
const COMPLAINT_BYTES: usize = 1024;

/// A filter. With a line break, the first line is the zone.
pub fn filter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (zone, text) = text.split_once('\n').unwrap_or(("", text));
    let here = Here::in_zone(now(), zone).unwrap_or(Here::in_utc(now()));
    let filter = match Filter::parse(text, &here) {
        Ok(filter) => filter,
        Err(complaint) => {
            assert!(complaint.len() < COMPLAINT_BYTES, "{complaint}");
            assert!(!complaint.contains(char::is_control), "{complaint:?}");
            return;
        }
    };
    // `overdue` is two.
    let conditions = filter.expr.as_ref().map_or(0, conditions);
    assert!(conditions <= 2 * FILTER_MOST_CONDITIONS, "{conditions}");
    assert_eq!(Filter::parse(text, &here).as_ref(), Ok(&filter));
    for field in [SortField::Rank, SortField::Due] {
        let order = OrderBy {
            field,
            descending: false,
        };
        let page = Page {
            filter: &filter,
            order,
            show_deleted: false,
            after: None,
            limit: 51,
        };
        for section in sections(order, None) {
            let sql = list::build(Uuid::max(), &page, section, page.limit).expect("a page has this limit");
            assert_is_ours(sql.sql().as_str());
        }
    }
    assert_is_ours(
        list::build_some(Uuid::max(), &[Uuid::max()], &filter)
            .sql()
            .as_str(),
    );
}

fn conditions(expr: &Expr) -> usize {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().map(conditions).sum(),
        Expr::Not(part) => conditions(part),
        Expr::Is(_) => 1,
    }
}

/// Every value is bound, so that nothing of a filter stands in a statement.
fn assert_is_ours(sql: &str) {
    assert!(sql.len() < STATEMENT_BYTES, "{}", sql.len());
    let text = sql.replace("labels <> '{}'", "");
    assert!(text.is_ascii(), "{sql}");
    for foreign in ['\'', '"', ';', '\\', '\n', '#'] {
        assert!(!text.contains(foreign), "{foreign:?} in {sql}");
    }
    assert!(!text.contains("--") && !text.contains("/*"), "{sql}");
}

/// A search: a line for the query, one for a title, and notes.
pub fn query(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut lines = text.splitn(3, '\n');
    let Ok(query) = SearchQuery::parse(lines.next().unwrap_or_default()) else {
        return;
    };
    let words = query.words();
    assert!((1..=QUERY_MOST_WORDS).contains(&words.len()), "{words:?}");
    assert!(
        words
            .iter()
            .all(|word| !word.is_empty() && !word.contains(char::is_whitespace)),
        "{words:?}"
    );
    let title = Title::parse(lines.next().unwrap_or_default());
    let notes = Notes::parse(lines.next().unwrap_or_default().to_owned());
    let task = task(
        title.unwrap_or_else(|_| Title::parse("Untitled").expect("a title")),
        notes.unwrap_or_default(),
    );
    query.is_near(&task);
    let snippet = query.snippet(&task);
    assert!(snippet.chars().count() <= SNIPPET_LIMIT, "{snippet}");
    assert!(!snippet.contains(char::is_control), "{snippet:?}");
}

fn task(title: Title, notes: Notes) -> Task {
    Task {
        id: TaskId(Uuid::max()),
        revision: Revision(1),
        list_id: None,
        parent_id: None,
        title,
        notes,
        state: State::Open,
        priority: None,
        labels: Labels::default(),
        start: None,
        due: None,
        recurrence: None,
        occurrence_number: 1,
        rank: Rank::after(None),
        create_time: now(),
        update_time: now(),
        complete_time: None,
        delete_time: None,
        purge_time: None,
        deletion_id: None,
    }
}

/// A rule; further lines are the date, the time and the zone of the due.
pub fn rrule(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut lines = text.split('\n');
    let rule = lines.next().unwrap_or_default();
    let due = due(lines);
    for basis in [Basis::Due, Basis::Completion] {
        let Ok(rule) = Recurrence::parse(rule, basis) else {
            continue;
        };
        assert_eq!(Recurrence::parse(rule.rrule(), basis).as_ref(), Ok(&rule));
        if rule.check(&due).is_err() {
            continue;
        }
        let (utc, mut present) = (When::time_zone("UTC").expect("a zone"), due.clone());
        for number in 1..=3 {
            let next = rule
                .next(&present, number, now(), utc)
                .expect("it was let through");
            let Some(next) = next else { break };
            match basis {
                Basis::Due => assert!(next.civil() > present.civil(), "{next:?} after {present:?}"),
                Basis::Completion => assert_ne!(next, present),
            }
            assert_eq!(next.zone, present.zone);
            assert_eq!(next.time.is_some(), present.time.is_some());
            present = next;
        }
    }
}

fn due<'a>(mut lines: impl Iterator<Item = &'a str>) -> When {
    let mut line = || lines.next().unwrap_or_default();
    let (date, time, zone) = (line(), line(), line());
    let mut parts = date.splitn(3, '-').map(|part| part.parse().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    let date = When::date(part(), part(), part());
    When {
        date: date.unwrap_or_else(|_| NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")),
        time: NaiveTime::parse_from_str(time, "%H:%M").ok(),
        zone: When::zone(zone).ok(),
    }
}
