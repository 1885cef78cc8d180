//! How fast each person may call this replica, whatever they call: known as soon as it is known who they are, before
//! anything is read. What may never be put here: limits that hold across replicas.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chassis::Clock;
use governor::clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use proto::access_token::Caller;
use quick_cache::sync::Cache;
use tonic::service::Interceptor;
use tonic::{Request, Status};

use crate::domain::Limits;
use crate::error::Error;
use crate::owner::OwnerId;

/// People whose rate is known, each some 200 bytes. Whoever called longest ago is forgotten, and so rested.
const PEOPLE: usize = 50_000;

/// Time that does not go back when the wall clock does.
#[derive(Debug, Clone)]
struct Ticks(Clock);

impl clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.monotonic().into()
    }
}

type Rate = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>;

/// What everybody has called lately. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Rates {
    ticks: Ticks,
    quota: Quota,
    people: Arc<Cache<OwnerId, Arc<Rate>>>,
}

impl Rates {
    /// Nobody has called.
    pub(crate) fn new(limits: &Limits, clock: Clock) -> Self {
        // Settings are at least 1.
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(limits.calls_per_second));
        Self {
            ticks: Ticks(clock),
            quota: quota.allow_burst(at_least_one(limits.calls_burst)),
            people: Arc::new(Cache::new(PEOPLE)),
        }
    }

    /// Counts a call, unless it comes too soon.
    fn count(&self, owner: OwnerId) -> Result<(), Error> {
        let Ok::<_, std::convert::Infallible>(rate) = self.people.get_or_insert_with(&owner, || {
            let rate = RateLimiter::direct_with_clock(self.quota, self.ticks.clone());
            Ok(Arc::new(rate))
        });
        rate.check().map_err(|refused| {
            let wait: Duration = refused.wait_time_from(clock::Clock::now(&self.ticks));
            Error::TooManyCalls(wait)
        })
    }
}

/// An interceptor that says who calls, and then whether they call too often. A service that calls for itself does not
/// count; one that acts for a person counts as the person.
#[derive(Debug, Clone)]
pub(crate) struct Rated<I> {
    pub(crate) who: I,
    pub(crate) rates: Rates,
}

impl<I: Interceptor> Interceptor for Rated<I> {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        let request = self.who.call(request)?;
        if let Ok(owner) = OwnerId::of(Caller::of(&request)?) {
            self.rates.count(owner)?;
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_a_call_for_each_part_of_a_second_and_nobody_elses_count() {
        let (clock, hand) = Clock::manual("2026-11-21T12:00:00Z".parse().expect("a time"));
        let limits = Limits {
            calls_per_second: 10,
            calls_burst: 20,
            ..Limits::default()
        };
        let rates = Rates::new(&limits, clock);
        let [alice, bob] = [1, 2].map(OwnerId::of_test);
        let passed = |person| (0..100).filter(|_| rates.count(person).is_ok()).count();
        assert_eq!(passed(alice), 20);
        let Err(Error::TooManyCalls(wait)) = rates.count(alice) else {
            panic!("let through");
        };
        assert_eq!(wait, Duration::from_millis(100));
        assert_eq!(passed(bob), 20);
        hand.advance(wait);
        assert_eq!(passed(alice), 1);
        hand.advance(Duration::from_secs(1));
        assert_eq!((passed(alice), passed(bob)), (10, 11));
        hand.advance(Duration::from_secs(3600));
        assert_eq!(passed(alice), 20);
    }

    #[test]
    fn what_the_contract_promises_always_passes_by_default() {
        let (clock, hand) = Clock::manual("2026-11-21T12:00:00Z".parse().expect("a time"));
        let rates = Rates::new(&Limits::default(), clock);
        let alice = OwnerId::of_test(1);
        for _ in 0..60 {
            assert!((0..100).all(|_| rates.count(alice).is_ok()));
            hand.advance(Duration::from_secs(1));
        }
        assert!((0..1000).all(|_| rates.count(alice).is_ok()));
    }

    #[test]
    fn no_more_people_are_kept_than_there_is_room_for() {
        let (clock, _) = Clock::manual("2026-11-21T12:00:00Z".parse().expect("a time"));
        let rates = Rates::new(&Limits::default(), clock);
        for number in 0..2 * PEOPLE as u128 {
            rates.count(OwnerId::of_test(number)).expect("the first call");
        }
        assert!(rates.people.len() <= PEOPLE, "{}", rates.people.len());
    }
}
