//! What is found: by filter, in which order, and by words.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, NaiveDate, Utc};
use proto::tasks::v1 as pb;
use proto::tasks::v1::task::{Priority, State};

use super::recurrence::{clock, day, time};
use super::{Held, Memory};

/// A filter, and what its ids are named by.
#[derive(Debug, Clone)]
pub(in super::super) enum Filter<Id> {
    Everything,
    Open,
    NotDone,
    High,
    MediumOrMore,
    Labelled(&'static str),
    NotLabelled(&'static str),
    OpenAndLabelledOrHigh(&'static str),
    Titled(&'static str),
    InList(Id),
    NotInList(Id),
    InInbox,
    PartOf(Id),
    Part,
    HasDue,
    DueBefore(NaiveDate),
    Overdue,
}

impl<Id> Filter<Id> {
    /// With its ids named in another way.
    pub(in super::super) fn map<Other>(self, name: impl FnOnce(Id) -> Other) -> Filter<Other> {
        match self {
            Self::InList(id) => Filter::InList(name(id)),
            Self::NotInList(id) => Filter::NotInList(name(id)),
            Self::PartOf(id) => Filter::PartOf(name(id)),
            Self::Everything => Filter::Everything,
            Self::Open => Filter::Open,
            Self::NotDone => Filter::NotDone,
            Self::High => Filter::High,
            Self::MediumOrMore => Filter::MediumOrMore,
            Self::Labelled(label) => Filter::Labelled(label),
            Self::NotLabelled(label) => Filter::NotLabelled(label),
            Self::OpenAndLabelledOrHigh(label) => Filter::OpenAndLabelledOrHigh(label),
            Self::Titled(part) => Filter::Titled(part),
            Self::InInbox => Filter::InInbox,
            Self::Part => Filter::Part,
            Self::HasDue => Filter::HasDue,
            Self::DueBefore(date) => Filter::DueBefore(date),
            Self::Overdue => Filter::Overdue,
        }
    }
}

impl Filter<String> {
    /// As it is sent.
    pub(in super::super) fn text(&self) -> String {
        match self {
            Self::Everything => String::new(),
            Self::Open => "state = OPEN".to_owned(),
            Self::NotDone => "state != DONE".to_owned(),
            Self::High => "priority = HIGH".to_owned(),
            Self::MediumOrMore => "priority >= MEDIUM".to_owned(),
            Self::Labelled(label) => format!("label:{label}"),
            Self::NotLabelled(label) => format!("NOT label:{label}"),
            // OR binds tighter.
            Self::OpenAndLabelledOrHigh(label) => {
                format!("state = OPEN AND label:{label} OR priority = HIGH")
            }
            Self::Titled(part) => format!("title:{part}"),
            Self::InList(id) => format!("list_id = \"{id}\""),
            Self::NotInList(id) => format!("list_id != \"{id}\""),
            Self::InInbox => "list_id = \"\"".to_owned(),
            Self::PartOf(id) => format!("parent_id = \"{id}\""),
            Self::Part => "parent_id:*".to_owned(),
            Self::HasDue => "due:*".to_owned(),
            Self::DueBefore(date) => format!("due < \"{date}\""),
            Self::Overdue => "overdue".to_owned(),
        }
    }

    fn holds(&self, held: &Held, now: DateTime<Utc>) -> bool {
        let task = &held.task;
        let is_before = |moment: DateTime<Utc>| task.due.as_ref().is_some_and(|due| is_before(due, moment));
        match self {
            Self::Everything => true,
            Self::Open => task.state() == State::Open,
            Self::NotDone => task.state() != State::Done,
            Self::High => task.priority() == Priority::High,
            Self::MediumOrMore => task.priority() as i32 >= Priority::Medium as i32,
            Self::Labelled(label) => held.has_label(label),
            Self::NotLabelled(label) => !held.has_label(label),
            Self::OpenAndLabelledOrHigh(label) => {
                task.state() == State::Open && (held.has_label(label) || task.priority() == Priority::High)
            }
            Self::Titled(part) => task.title.to_lowercase().contains(part),
            Self::InList(id) => task.list_id == *id,
            Self::NotInList(id) => task.list_id != *id,
            Self::InInbox => task.list_id.is_empty(),
            Self::PartOf(id) => task.parent_id == *id,
            Self::Part => !task.parent_id.is_empty(),
            Self::HasDue => task.due.is_some(),
            Self::DueBefore(date) => is_before(date.and_time(chrono::NaiveTime::MIN).and_utc()),
            Self::Overdue => task.state() == State::Open && is_before(now),
        }
    }
}

/// Whether a due has passed, for somebody in UTC: a whole day with its end, a time by the clocks of its zone.
fn is_before(due: &pb::When, moment: DateTime<Utc>) -> bool {
    match time(due) {
        None => day(due) < moment.date_naive(),
        Some(time) => day(due).and_time(time) < clock(moment, &due.time_zone),
    }
}

/// What tasks can be ordered by.
pub(in super::super) const ORDERS: [&str; 12] = [
    "rank",
    "rank desc",
    "due",
    "due desc",
    "priority",
    "priority desc",
    "title",
    "title desc",
    "create_time",
    "create_time desc",
    "update_time",
    "update_time desc",
];

impl Memory {
    /// What ListTasks answers with.
    pub(in super::super) fn find(
        &self,
        filter: &Filter<String>,
        order: &str,
        show_deleted: bool,
        now: DateTime<Utc>,
    ) -> Vec<pb::Task> {
        let is_wanted =
            |(_, held): &(usize, &Held)| (show_deleted || held.deletion.is_none()) && filter.holds(held, now);
        let mut found: Vec<_> = self.tasks.iter().enumerate().filter(is_wanted).collect();
        found.sort_by(|(place, held), (other_place, other)| {
            let (one, two) = (&held.task, &other.task);
            let (field, descending) = match order.split_once(' ') {
                Some((field, _)) => (field, true),
                None => (order, false),
            };
            let by = match field {
                "rank" => turned(Some(place), Some(other_place), descending),
                "due" => turned(due(one), due(two), descending),
                "priority" => turned(priority(one), priority(two), descending),
                "title" => turned(
                    Some(one.title.to_lowercase()),
                    Some(two.title.to_lowercase()),
                    descending,
                ),
                "create_time" => turned(seconds(one.create_time), seconds(two.create_time), descending),
                _ => turned(seconds(one.update_time), seconds(two.update_time), descending),
            };
            by.then_with(|| one.id.cmp(&two.id))
        });
        found.into_iter().map(|(_, held)| held.task.clone()).collect()
    }

    /// What a search answers with, in no order: the tasks outside the trash with every one of these words in title or notes.
    /// They are so different that none is a slip of another.
    pub(in super::super) fn search(
        &self,
        words: &str,
        filter: &Filter<String>,
        now: DateTime<Utc>,
    ) -> Vec<pb::Task> {
        let mut found = self.find(filter, "rank", false, now);
        found.retain(|task| {
            let text = format!("{}\n{}", task.title, task.notes).to_lowercase();
            words.split(' ').all(|word| text.contains(word))
        });
        found
    }

    /// Tasks, lists and bytes of what was written.
    pub(in super::super) fn usage(&self) -> [i64; 3] {
        let of_task = |held: &Held| {
            let task = &held.task;
            let rule = task
                .recurrence
                .as_ref()
                .map_or(0, |recurrence| recurrence.rrule.len());
            let labels: usize = task.labels.iter().map(String::len).sum();
            task.title.len() + task.notes.len() + labels + rule
        };
        let tasks: usize = self.tasks.iter().map(of_task).sum();
        let lists: usize = self.lists.iter().map(|held| held.list.title.len()).sum();
        [self.tasks.len(), self.lists.len(), tasks + lists].map(|count| i64::try_from(count).expect("few"))
    }
}

/// Empty values come last in both directions.
fn turned<T: Ord>(one: Option<T>, other: Option<T>, descending: bool) -> Ordering {
    let is_empty = one.is_none().cmp(&other.is_none());
    is_empty.then_with(|| match descending {
        true => Reverse(one).cmp(&Reverse(other)),
        false => one.cmp(&other),
    })
}

/// By civil date and time as written; a whole day comes before its hours.
fn due(task: &pb::Task) -> Option<(NaiveDate, Option<chrono::NaiveTime>)> {
    task.due.as_ref().map(|due| (day(due), time(due)))
}

fn priority(task: &pb::Task) -> Option<i32> {
    Some(task.priority).filter(|priority| *priority != 0)
}

fn seconds(time: Option<prost_types::Timestamp>) -> Option<i64> {
    time.map(|time| time.seconds)
}
