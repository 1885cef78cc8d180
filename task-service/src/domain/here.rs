//! Where a person is: which day is today, and what every other zone's clocks show as it begins.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::Complaint;

/// The present and the zone in which days are read.
#[derive(Debug, Clone, Copy)]
pub struct Here {
    now: DateTime<Utc>,
    zone: Tz,
}

impl Here {
    /// In an IANA zone; empty means UTC.
    ///
    /// # Errors
    ///
    /// What to do about a zone that is not known.
    pub fn in_zone(now: DateTime<Utc>, name: &str) -> Result<Self, Complaint> {
        let zone = match name {
            "" => Tz::UTC,
            name => super::When::zone(name)?.parse().unwrap_or(Tz::UTC),
        };
        Ok(Self { now, zone })
    }

    /// In UTC.
    pub fn in_utc(now: DateTime<Utc>) -> Self {
        Self { now, zone: Tz::UTC }
    }

    /// The day that it is.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// The present.
    pub fn now(&self) -> Moment {
        let clock = self.now.with_timezone(&self.zone).naive_local();
        Moment {
            instant: self.now,
            date: clock.date(),
            clock,
        }
    }

    /// The beginning of a day: midnight, or where clocks leave that out the first moment after it.
    pub fn start_of(&self, date: NaiveDate) -> Moment {
        let clock = date.and_time(NaiveTime::MIN);
        // The longest time that clocks ever left out is a day.
        let instant = (0..=100)
            .filter_map(|quarters| {
                let clock = clock.checked_add_signed(TimeDelta::minutes(15 * quarters))?;
                self.zone.from_local_datetime(&clock).earliest()
            })
            .next()
            .map_or_else(|| clock.and_utc(), |time| time.to_utc());
        Moment { instant, date, clock }
    }

    /// The beginning of the day after.
    pub fn end_of(&self, date: NaiveDate) -> Moment {
        self.start_of(date.checked_add_days(Days::new(1)).unwrap_or(date))
    }
}

/// A point that dates, clocks without a zone and clocks of every zone are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    instant: DateTime<Utc>,
    /// Whole days before this one are before it.
    pub date: NaiveDate,
    /// What a clock without a zone must be before.
    pub clock: NaiveDateTime,
}

impl Moment {
    /// What the clocks of each zone show at that moment. Their date is at most two days from [`Moment::date`].
    pub fn clocks(&self) -> impl Iterator<Item = (&'static str, NaiveDateTime)> + '_ {
        let clock = |zone: &Tz| (zone.name(), self.instant.with_timezone(zone).naive_local());
        TZ_VARIANTS.iter().map(clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(zone: &str) -> Here {
        Here::in_zone("2026-11-21T12:00:00Z".parse().expect("a time"), zone).expect("a zone")
    }

    fn clock_in(moment: &Moment, zone: &str) -> String {
        let (_, clock) = moment.clocks().find(|(name, _)| *name == zone).expect("known");
        clock.to_string()
    }

    #[test]
    fn today_is_another_day_at_the_two_ends_of_the_world() {
        assert_eq!(here("Pacific/Kiritimati").today().to_string(), "2026-11-22");
        assert_eq!(here("Etc/GMT+12").today().to_string(), "2026-11-21");
        assert_eq!(here("").today().to_string(), "2026-11-21");
        assert!(Here::in_zone(DateTime::UNIX_EPOCH, "Nowhere").is_err());
    }

    #[test]
    fn a_day_begins_when_its_zone_says_and_every_clock_shows_that_moment() {
        let start = here("Europe/Zurich").start_of(When::date(2026, 12, 1).expect("a day"));
        assert_eq!(clock_in(&start, "UTC"), "2026-11-30 23:00:00");
        assert_eq!(clock_in(&start, "America/New_York"), "2026-11-30 18:00:00");
        assert_eq!(start.clock.to_string(), "2026-12-01 00:00:00");
    }

    #[test]
    fn a_day_without_a_midnight_begins_with_its_first_moment() {
        // Brazil's clocks went from 23:59:59 to 01:00:00, and Samoa left out a whole day.
        let start = here("America/Sao_Paulo").start_of(When::date(2018, 11, 4).expect("a day"));
        assert_eq!(clock_in(&start, "America/Sao_Paulo"), "2018-11-04 01:00:00");
        let start = here("Pacific/Apia").start_of(When::date(2011, 12, 30).expect("a day"));
        assert_eq!(clock_in(&start, "Pacific/Apia"), "2011-12-31 00:00:00");
    }

    #[test]
    fn no_clock_is_further_than_two_days_from_the_date() {
        for zone in ["Pacific/Kiritimati", "Etc/GMT+12", "UTC"] {
            let here = here(zone);
            for moment in [here.now(), here.start_of(here.today()), here.end_of(here.today())] {
                for (name, clock) in moment.clocks() {
                    let days = (clock.date() - moment.date).num_days();
                    assert!((-2..=2).contains(&days), "{zone} {name}: {days}");
                }
            }
        }
    }

    use super::super::When;
}
