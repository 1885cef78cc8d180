//! Recurrence rules by the letter of RFC 5545, day by day and far too slow: what the library is compared with.

use chrono::{Datelike as _, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Weekday};

/// How far the reference looks.
pub(super) const YEARS: i32 = 20;

pub(super) const DAY_NAMES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Every {
    Year,
    Month,
    Week,
    Day,
}

/// The parts of a rule. Empty means that the part is not there.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub(super) every: Every,
    pub(super) interval: u32,
    pub(super) week_start: Weekday,
    pub(super) months: Vec<u32>,
    pub(super) month_days: Vec<i32>,
    pub(super) year_days: Vec<i32>,
    pub(super) weeks: Vec<i32>,
    /// A number of 0 is none.
    pub(super) days: Vec<(i32, Weekday)>,
    pub(super) hours: Vec<u32>,
    pub(super) minutes: Vec<u32>,
    pub(super) places: Vec<i32>,
}

impl Spec {
    /// With no other part.
    pub(super) fn every(every: Every) -> Self {
        Self {
            every,
            interval: 1,
            week_start: Weekday::Mon,
            months: vec![],
            month_days: vec![],
            year_days: vec![],
            weeks: vec![],
            days: vec![],
            hours: vec![],
            minutes: vec![],
            places: vec![],
        }
    }

    pub(super) fn text(&self) -> String {
        let every = match self.every {
            Every::Year => "YEARLY",
            Every::Month => "MONTHLY",
            Every::Week => "WEEKLY",
            Every::Day => "DAILY",
        };
        let start = DAY_NAMES[self.week_start.num_days_from_monday() as usize];
        let mut text = format!("FREQ={every};INTERVAL={};WKST={start}", self.interval);
        let name = |(number, day): &(i32, Weekday)| {
            let name = DAY_NAMES[day.num_days_from_monday() as usize];
            match number {
                0 => name.to_owned(),
                number => format!("{number}{name}"),
            }
        };
        let days: Vec<_> = self.days.iter().map(name).collect();
        add(&mut text, "BYMONTH", &self.months);
        add(&mut text, "BYMONTHDAY", &self.month_days);
        add(&mut text, "BYYEARDAY", &self.year_days);
        add(&mut text, "BYWEEKNO", &self.weeks);
        add(&mut text, "BYDAY", &days);
        add(&mut text, "BYHOUR", &self.hours);
        add(&mut text, "BYMINUTE", &self.minutes);
        add(&mut text, "BYSETPOS", &self.places);
        text
    }

    /// The first one after `from`, as the rule counts from `from`.
    pub(super) fn first_after(&self, from: NaiveDateTime) -> Option<NaiveDateTime> {
        let end = from.year() + YEARS;
        for turn in 0.. {
            let (first, days) = self.period(from, turn * self.interval);
            if first.year() > end {
                return None;
            }
            let mut found: Vec<_> = (0..days)
                .filter_map(|day| first.checked_add_days(Days::new(day)))
                .filter(|day| self.has_day(*day, from))
                .flat_map(|day| self.times(day, from))
                .collect();
            found.sort_unstable();
            found.dedup();
            if !self.places.is_empty() {
                found = self.placed(&found);
            }
            if let Some(at) = found.into_iter().find(|at| *at > from) {
                return Some(at);
            }
        }
        None
    }

    /// The days of a period: its first one and how many.
    fn period(&self, from: NaiveDateTime, steps: u32) -> (NaiveDate, u64) {
        let date = from.date();
        match self.every {
            Every::Year => {
                let year = date.year() + i32::try_from(steps).unwrap();
                let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
                (first, if first.leap_year() { 366 } else { 365 })
            }
            Every::Month => {
                let first = date.with_day(1).unwrap() + Months::new(steps);
                (first, u64::from(days_in_month(first)))
            }
            Every::Week => {
                let into = u64::from(date.weekday().days_since(self.week_start));
                (date - Days::new(into) + Days::new(7 * u64::from(steps)), 7)
            }
            Every::Day => (date + Days::new(u64::from(steps)), 1),
        }
    }

    fn times(&self, day: NaiveDate, from: NaiveDateTime) -> Vec<NaiveDateTime> {
        let or = |given: &[u32], own: u32| match given {
            [] => vec![own],
            given => given.to_vec(),
        };
        let hours = or(&self.hours, from.hour());
        let minutes = or(&self.minutes, from.minute());
        hours
            .iter()
            .flat_map(|hour| {
                minutes
                    .iter()
                    .map(|minute| NaiveTime::from_hms_opt(*hour, *minute, from.second()))
            })
            .map(|time| day.and_time(time.unwrap()))
            .collect()
    }

    fn placed(&self, found: &[NaiveDateTime]) -> Vec<NaiveDateTime> {
        let count = i32::try_from(found.len()).unwrap();
        let mut placed: Vec<_> = self
            .places
            .iter()
            .map(|place| if *place > 0 { place - 1 } else { count + place })
            .filter_map(|at| found.get(usize::try_from(at).ok()?).copied())
            .collect();
        placed.sort_unstable();
        placed
    }

    fn has_day(&self, day: NaiveDate, from: NaiveDateTime) -> bool {
        let in_month = i32::try_from(days_in_month(day)).unwrap();
        let in_year = if day.leap_year() { 366 } else { 365 };
        let (month_day, year_day) = (day.day().cast_signed(), day.ordinal().cast_signed());
        let has = |list: &[i32], number: i32, of: i32| {
            list.is_empty() || list.contains(&number) || list.contains(&(number - of - 1))
        };
        let says_day = !(self.month_days.is_empty()
            && self.year_days.is_empty()
            && self.weeks.is_empty()
            && self.days.is_empty());
        let implied = says_day
            || match self.every {
                Every::Year => {
                    day.day() == from.day() && (!self.months.is_empty() || day.month() == from.month())
                }
                Every::Month => day.day() == from.day(),
                Every::Week => day.weekday() == from.weekday(),
                Every::Day => true,
            };
        implied
            && (self.months.is_empty() || self.months.contains(&day.month()))
            && has(&self.month_days, month_day, in_month)
            && has(&self.year_days, year_day, in_year)
            && self.has_week(day)
            && (self.days.is_empty() || self.days.iter().any(|wanted| self.has_weekday(day, *wanted)))
    }

    fn has_week(&self, day: NaiveDate) -> bool {
        let (year, number) = self.week(day);
        let last = NaiveDate::from_ymd_opt(year, 12, 28).unwrap();
        let of = self.week(last).1;
        self.weeks.is_empty() || self.weeks.contains(&number) || self.weeks.contains(&(number - of - 1))
    }

    /// The year and number of a day's week: a week belongs to the year that has its fourth day.
    fn week(&self, day: NaiveDate) -> (i32, i32) {
        let fourth = day - Days::new(u64::from(day.weekday().days_since(self.week_start))) + Days::new(3);
        (fourth.year(), (fourth.ordinal0() / 7 + 1).cast_signed())
    }

    fn has_weekday(&self, day: NaiveDate, (number, weekday): (i32, Weekday)) -> bool {
        if day.weekday() != weekday {
            return false;
        }
        let (before, behind) = match self.every {
            Every::Year if self.months.is_empty() => (
                day.ordinal0(),
                (if day.leap_year() { 366 } else { 365 }) - day.ordinal(),
            ),
            _ => (day.day0(), days_in_month(day) - day.day()),
        };
        match number {
            0 => true,
            number if number > 0 => (before / 7 + 1).cast_signed() == number,
            number => (behind / 7 + 1).cast_signed() == -number,
        }
    }
}

fn add(text: &mut String, name: &str, values: &[impl ToString]) {
    if !values.is_empty() {
        let values: Vec<_> = values.iter().map(ToString::to_string).collect();
        *text += &format!(";{name}={}", values.join(","));
    }
}

fn days_in_month(day: NaiveDate) -> u32 {
    let first = day.with_day(1).unwrap();
    u32::try_from((first + Months::new(1) - first).num_days()).unwrap()
}
