//! Rules against a reference by the letter of the standard, and rules that nobody should have to wait for.

mod reference;

use std::time::Instant;

use chrono::{NaiveDate, NaiveDateTime, Weekday};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use reference::{Every, Spec};

fn at(text: &str) -> NaiveDateTime {
    format!("{text}:00").parse().unwrap()
}

fn some<T: std::fmt::Debug + Clone>(
    values: impl Strategy<Value = T>,
    most: usize,
) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![2 => Just(vec![]), 1 => vec(values, 1..=most)]
}

fn numbers(most: i32) -> impl Strategy<Value = i32> {
    prop_oneof![1..=most, -most..=-1]
}

fn weekdays() -> impl Strategy<Value = Weekday> {
    (0u8..7).prop_map(|day| Weekday::try_from(day).unwrap())
}

/// Days of the week that are all counted, or none.
fn days(most: i32) -> impl Strategy<Value = Vec<(i32, Weekday)>> {
    let counted = prop_oneof![numbers(most)];
    prop_oneof![some((Just(0), weekdays()), 5), vec((counted, weekdays()), 1..3),]
}

fn specs() -> impl Strategy<Value = Spec> {
    let every = prop_oneof![
        Just(Every::Year),
        Just(Every::Month),
        Just(Every::Week),
        Just(Every::Day),
    ];
    let which = (
        some(1u32..=12, 3),
        some(numbers(31), 3),
        some(numbers(366), 3),
        some(numbers(53), 2),
    );
    let times = (some(0u32..24, 3), some(0u32..60, 2));
    (
        every,
        1u32..6,
        weekdays(),
        which,
        days(5),
        times,
        some(numbers(5), 2),
    )
        .prop_map(
            |(
                every,
                interval,
                week_start,
                (months, month_days, year_days, weeks),
                days,
                (hours, minutes),
                places,
            )| {
                let mut spec = Spec {
                    every,
                    interval,
                    week_start,
                    months,
                    month_days,
                    year_days,
                    weeks,
                    days,
                    hours,
                    minutes,
                    places,
                };
                // What the standard does not allow together.
                if !matches!(every, Every::Year | Every::Month) {
                    spec.days.iter_mut().for_each(|day| day.0 = 0);
                }
                if every == Every::Week {
                    spec.month_days.clear();
                }
                if every != Every::Year {
                    spec.year_days.clear();
                }
                if every != Every::Year || spec.days.is_empty() {
                    spec.weeks.clear();
                }
                if !spec.weeks.is_empty() {
                    spec.days.iter_mut().for_each(|day| day.0 = 0);
                }
                spec
            },
        )
}

fn civil() -> impl Strategy<Value = NaiveDateTime> {
    (1970i32..2400, 1u32..=366, 0u32..86_400).prop_map(|(year, day, second)| {
        let date = NaiveDate::from_yo_opt(year, day).or(NaiveDate::from_yo_opt(year, 365));
        date.unwrap()
            .and_time(chrono::NaiveTime::from_num_seconds_from_midnight_opt(second, 0).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_next_occurrence_is_that_of_the_standard(spec in specs(), from in civil()) {
        let text = spec.text();
        let Ok(rule) = Rule::parse(&text) else {
            return Ok(());
        };
        let near = |at: &NaiveDateTime| at.year() < from.year() + reference::YEARS;
        let found = expand::first_after(&rule, from, None);
        prop_assert!(found.is_none_or(|found| found > from), "{text} from {from}");
        prop_assert_eq!(
            found.filter(near),
            spec.first_after(from).filter(near),
            "{} from {}", text, from
        );
        prop_assert_eq!(expand::first_after(&rule, from, None), found, "the same each time");
    }

    #[test]
    fn a_zone_changes_nothing_of_the_next_due(
        spec in specs(),
        from in civil(),
        zone in prop::sample::select(&ZONES[..]),
    ) {
        let Ok(rule) = Recurrence::parse(&spec.text(), Basis::Due) else {
            return Ok(());
        };
        let due = |zone: Option<&str>| When {
            date: from.date(),
            time: Some(from.time()),
            zone: zone.map(str::to_owned),
        };
        let next = |due: &When| rule.next(due, 1, DateTime::UNIX_EPOCH, Tz::UTC).unwrap();
        let (zoned, floating) = (next(&due(Some(zone))), next(&due(None)));
        prop_assert_eq!(zoned.as_ref().map(When::civil), floating.as_ref().map(When::civil));
        prop_assert!(zoned.is_none_or(|next| next.zone.as_deref() == Some(zone)));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = Recurrence::parse(&text, Basis::Due);
    }

    #[test]
    fn no_rule_gone_wrong_makes_the_reader_or_the_expansion_panic(
        spec in specs(),
        from in civil(),
        at in any::<prop::sample::Index>(),
        with in prop_oneof!["[A-Z0-9;=,+-]{0,6}", "\\PC{0,3}"],
    ) {
        let text: Vec<char> = spec.text().chars().collect();
        let (before, behind) = text.split_at(at.index(text.len()));
        let behind = behind.iter().skip(with.chars().count());
        let text: String = before.iter().copied().chain(with.chars()).chain(behind.copied()).collect();
        if let Ok(kept) = Recurrence::parse(&text, Basis::Due) {
            let again = Recurrence::parse(kept.rrule(), Basis::Due);
            prop_assert_eq!(again.as_ref(), Ok(&kept), "what is kept reads as itself");
            let due = When { date: from.date(), time: Some(from.time()), zone: None };
            let _ = kept.check(&due);
        }
    }
}

const ZONES: [&str; 6] = [
    "Europe/Zurich",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
];

#[test]
fn weeks_of_the_year_are_right_around_every_new_year() {
    for (year, start, week) in (1990..2030)
        .flat_map(|year| (0u8..7).map(move |start| (year, start)))
        .flat_map(|(year, start)| [1, 51, -1, -51].map(|week| (year, start, week)))
    {
        let spec = Spec {
            week_start: Weekday::try_from(start).unwrap(),
            weeks: vec![week],
            days: (0u8..7).map(|day| (0, Weekday::try_from(day).unwrap())).collect(),
            ..Spec::every(Every::Year)
        };
        let from = NaiveDate::from_ymd_opt(year, 12, 20)
            .unwrap()
            .and_time(chrono::NaiveTime::MIN);
        let rule = Rule::parse(&spec.text()).unwrap();
        assert_eq!(
            expand::first_after(&rule, from, None),
            spec.first_after(from),
            "{} from {from}",
            spec.text()
        );
    }
}

/// The next five after that.
fn run(rule: &str, from: &str) -> Vec<String> {
    let rule = Rule::parse(rule).unwrap();
    let next = |from: &NaiveDateTime| expand::first_after(&rule, *from, None);
    std::iter::successors(next(&at(from)), next)
        .take(5)
        .map(|at| at.format("%Y-%m-%dT%H:%M").to_string())
        .collect()
}

#[test]
fn the_last_day_of_a_month_stays_the_last() {
    let ends = run("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-12-31T00:00");
    assert_eq!(
        ends.map_days(),
        [
            "2028-01-31",
            "2028-02-29",
            "2028-03-31",
            "2028-04-30",
            "2028-05-31"
        ]
    );
    let long = run("FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-31T00:00");
    assert_eq!(
        long.map_days(),
        [
            "2027-01-31",
            "2027-03-31",
            "2027-05-31",
            "2027-07-31",
            "2027-08-31"
        ]
    );
}

#[test]
fn a_leap_day_comes_in_leap_years_only() {
    let leap = run("FREQ=YEARLY", "2088-02-29T00:00");
    assert_eq!(
        leap.map_days(),
        [
            "2092-02-29",
            "2096-02-29",
            "2104-02-29",
            "2108-02-29",
            "2112-02-29"
        ],
        "2100 is none"
    );
}

#[test]
fn places_count_in_whole_weeks() {
    let second = run("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", "2026-11-25T00:00");
    assert_eq!(
        second.map_days()[0],
        "2026-12-02",
        "the Wednesday, whichever day it counts from"
    );
}

#[test]
fn hours_of_a_day_come_one_after_the_other() {
    let doses = run("FREQ=DAILY;BYHOUR=8,20", "2026-12-01T08:15");
    assert_eq!(
        doses[..3],
        ["2026-12-01T20:15", "2026-12-02T08:15", "2026-12-02T20:15"]
    );
}

trait Days {
    fn map_days(&self) -> Vec<&str>;
}

impl Days for Vec<String> {
    fn map_days(&self) -> Vec<&str> {
        self.iter().map(|at| &at[..10]).collect()
    }
}

#[test]
fn no_rule_is_worked_on_for_long() {
    let hours = "BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23";
    let rules = [
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=364;BYMONTH=2;BYDAY=WE",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
        "FREQ=MONTHLY;BYMONTHDAY=1,2,3,4,5,6,7;BYDAY=5MO,5TU,5WE,5TH,5FR,5SA,5SU",
        "FREQ=MONTHLY;BYMONTH=2;BYDAY=MO;BYSETPOS=31",
        "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2",
        "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=1;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=1000;BYMONTH=2",
        "FREQ=YEARLY;BYMONTH=1;BYDAY=MO;BYSETPOS=300,301,302,303,304,305,306,307,308,309,310",
        &format!("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;{hours}"),
        &format!("FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2;{hours}"),
        &format!("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;{hours};BYSETPOS=53,-53"),
    ];
    for text in rules {
        let rule = Rule::parse(text).unwrap();
        for from in ["2026-11-24T10:00", "2001-01-02T00:00", "2399-12-31T23:00"] {
            let started = Instant::now();
            let _ = expand::first_after(&rule, at(from), None);
            // A few milliseconds where code is optimised; the rest is for a busy machine.
            let took = started.elapsed();
            assert!(took.as_millis() < 2_000, "{text} from {from} took {took:?}");
        }
    }
}
