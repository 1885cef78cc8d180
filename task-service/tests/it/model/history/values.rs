//! Names and values, so few that people meet each other's and their own again.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::{Index, select};
use uuid::Uuid;

use super::super::memory::Filter;

/// An id that nobody ever gets.
pub(in super::super) const NEVER: Uuid = Uuid::from_u128(0x0193_a0b0_0000_7000_8000_0000_0000_0001);

/// Those that tasks get have white space around one of them.
pub(in super::super) const LABELS: [&str; 5] = ["home", "work", "Home", " errand ", "garden"];
/// What is searched for; none is a slip of another.
pub(in super::super) const WORDS: [&str; 6] = ["apple", "birch", "cedar", "app", "birch apple", "walnut"];
/// No clocks are ever changed there.
pub(in super::super) const ZONES: [&str; 3] = ["", "Pacific/Kiritimati", "Etc/GMT+12"];

/// Some object: an own one, one of those that stand last or somehow, or anybody's of any kind.
#[derive(Debug, Clone)]
pub(in super::super) struct Pick {
    pub(in super::super) whose: Whose,
    pub(in super::super) index: Index,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Whose {
    OwnNewest,
    Own,
    /// In the trash.
    Trashed,
    /// Of tasks one that comes again.
    Recurring,
    Anybodys,
}

#[derive(Debug, Clone)]
pub(in super::super) struct Target {
    pub(in super::super) pick: Pick,
    pub(in super::super) etag: Etag,
}

#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Etag {
    None,
    Current,
    Stale,
}

/// The id of something new.
#[derive(Debug, Clone)]
pub(in super::super) enum Chosen {
    ByServer,
    Fresh(Uuid),
    /// One that somebody has already.
    Used(Pick),
}

#[derive(Debug, Clone)]
pub(in super::super) enum Parent {
    None,
    Some(Pick),
    /// The one before in the same batch, if that chose its id.
    Previous,
}

/// What is said of a task; `None` says nothing.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Fields {
    pub(in super::super) title: Option<usize>,
    pub(in super::super) notes: Option<usize>,
    pub(in super::super) priority: Option<i32>,
    pub(in super::super) labels: Option<Vec<&'static str>>,
    pub(in super::super) start: Option<Option<Date>>,
    pub(in super::super) due: Option<Option<Date>>,
    pub(in super::super) rule: Option<Option<Rule>>,
}

/// How an update names the fields.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Masked {
    Named,
    Unsaid,
    All,
    /// One that has a method of its own.
    Wrong,
}

#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Date {
    /// From today.
    pub(in super::super) days: i64,
    pub(in super::super) hour: Option<i32>,
    pub(in super::super) zone: &'static str,
}

#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Rule {
    pub(in super::super) number: usize,
    pub(in super::super) basis: i32,
}

/// The rule; `until` is some day.
pub(in super::super) fn rrule(rule: Rule, until: chrono::NaiveDate) -> String {
    match rule.number {
        0 => "FREQ=DAILY".to_owned(),
        1 => "FREQ=DAILY;INTERVAL=3".to_owned(),
        2 => "freq=weekly".to_owned(),
        3 => "FREQ=WEEKLY;INTERVAL=2".to_owned(),
        4 => "FREQ=DAILY;COUNT=2".to_owned(),
        5 => "FREQ=WEEKLY;COUNT=3".to_owned(),
        6 => "FREQ=MONTHLY;BYMONTHDAY=1".to_owned(),
        _ => format!("FREQ=DAILY;UNTIL={}", until.format("%Y%m%d")),
    }
}

/// Titles say whose they are, so that one in the wrong hands is a difference. The last is wrong.
pub(in super::super) fn title(number: usize, who: usize) -> String {
    let titles = ["alpha apple", "Beta birch", "  beta cedar", "Gamma Apple birch"];
    titles
        .get(number)
        .map_or_else(String::new, |title| format!("{title} of {who} "))
}

/// Whether a title says that it is this person's.
pub(in super::super) fn is_title_of(title: &str, who: usize) -> bool {
    title.ends_with(&format!(" of {who}"))
}

pub(in super::super) fn notes(number: usize) -> String {
    ["", "cedar wood", "B\u{fc}ro"][number].to_owned()
}

pub(in super::super) fn request_id(repeat: usize) -> String {
    Uuid::from_u128(0x0193_a0b0_0000_7000_8000_0000_0000_0100 + repeat as u128).to_string()
}

pub(super) fn index() -> impl Strategy<Value = Index> {
    any::<Index>()
}

pub(super) fn pick() -> BoxedStrategy<Pick> {
    mostly(Whose::OwnNewest)
}

/// One of those, any own one or anybody's.
fn mostly(whose: Whose) -> BoxedStrategy<Pick> {
    let whose = prop_oneof![
        6 => Just(whose),
        4 => Just(Whose::Own),
        1 => Just(Whose::Anybodys),
    ];
    (whose, index())
        .prop_map(|(whose, index)| Pick { whose, index })
        .boxed()
}

pub(super) fn target() -> BoxedStrategy<Target> {
    target_of(pick())
}

/// Mostly one that is in the trash.
pub(super) fn trashed() -> BoxedStrategy<Target> {
    target_of(mostly(Whose::Trashed))
}

/// Mostly one that comes again.
pub(super) fn recurring() -> BoxedStrategy<Target> {
    target_of(mostly(Whose::Recurring))
}

fn target_of(pick: BoxedStrategy<Pick>) -> BoxedStrategy<Target> {
    let etag = prop_oneof![6 => Just(Etag::None), 3 => Just(Etag::Current), 1 => Just(Etag::Stale)];
    (pick, etag)
        .prop_map(|(pick, etag)| Target { pick, etag })
        .boxed()
}

pub(super) fn repeats() -> impl Strategy<Value = Option<usize>> {
    prop_oneof![1 => Just(None), 1 => (0..40_usize).prop_map(Some)]
}

pub(super) fn chosen() -> BoxedStrategy<Chosen> {
    // UUIDs of version 8, apart from those that the server makes.
    let fresh = any::<u64>().prop_map(|low| Uuid::from_u64_pair(0x0193_a0b0_0000_8000, low | 1 << 63));
    prop_oneof![
        6 => Just(Chosen::ByServer),
        4 => fresh.prop_map(Chosen::Fresh),
        1 => pick().prop_map(Chosen::Used),
    ]
    .boxed()
}

/// And whether it is insisted on where a parent is named too.
pub(super) fn list_pick() -> impl Strategy<Value = Option<(Pick, bool)>> {
    option::of((pick(), prop_oneof![4 => Just(false), 1 => Just(true)]))
}

pub(super) fn parent() -> impl Strategy<Value = Parent> {
    prop_oneof![
        3 => Just(Parent::None),
        4 => pick().prop_map(Parent::Some),
        1 => Just(Parent::Previous),
    ]
}

/// Of an update: any.
pub(super) fn fields() -> BoxedStrategy<Fields> {
    (
        option::weighted(0.4, titles()),
        option::weighted(0.2, 0..3_usize),
        option::weighted(0.3, 0..5),
        option::weighted(0.4, task_labels()),
        option::weighted(0.2, option::of(date())),
        option::weighted(0.3, option::weighted(0.8, date())),
        option::weighted(0.2, option::weighted(0.7, rule())),
    )
        .prop_map(|(title, notes, priority, labels, start, due, rule)| Fields {
            title,
            notes,
            priority,
            labels,
            start,
            due,
            rule,
        })
        .boxed()
}

/// Of a new task: a title, and hardly a rule without a due.
pub(super) fn new_fields() -> BoxedStrategy<Fields> {
    let timing = prop_oneof![
        4 => Just((None, None)),
        3 => date().prop_map(|due| (Some(Some(due)), None)),
        5 => (date(), rule()).prop_map(|(due, rule)| (Some(Some(due)), Some(Some(rule)))),
        1 => rule().prop_map(|rule| (None, Some(Some(rule)))),
    ];
    (titles(), fields(), timing)
        .prop_map(|(title, fields, (due, rule))| Fields {
            title: Some(title),
            due,
            rule,
            ..fields
        })
        .boxed()
}

fn titles() -> impl Strategy<Value = usize> {
    prop_oneof![20 => 0..4_usize, 1 => Just(4)]
}

fn task_labels() -> impl Strategy<Value = Vec<&'static str>> {
    vec(select(&LABELS[..]), 0..4)
}

fn date() -> BoxedStrategy<Date> {
    (-3..7_i64, option::of(0..24), select(&ZONES[..]))
        .prop_map(|(days, hour, zone)| Date { days, hour, zone })
        .boxed()
}

fn rule() -> impl Strategy<Value = Rule> {
    (0..8_usize, 0..3).prop_map(|(number, basis)| Rule { number, basis })
}

pub(super) fn filters() -> BoxedStrategy<Filter<Pick>> {
    let labels = || select(&["home", "Home", "garden"][..]);
    // Days are counted from the beginning of all histories.
    let days = (0..20_u64).prop_map(|days| {
        let first = chrono::NaiveDate::from_ymd_opt(2026, 11, 19).expect("a day");
        first + chrono::Days::new(days)
    });
    prop_oneof![
        4 => Just(Filter::Everything),
        1 => Just(Filter::Open),
        1 => Just(Filter::NotDone),
        1 => Just(Filter::High),
        1 => Just(Filter::MediumOrMore),
        1 => labels().prop_map(Filter::Labelled),
        1 => labels().prop_map(Filter::NotLabelled),
        1 => labels().prop_map(Filter::OpenAndLabelledOrHigh),
        1 => select(&["beta", "apple"][..]).prop_map(Filter::Titled),
        2 => pick().prop_map(Filter::InList),
        1 => pick().prop_map(Filter::NotInList),
        1 => Just(Filter::InInbox),
        1 => pick().prop_map(Filter::PartOf),
        1 => Just(Filter::Part),
        1 => Just(Filter::HasDue),
        1 => days.prop_map(Filter::DueBefore),
        1 => Just(Filter::Overdue),
    ]
    .boxed()
}
