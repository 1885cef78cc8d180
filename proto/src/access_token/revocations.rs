//! Sessions that ended before their tokens did, held in memory, so that a verifier refuses them without asking anybody.
//!
//! [`RevocationSet::follow`] is the one call: it gives the set, and the work that keeps it in step with auth-service.
//! Between the commit of a revocation and its refusal here lies about as long as a message travels; how long ago the set
//! was last known to be complete is [`RevocationSet::staleness`].

mod follow;

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use prost_types::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use crate::auth::v1 as pb;

pub use follow::Credential;

/// What becomes of tokens of people while auth-service cannot be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StalePolicy {
    /// They are good until they expire, ten minutes at most. The set counts as loaded after five seconds, heard or not.
    Open,
    /// They are refused with UNAVAILABLE once the set is older than this.
    Closed(Duration),
}

/// What the set says of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing against it.
    Good,
    /// It has ended.
    Revoked,
    /// Nobody knows, and the policy is [`StalePolicy::Closed`].
    Unknown,
}

/// The sessions whose tokens are to be refused.
#[derive(Debug)]
pub struct RevocationSet {
    state: RwLock<State>,
    loaded: watch::Sender<bool>,
    /// Sent to when sessions may have come to be revoked.
    grown: watch::Sender<()>,
    policy: StalePolicy,
}

#[derive(Debug, Default)]
struct State {
    /// Each with the second since 1970 at which its last token has expired.
    sessions: HashMap<Uuid, i64>,
    /// The set that a reset began, until its checkpoint. Until then the old one counts, so that nothing is let in between.
    building: Option<HashMap<Uuid, i64>>,
    last_checkpoint: Option<Instant>,
}

impl RevocationSet {
    fn new(policy: StalePolicy) -> Self {
        Self {
            state: RwLock::default(),
            loaded: watch::Sender::new(false),
            grown: watch::Sender::new(()),
            policy,
        }
    }

    /// What is known of a session.
    pub fn standing(&self, session: Uuid) -> Standing {
        let state = self.read();
        if state.sessions.contains_key(&session) {
            return Standing::Revoked;
        }
        match self.policy {
            StalePolicy::Closed(most) if state.last_checkpoint.is_none_or(|last| last.elapsed() > most) => {
                Standing::Unknown
            }
            StalePolicy::Closed(_) | StalePolicy::Open => Standing::Good,
        }
    }

    /// Comes when a session does not stand any more, with what is known of it then.
    pub async fn until_not_good(&self, session: Uuid) -> Standing {
        /// How late it may be noticed that the set has grown old.
        const PERIOD: Duration = Duration::from_millis(500);
        let mut grown = self.grown.subscribe();
        loop {
            match self.standing(session) {
                Standing::Good => {}
                not_good => return not_good,
            }
            // The sender lives as long as the set.
            let changed = grown.changed();
            match self.policy {
                StalePolicy::Open => drop(changed.await),
                StalePolicy::Closed(_) => drop(tokio::time::timeout(PERIOD, changed).await),
            }
        }
    }

    /// How long ago the set was known to be complete; None before the first time.
    pub fn staleness(&self) -> Option<Duration> {
        self.read().last_checkpoint.map(|last| last.elapsed())
    }

    /// How many sessions it holds.
    pub fn len(&self) -> usize {
        self.read().sessions.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Comes when the set may be relied on: after the first full set; under [`StalePolicy::Open`] after five seconds at
    /// the latest.
    pub async fn loaded(&self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        let mut loaded = self.loaded.subscribe();
        let heard = loaded.wait_for(|loaded| *loaded);
        match self.policy {
            // The sender lives as long as the set, so both end with a word or with the time.
            StalePolicy::Open => drop(tokio::time::timeout(PATIENCE, heard).await),
            StalePolicy::Closed(_) => drop(heard.await),
        }
    }

    /// Takes a message in. `now` is in seconds since 1970.
    fn take_in(&self, message: &pb::WatchRevocationsResponse, now: i64) {
        let mut state = self.write();
        if message.reset {
            state.building = Some(HashMap::new());
        }
        let State {
            sessions, building, ..
        } = &mut *state;
        let mut has_grown = building.is_none() && !message.revocations.is_empty();
        let target = building.as_mut().unwrap_or(sessions);
        for revocation in &message.revocations {
            if let Ok(session) = Uuid::try_parse(&revocation.session_id) {
                target.insert(session, seconds(revocation.expire_time.as_ref()));
            }
        }
        if message.checkpoint {
            if let Some(whole) = state.building.take() {
                state.sessions = whole;
                has_grown = true;
            }
            state.sessions.retain(|_, expire_time| *expire_time > now);
            state.last_checkpoint = Some(Instant::now());
        }
        drop(state);
        if message.checkpoint {
            self.loaded.send_replace(true);
        }
        if has_grown {
            self.grown.send_replace(());
        }
    }

    fn is_building(&self) -> bool {
        self.read().building.is_some()
    }

    // Nobody panics with the lock in hand, and a set is worth more than its lock's poison.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A revocation without an end is kept for as long as the process lives: too long is safe, too short is not.
fn seconds(time: Option<&Timestamp>) -> i64 {
    time.map_or(i64::MAX, |time| time.seconds.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    fn message(sessions: &[(u128, i64)], checkpoint: bool, reset: bool) -> pb::WatchRevocationsResponse {
        let revocations = sessions.iter().map(|(id, seconds)| pb::Revocation {
            session_id: Uuid::from_u128(*id).to_string(),
            expire_time: Some(Timestamp {
                seconds: *seconds,
                nanos: 0,
            }),
        });
        pb::WatchRevocationsResponse {
            revocations: revocations.collect(),
            cursor: "here".to_owned(),
            checkpoint,
            reset,
        }
    }

    fn standing(set: &RevocationSet, id: u128) -> Standing {
        set.standing(Uuid::from_u128(id))
    }

    #[test]
    fn a_revoked_session_is_refused_until_its_tokens_have_expired() {
        let set = RevocationSet::new(StalePolicy::Open);
        set.take_in(&message(&[(1, 100)], true, true), 50);
        assert_eq!(standing(&set, 1), Standing::Revoked);
        assert_eq!(standing(&set, 2), Standing::Good);
        set.take_in(&message(&[], true, false), 101);
        assert_eq!(standing(&set, 1), Standing::Good);
        assert!(set.is_empty());
    }

    #[test]
    fn a_reset_takes_nothing_back_before_its_whole_set_is_there() {
        let set = RevocationSet::new(StalePolicy::Open);
        set.take_in(&message(&[(1, 100), (2, 100)], true, true), 50);
        set.take_in(&message(&[(2, 100)], false, true), 51);
        assert_eq!(standing(&set, 1), Standing::Revoked);
        set.take_in(&message(&[(3, 100)], true, false), 52);
        assert_eq!(standing(&set, 1), Standing::Good);
        assert_eq!([2, 3].map(|id| standing(&set, id)), [Standing::Revoked; 2]);
    }

    #[tokio::test]
    async fn who_waits_for_the_end_of_a_session_hears_of_it_and_of_no_other() {
        let set = RevocationSet::new(StalePolicy::Open);
        set.take_in(&message(&[(1, 100)], true, true), 50);
        let session = Uuid::from_u128(2);
        let mut waiting = std::pin::pin!(set.until_not_good(session));
        for other in [
            message(&[(3, 100)], true, false),
            message(&[(2, 100)], false, true),
        ] {
            assert!(timeout(Duration::ZERO, &mut waiting).await.is_err());
            set.take_in(&other, 50);
        }
        // A reset counts once it is whole.
        assert!(timeout(Duration::ZERO, &mut waiting).await.is_err());
        set.take_in(&message(&[], true, false), 50);
        assert_eq!(waiting.await, Standing::Revoked);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_the_end_of_a_session_hears_when_a_closed_set_is_too_old_to_tell() {
        let set = RevocationSet::new(StalePolicy::Closed(Duration::from_millis(1)));
        set.take_in(&message(&[], true, true), 50);
        assert_eq!(set.until_not_good(Uuid::from_u128(2)).await, Standing::Unknown);
    }

    #[test]
    fn a_closed_set_knows_nothing_before_its_first_checkpoint_and_after_too_long_without_one() {
        let set = RevocationSet::new(StalePolicy::Closed(Duration::from_secs(3600)));
        assert_eq!(standing(&set, 1), Standing::Unknown);
        set.take_in(&message(&[], true, true), 50);
        assert_eq!(standing(&set, 1), Standing::Good);
        let strict = RevocationSet::new(StalePolicy::Closed(Duration::ZERO));
        strict.take_in(&message(&[(2, 100)], true, true), 50);
        assert_eq!(standing(&strict, 1), Standing::Unknown);
        assert_eq!(standing(&strict, 2), Standing::Revoked);
    }
}
