//! How the watchers of this process hear that something was revoked: at once when this process did it, and when another
//! did by a look at the log's counter every few hundredths of a second, for as long as somebody watches. No NOTIFY, whose
//! lock every commit on the server would share; and what this process fails to tell itself is found by the next look.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::error::Error;
use crate::store::Tx;
use crate::store::revocations::{self, Ended};

/// How often the counter is read: most of the time from a commit at another replica to the refusal elsewhere, of which a
/// second is promised, and nearly all that an idle service asks of Postgres.
const PERIOD: Duration = Duration::from_millis(50);

/// Wakes watchers.
#[derive(Debug)]
pub(crate) struct Wakeups {
    numbers: watch::Sender<i64>,
    raised_here: Notify,
}

impl Wakeups {
    pub(crate) fn new() -> Self {
        Self {
            numbers: watch::Sender::new(0),
            raised_here: Notify::new(),
        }
    }

    /// The newest number, as it changes.
    pub(crate) fn subscribe(&self) -> watch::Receiver<i64> {
        self.numbers.subscribe()
    }

    /// Revokes the sessions that a transaction has ended, commits, and has the watchers of this process told.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached, or says no.
    pub(crate) async fn commit(&self, tx: Tx, ended: Ended, now: DateTime<Utc>) -> Result<(), Error> {
        let raises = !ended.sessions().is_empty();
        revocations::commit(tx, ended, now).await?;
        if raises {
            self.raised_here.notify_one();
        }
        Ok(())
    }
}

/// Reads the counter for as long as the service runs. However many commits there are meanwhile, one look is under way.
pub(crate) async fn run(app: Arc<App>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = app.wakeups.raised_here.notified() => {}
        }
        if app.wakeups.numbers.receiver_count() == 0 {
            continue;
        }
        // What fails here is told by the watchers, who read for themselves at least every second.
        if let Ok(position) = revocations::position(&app.pool).await {
            app.wakeups.numbers.send_if_modified(|number| {
                let changed = *number != position.number;
                *number = position.number;
                changed
            });
        }
    }
}
