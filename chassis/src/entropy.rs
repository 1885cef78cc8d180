//! Randomness, injected: a ChaCha generator seeded by the system, or by a test. Only this file may reach the system's
//! source.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::{StdRng, SysRng};
use rand::{Rng as _, SeedableRng as _};
use uuid::Uuid;

use crate::Clock;

/// Where randomness comes from, fit for secrets. Cheap to clone; clones share one stream.
#[derive(Clone)]
pub struct Entropy(Arc<Mutex<StdRng>>);

impl Entropy {
    /// Seeded by the operating system.
    ///
    /// # Panics
    ///
    /// When the operating system has no randomness to give; nothing could go on safely then.
    pub fn system() -> Self {
        let rng = StdRng::try_from_rng(&mut SysRng).expect("the operating system gives randomness");
        Self(Arc::new(Mutex::new(rng)))
    }

    /// The same stream for the same seed. For tests.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// The next bytes of the stream.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        // A panic elsewhere cannot leave the generator half-way: poison means nothing here.
        let mut rng = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A UUID that sorts by the clock's time (RFC 9562, version 7).
    pub fn uuid_v7(&self, clock: &Clock) -> Uuid {
        let millis = u64::try_from(clock.unix_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream_and_the_system_does_not() {
        assert_eq!(Entropy::seeded(7).bytes::<32>(), Entropy::seeded(7).bytes::<32>());
        assert_ne!(Entropy::system().bytes::<32>(), Entropy::system().bytes::<32>());
    }

    #[test]
    fn ids_made_later_sort_later() {
        let (clock, hands) = Clock::manual(DateTime::UNIX_EPOCH);
        let entropy = Entropy::seeded(1);
        let first = entropy.uuid_v7(&clock);
        hands.advance(Duration::from_millis(1));
        let second = entropy.uuid_v7(&clock);
        assert!(first < second);
        assert_eq!(first.get_version_num(), 7);
    }
}
