//! A civil date, perhaps with a time and a zone. Never an instant: a due date does not move when a zone's rules do.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use super::Complaint;

/// When something begins or is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// The day.
    pub date: NaiveDate,
    /// The time to the second; none means all day.
    pub time: Option<NaiveTime>,
    /// An IANA name; none means wherever the person is.
    pub zone: Option<String>,
}

impl When {
    /// The years that fit the wire type.
    pub(super) const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

    /// A date of three numbers.
    pub fn date(year: i32, month: i32, day: i32) -> Result<NaiveDate, Complaint> {
        let parts = (u32::try_from(month), u32::try_from(day));
        match parts {
            (Ok(month), Ok(day)) if Self::YEARS.contains(&year) => NaiveDate::from_ymd_opt(year, month, day),
            _ => None,
        }
        .ok_or("There is no such day; give year 1 to 9999, month 1 to 12 and a day of that month.")
    }

    /// A time of four numbers.
    pub fn time(hours: i32, minutes: i32, seconds: i32, nanos: i32) -> Result<NaiveTime, Complaint> {
        let parts = (
            u32::try_from(hours),
            u32::try_from(minutes),
            u32::try_from(seconds),
        );
        match parts {
            (Ok(hours), Ok(minutes), Ok(seconds)) if nanos == 0 => {
                NaiveTime::from_hms_opt(hours, minutes, seconds)
            }
            _ => None,
        }
        .ok_or("There is no such time; give hours 0 to 23, minutes and seconds 0 to 59, and no nanos.")
    }

    /// An IANA zone name.
    pub fn zone(name: &str) -> Result<String, Complaint> {
        Self::time_zone(name).map(|zone| zone.name().to_owned())
    }

    /// The zone of an IANA name.
    pub fn time_zone(name: &str) -> Result<Tz, Complaint> {
        name.parse()
            .map_err(|_| "This zone is not known; use an IANA name such as Europe/Zurich, or leave it out.")
    }

    /// Date and time as written; a whole day stands at its midnight.
    pub fn civil(&self) -> NaiveDateTime {
        self.date.and_time(self.time.unwrap_or(NaiveTime::MIN))
    }

    /// Its zone; none means wherever the person is.
    pub fn tz(&self) -> Option<Tz> {
        self.zone.as_ref().and_then(|name| name.parse().ok())
    }

    /// So many days away, or as near to it as the years go.
    #[must_use]
    pub fn moved(&self, days: TimeDelta) -> Self {
        let date = match self.date + days {
            date if date.year() < *Self::YEARS.start() => NaiveDate::from_yo_opt(*Self::YEARS.start(), 1),
            date if date.year() > *Self::YEARS.end() => NaiveDate::from_ymd_opt(*Self::YEARS.end(), 12, 31),
            date => Some(date),
        };
        Self {
            date: date.unwrap_or(self.date),
            ..self.clone()
        }
    }

    /// Text that sorts by date and time as written; a whole day comes before its hours.
    pub fn order_key(&self) -> String {
        match self.time {
            Some(time) => format!("{}T{}", self.date.format("%Y-%m-%d"), time.format("%H:%M:%S")),
            None => self.date.format("%Y-%m-%d").to_string(),
        }
    }
}
