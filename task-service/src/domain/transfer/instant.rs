//! Points in time and civil dates as files write them.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, SecondsFormat, Timelike as _, Utc};

use crate::domain::{Complaint, When};

const NO_TIME: Complaint = "This is no point in time; write it like 2026-12-01T09:00:00Z.";

/// RFC 3339, cut to the microseconds that are kept.
pub(super) fn parse(text: &str) -> Result<DateTime<Utc>, Complaint> {
    let time = DateTime::parse_from_rfc3339(text.trim()).map_err(|_| NO_TIME)?;
    checked(time.to_utc())
}

/// A time in years that the wire type knows, cut to microseconds.
pub(super) fn checked(time: DateTime<Utc>) -> Result<DateTime<Utc>, Complaint> {
    let micros = DateTime::from_timestamp_micros(time.timestamp_micros()).ok_or(NO_TIME)?;
    match micros.year() {
        1..=9999 => Ok(micros),
        _ => Err(NO_TIME),
    }
}

/// RFC 3339 with as many digits as are needed.
pub(super) fn write(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// `2026-12-01`.
pub(super) fn parse_date(text: &str) -> Result<NaiveDate, Complaint> {
    let date = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d");
    let date = date.map_err(|_| "This is no day; write it like 2026-12-01.")?;
    When::date(date.year(), small(date.month()), small(date.day()))
}

/// `09:00` or `09:00:00`.
pub(super) fn parse_time(text: &str) -> Result<NaiveTime, Complaint> {
    let text = text.trim();
    let time =
        NaiveTime::parse_from_str(text, "%H:%M:%S").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"));
    let time = time.map_err(|_| "This is no time of day; write it like 09:00:00.")?;
    When::time(
        small(time.hour()),
        small(time.minute()),
        small(time.second()),
        small(time.nanosecond()),
    )
}

/// A date, and a time and a zone that may be empty.
pub(super) fn parse_when(date: &str, time: &str, zone: &str) -> Result<Option<When>, Complaint> {
    let [date, time, zone] = [date, time, zone].map(str::trim);
    if date.is_empty() {
        return match (time, zone) {
            ("", "") => Ok(None),
            _ => Err("A time or a zone needs a day; give one."),
        };
    }
    let given = |text: &str| !text.is_empty();
    Ok(Some(When {
        date: parse_date(date)?,
        time: Some(time)
            .filter(|time| given(time))
            .map(parse_time)
            .transpose()?,
        zone: Some(zone)
            .filter(|zone| given(zone))
            .map(When::zone)
            .transpose()?,
    }))
}

/// The three parts that [`parse_when`] reads.
pub(super) fn write_when(when: Option<&When>) -> [String; 3] {
    let Some(when) = when else {
        return Default::default();
    };
    [
        when.date.format("%Y-%m-%d").to_string(),
        when.time
            .map(|time| time.format("%H:%M:%S").to_string())
            .unwrap_or_default(),
        when.zone.clone().unwrap_or_default(),
    ]
}

fn small(part: u32) -> i32 {
    i32::try_from(part).unwrap_or(i32::MAX)
}
