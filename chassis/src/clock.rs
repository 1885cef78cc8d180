//! The present, injected: services ask a [`Clock`], tests hold its hands. Only this file may read the wall clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};

/// Where the time of day comes from. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    /// Microseconds since 1970: Postgres keeps no finer time, so nothing is lost on the way through it.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is advanced.
    pub fn manual(start: DateTime<Utc>) -> (Self, ManualClock) {
        let micros = Arc::new(AtomicI64::new(start.timestamp_micros()));
        (Self(Source::Manual(Arc::clone(&micros))), ManualClock(micros))
    }

    /// The present, in whole microseconds.
    pub fn now(&self) -> DateTime<Utc> {
        let micros = self.unix_micros();
        DateTime::from_timestamp_micros(micros).expect("a clock stays within the years that chrono knows")
    }

    /// The present in seconds since 1970, as tokens count it.
    pub fn unix_seconds(&self) -> i64 {
        self.unix_micros().div_euclid(1_000_000)
    }

    /// The present in milliseconds since 1970, as UUIDs count it.
    pub(crate) fn unix_millis(&self) -> i64 {
        self.unix_micros().div_euclid(1_000)
    }

    /// Without a calendar, which every call would pay for.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the wall clock is read"
    )]
    fn unix_micros(&self) -> i64 {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                let since = since.expect("the system's clock is set to some time after 1970");
                i64::try_from(since.as_micros()).expect("a clock stays within the years that chrono knows")
            }
            Source::Manual(micros) => micros.load(Ordering::SeqCst),
        }
    }

    /// The time since some moment of the past, which is the same for all copies and never goes back.
    pub fn monotonic(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        match &self.0 {
            // The first who asks begins at zero, and may come while another does.
            Source::System => Instant::now().saturating_duration_since(*START),
            Source::Manual(micros) => Duration::from_micros(micros.load(Ordering::SeqCst).unsigned_abs()),
        }
    }
}

/// The hands of a [`Clock::manual`].
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).expect("tests advance by less than 292,000 years");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_it_is_advanced() {
        let (clock, hands) = Clock::manual(DateTime::UNIX_EPOCH);
        let copy = clock.clone();
        assert_eq!(clock.unix_seconds(), 0);
        hands.advance(Duration::from_millis(90_500));
        assert_eq!(copy.unix_seconds(), 90);
        assert_eq!(copy.now(), clock.now());
        assert_eq!(copy.monotonic(), Duration::from_millis(90_500));
    }
}
