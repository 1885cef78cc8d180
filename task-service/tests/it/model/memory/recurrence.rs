//! When a task comes again, for the few rules that the histories use, each reckoned in plain days.

use chrono::{DateTime, Datelike as _, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use proto::google::r#type::Date;
use proto::tasks::v1 as pb;
use proto::tasks::v1::recurrence::Basis;

use super::Held;

/// The next due; none when the present one was the last. `zone` is that of a due without one.
pub(super) fn next(held: &Held, now: DateTime<Utc>, zone: &str) -> Option<pb::When> {
    let (recurrence, due) = (held.task.recurrence.as_ref()?, held.task.due.as_ref()?);
    let part = |name: &str| {
        let mut parts = recurrence
            .rrule
            .split(';')
            .filter_map(|part| part.split_once('='));
        parts.find(|(known, _)| *known == name).map(|(_, value)| value)
    };
    let number = |name| part(name).map(|value| value.parse::<u64>().expect("a number"));
    if number("COUNT").is_some_and(|count| held.occurrence.unsigned_abs() as u64 >= count) {
        return None;
    }
    let interval = number("INTERVAL").unwrap_or(1);
    let later = |day: NaiveDate| match part("FREQ").expect("a frequency") {
        "DAILY" => day + Days::new(interval),
        "WEEKLY" => day + Days::new(7 * interval),
        // The rules by month are of its first day.
        _ => day.with_day(1).expect("every month has one") + Months::new(1),
    };
    let present = day(due);
    let next = match recurrence.basis() {
        Basis::Completion => {
            let zone = if due.time_zone.is_empty() {
                zone
            } else {
                &due.time_zone
            };
            let next = later(clock(now, zone).date());
            // Never the present due again.
            if next == present { later(next) } else { next }
        }
        _ => later(present),
    };
    let until = part("UNTIL").map(|day| NaiveDate::parse_from_str(day, "%Y%m%d").expect("a day"));
    until.is_none_or(|until| next <= until).then(|| on(next, due))
}

/// The day of a due.
pub(in super::super) fn day(when: &pb::When) -> NaiveDate {
    let date = when.date.expect("every due has one");
    let [month, day] = [date.month, date.day].map(i32::unsigned_abs);
    NaiveDate::from_ymd_opt(date.year, month, day).expect("a day")
}

/// The time of a due; none means all day.
pub(in super::super) fn time(when: &pb::When) -> Option<NaiveTime> {
    let time = when.time?;
    let [hours, minutes, seconds] = [time.hours, time.minutes, time.seconds].map(i32::unsigned_abs);
    NaiveTime::from_hms_opt(hours, minutes, seconds)
}

/// The same time on another day.
pub(super) fn on(day: NaiveDate, when: &pb::When) -> pb::When {
    pb::When {
        date: Some(Date {
            year: day.year(),
            month: day.month().cast_signed(),
            day: day.day().cast_signed(),
        }),
        ..when.clone()
    }
}

/// What clocks show somewhere; the zones that the histories use never change theirs.
pub(super) fn clock(now: DateTime<Utc>, zone: &str) -> NaiveDateTime {
    let hours = match zone {
        "Pacific/Kiritimati" => 14,
        "Etc/GMT+12" => -12,
        _ => 0,
    };
    let offset = FixedOffset::east_opt(hours * 3600).expect("below a day");
    now.with_timezone(&offset).naive_local()
}
