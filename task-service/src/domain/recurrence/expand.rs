//! The library, kept to civil values: it reckons in UTC, where no day is short and no hour is missing, and never sees a
//! zone. Each call is bounded: the years it works in end at most 800 years later.

use chrono::{Datelike as _, NaiveDateTime, TimeDelta, TimeZone as _};
use rrule::{Frequency, NWeekday, RRule, RRuleSet, Tz, Unvalidated};

use super::rule::Rule;

/// The calendar repeats: after 400 years every date has its day of the week again.
const CYCLE_YEARS: i64 = 400;
const CYCLE_DAYS: i64 = 146_097;
/// The cycle to reckon in. The library stops at the year 10,000, which is 400 to 800 years on.
const LAST_CYCLE: i64 = 9_200 / CYCLE_YEARS;

/// The first date and time after `from` and other than `not`, as the rule counts from `from`. None when there is none in
/// the next 400 years. The year can be above 9999.
pub(super) fn first_after(
    rule: &Rule,
    from: NaiveDateTime,
    not: Option<NaiveDateTime>,
) -> Option<NaiveDateTime> {
    let cycles = LAST_CYCLE - i64::from(from.year()).div_euclid(CYCLE_YEARS);
    let shift = TimeDelta::days(cycles * CYCLE_DAYS);
    let from = from + shift;

    let mut every = rule.every.clone();
    if is_never_the_day(&every, from) {
        return None;
    }
    if every.get_freq() == Frequency::Daily && !every.get_by_month_day().is_empty() {
        // Every such day of a year is the same, in far fewer steps; the interval is one.
        every = every.freq(Frequency::Yearly);
    }
    let mut start = from;
    if every.get_freq() == Frequency::Weekly {
        if every.get_by_weekday().is_empty() {
            every = every.by_weekday(vec![NWeekday::Every(from.weekday())]);
        }
        // From the week's first day on, since BYSETPOS counts in whole weeks and the library's first one begins here.
        let into_week = from.weekday().days_since(every.get_week_start());
        start -= TimeDelta::days(i64::from(into_week));
    }
    let start = Tz::UTC.from_utc_datetime(&start);
    let every = every.validate(start).ok()?;
    RRuleSet::new(start)
        .rrule(every)
        .limit()
        .into_iter()
        .map(|at| at.naive_utc())
        .find(|at| *at > from && not.is_none_or(|not| *at != not + shift))
        .map(|at| at - shift)
}

/// Whole weeks from day to day, and never one that is asked for: found out here, it costs nothing.
fn is_never_the_day(every: &RRule<Unvalidated>, from: NaiveDateTime) -> bool {
    let days = every.get_by_weekday();
    every.get_freq() == Frequency::Daily
        && every.get_interval().is_multiple_of(7)
        && !days.is_empty()
        && !days.contains(&NWeekday::Every(from.weekday()))
}
