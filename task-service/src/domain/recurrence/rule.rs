//! The text of a rule, read strictly. The library's own reader takes `99999MO` for every Monday and reads an UNTIL in the
//! server's zone; so only its builder is used, and what it would get wrong is refused here.

use std::ops::RangeInclusive;

use chrono::{DateTime, Month, NaiveDate, NaiveDateTime, TimeZone as _, Utc, Weekday};
use rrule::{Frequency, NWeekday, RRule, Tz, Unvalidated};

use super::super::{Complaint, When};

/// The longest step of a rule, in its own unit.
const LONGEST_INTERVAL: u16 = 1_000;
/// The longest step in years: the expansion looks 400 years ahead.
const LONGEST_INTERVAL_YEARS: u16 = 100;
/// How often a rule can come in a day: a year of it is made in one step.
const MOST_TIMES_A_DAY: usize = 24;
/// The longest every month can be.
const MONTH_DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const MALFORMED: Complaint = "This is not a rule; write it like FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH.";

/// A rule, and the two parts of it that are not left to the library: it would count them from every new due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// How it comes.
    pub(super) every: RRule<Unvalidated>,
    /// How often.
    pub(super) count: Option<i32>,
    /// Until when, inclusive.
    pub(super) until: Option<Until>,
}

/// The end of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// A day.
    Day(NaiveDate),
    /// A date and time as written.
    Civil(NaiveDateTime),
    /// A point in time.
    Instant(DateTime<Utc>),
}

impl Rule {
    /// Reads a rule in capitals.
    pub(super) fn parse(text: &str) -> Result<Self, Complaint> {
        let mut rule = Self {
            every: RRule::default(),
            count: None,
            until: None,
        };
        let mut names = Vec::new();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or(MALFORMED)?;
            if names.contains(&name) {
                return Err("A part of the rule is there twice; name each once.");
            }
            names.push(name);
            rule.read(name, value)?;
        }
        if !names.contains(&"FREQ") {
            return Err("FREQ is missing; give YEARLY, MONTHLY, WEEKLY or DAILY.");
        }
        if rule.count.is_some() && rule.until.is_some() {
            return Err("COUNT and UNTIL exclude each other; give one of them.");
        }
        rule.check()?;
        Ok(rule)
    }

    fn read(&mut self, name: &str, value: &str) -> Result<(), Complaint> {
        let every = std::mem::take(&mut self.every);
        self.every = match name {
            "FREQ" => every.freq(frequency(value)?),
            "INTERVAL" => every.interval(
                number(value)
                    .ok_or("INTERVAL is wrong; give a number from 1 to 1000, of years up to 100.")?,
            ),
            "COUNT" => {
                let count = number(value).filter(|count| *count > 0);
                self.count = Some(count.ok_or("COUNT is wrong; give a number from 1.")?);
                every
            }
            "UNTIL" => {
                let until = Until::parse(value);
                self.until =
                    Some(until.ok_or("UNTIL is wrong; write it like 20261231 or 20261231T235959Z.")?);
                every
            }
            "WKST" => every.week_start(
                weekday(value).ok_or("WKST is wrong; give one of MO, TU, WE, TH, FR, SA or SU.")?,
            ),
            "BYDAY" => every.by_weekday(
                days(value)
                    .ok_or("BYDAY is wrong; give days such as MO,WE or counted ones such as 1MO,-1FR.")?,
            ),
            "BYMONTH" => {
                let months = unsigned(value, 1..=12).ok_or("BYMONTH is wrong; give months from 1 to 12.")?;
                let months: Vec<_> = months.into_iter().flat_map(Month::try_from).collect();
                every.by_month(&months)
            }
            "BYMONTHDAY" => {
                let days = signed(value, 31);
                every.by_month_day(days.ok_or("BYMONTHDAY is wrong; give days from 1 to 31 or -31 to -1.")?)
            }
            "BYYEARDAY" => {
                let days = signed(value, 366);
                every.by_year_day(days.ok_or("BYYEARDAY is wrong; give days from 1 to 366 or -366 to -1.")?)
            }
            "BYWEEKNO" => {
                // The library is wrong about the others around New Year.
                let weeks = signed(value, 51);
                every.by_week_no(weeks.ok_or("BYWEEKNO is wrong; give weeks from 1 to 51 or -51 to -1.")?)
            }
            "BYSETPOS" => {
                let places = signed(value, 366);
                every.by_set_pos(places.ok_or("BYSETPOS is wrong; give places from 1 to 366 or -366 to -1.")?)
            }
            "BYHOUR" => {
                every.by_hour(unsigned(value, 0..=23).ok_or("BYHOUR is wrong; give hours from 0 to 23.")?)
            }
            "BYMINUTE" => every
                .by_minute(unsigned(value, 0..=59).ok_or("BYMINUTE is wrong; give minutes from 0 to 59.")?),
            "BYSECOND" => every
                .by_second(unsigned(value, 0..=59).ok_or("BYSECOND is wrong; give seconds from 0 to 59.")?),
            "DTSTART" | "EXDATE" | "RDATE" | "EXRULE" => {
                return Err(
                    "The due date is the start, and no days are added or taken out; give the rule alone.",
                );
            }
            _ => return Err("A part of the rule is not known; use those of RFC 5545, section 3.3.10."),
        };
        Ok(())
    }

    /// What the standard forbids, what the library would get wrong, and what could never be.
    fn check(&self) -> Result<(), Complaint> {
        let (every, freq) = (&self.every, self.every.get_freq());
        let longest = match freq {
            Frequency::Yearly => LONGEST_INTERVAL_YEARS,
            _ => LONGEST_INTERVAL,
        };
        if !(1..=longest).contains(&every.get_interval()) {
            return Err("INTERVAL is wrong; give a number from 1 to 1000, of years up to 100.");
        }
        let days = every.get_by_weekday();
        let counted = days.iter().filter(|day| matches!(day, NWeekday::Nth(..))).count();
        let is_counted = counted > 0;
        if is_counted && counted < days.len() {
            return Err("BYDAY has counted days and others; give all of them a number, or none.");
        }
        if is_counted && !matches!(freq, Frequency::Yearly | Frequency::Monthly) {
            return Err("Counted days in BYDAY need FREQ=MONTHLY or FREQ=YEARLY; leave the numbers out.");
        }
        let weeks = every.get_by_week_no();
        if !weeks.is_empty() && (freq != Frequency::Yearly || is_counted || days.is_empty()) {
            return Err("BYWEEKNO needs FREQ=YEARLY, and BYDAY with days that are not counted.");
        }
        if !every.get_by_month_day().is_empty() && freq == Frequency::Weekly {
            return Err("BYMONTHDAY has no meaning in a week; use BYDAY, or FREQ=MONTHLY.");
        }
        if !every.get_by_year_day().is_empty() && freq != Frequency::Yearly {
            return Err("BYYEARDAY needs FREQ=YEARLY.");
        }
        if freq == Frequency::Daily && !every.get_by_set_pos().is_empty() {
            return Err("BYSETPOS has no use in a day; name the times with BYHOUR.");
        }
        if freq == Frequency::Daily && every.get_interval() > 1 && !every.get_by_month_day().is_empty() {
            return Err(
                "Some days of the month and every so many days seldom meet; use FREQ=MONTHLY, or leave INTERVAL out.",
            );
        }
        let times = every.get_by_hour().len().max(1)
            * every.get_by_minute().len().max(1)
            * every.get_by_second().len().max(1);
        if times > MOST_TIMES_A_DAY {
            return Err("BYHOUR, BYMINUTE and BYSECOND make over 24 times; give fewer.");
        }
        self.check_places(times)?;
        self.check_month_days()?;
        match every.clone().validate(Tz::UTC.timestamp_nanos(0)) {
            Ok(_) => Ok(()),
            Err(_) => Err("BYDAY or BYSETPOS counts too far; in a month count days from 1 to 5 or -1 to -4."),
        }
    }

    fn check_places(&self, times: usize) -> Result<(), Complaint> {
        let every = &self.every;
        let furthest = every
            .get_by_set_pos()
            .iter()
            .map(|place| place.unsigned_abs())
            .max();
        let Some(furthest) = furthest else {
            return Ok(());
        };
        let is_alone = every.get_by_month().is_empty()
            && every.get_by_month_day().is_empty()
            && every.get_by_year_day().is_empty()
            && every.get_by_week_no().is_empty()
            && every.get_by_weekday().is_empty()
            && every.get_by_hour().is_empty()
            && every.get_by_minute().is_empty()
            && every.get_by_second().is_empty();
        if is_alone {
            return Err("BYSETPOS chooses among other parts; give one of them too, such as BYDAY.");
        }
        let days = match every.get_freq() {
            Frequency::Yearly => 366,
            Frequency::Monthly => 31,
            Frequency::Weekly => every.get_by_weekday().len().max(1),
            _ => 0,
        };
        if usize::try_from(furthest).is_ok_and(|furthest| furthest > days * times) {
            return Err("BYSETPOS names a place that is never there; give a smaller one.");
        }
        Ok(())
    }

    /// So that the plainest of the rules that never come cost nothing.
    fn check_month_days(&self) -> Result<(), Complaint> {
        let days = self.every.get_by_month_day();
        let shortest = days.iter().map(|day| day.unsigned_abs()).min().unwrap_or(1);
        let mut months = self.every.get_by_month().iter();
        let is_possible = self.every.get_by_month().is_empty()
            || months.any(|month| MONTH_DAYS[usize::from(*month) - 1] >= shortest);
        match is_possible {
            true => Ok(()),
            false => Err("No month in BYMONTH has a day in BYMONTHDAY; change one of them."),
        }
    }

    /// Whether it names times of day, which a whole day has none of.
    pub(super) fn has_times(&self) -> bool {
        let every = &self.every;
        !every.get_by_hour().is_empty()
            || !every.get_by_minute().is_empty()
            || !every.get_by_second().is_empty()
    }
}

impl Until {
    fn parse(text: &str) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        let Some((day, time)) = text.split_once('T') else {
            return date(text).map(Self::Day);
        };
        let (time, is_utc) = match time.strip_suffix('Z') {
            Some(time) => (time, true),
            None => (time, false),
        };
        let [hours, minutes, seconds] = pairs(time)?;
        let time = When::time(hours, minutes, seconds, 0).ok()?;
        let civil = date(day)?.and_time(time);
        Some(match is_utc {
            true => Self::Instant(civil.and_utc()),
            false => Self::Civil(civil),
        })
    }
}

/// Eight digits.
fn date(text: &str) -> Option<NaiveDate> {
    let [century, year, month, day] = pairs(text)?;
    When::date(century * 100 + year, month, day).ok()
}

/// Digits, two by two; the text is ASCII.
fn pairs<const N: usize>(text: &str) -> Option<[i32; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut pairs = [0; N];
    for (at, pair) in pairs.iter_mut().enumerate() {
        *pair = number(&text[2 * at..2 * at + 2])?;
    }
    Some(pairs)
}

/// Digits and nothing else, not even a plus.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn frequency(value: &str) -> Result<Frequency, Complaint> {
    match value {
        "YEARLY" => Ok(Frequency::Yearly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "WEEKLY" => Ok(Frequency::Weekly),
        "DAILY" => Ok(Frequency::Daily),
        "HOURLY" | "MINUTELY" | "SECONDLY" => {
            Err("Tasks do not come by the hour; use FREQ=DAILY with hours, such as BYHOUR=8,20.")
        }
        _ => Err("This FREQ is not known; use YEARLY, MONTHLY, WEEKLY or DAILY."),
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

fn days(value: &str) -> Option<Vec<NWeekday>> {
    let day = |text: &str| {
        let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
        let day = weekday(day)?;
        match number {
            "" => Some(NWeekday::Every(day)),
            number => Some(NWeekday::Nth(one_signed(number, 53)?, day)),
        }
    };
    value.split(',').map(day).collect()
}

fn unsigned(value: &str, within: RangeInclusive<u8>) -> Option<Vec<u8>> {
    let one = |text| number(text).filter(|number| within.contains(number));
    value.split(',').map(one).collect()
}

fn signed<T: TryFrom<i16>>(value: &str, most: i16) -> Option<Vec<T>> {
    value.split(',').map(|text| one_signed(text, most)).collect()
}

/// With a plus, a minus or neither, and never zero.
fn one_signed<T: TryFrom<i16>>(text: &str, most: i16) -> Option<T> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let size = number::<i16>(digits).filter(|size| (1..=most).contains(size))?;
    let number = if text.starts_with('-') { -size } else { size };
    T::try_from(number).ok()
}
