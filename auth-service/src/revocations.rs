//! How the watchers of this process hear that something was revoked, by whichever replica: one look at the log's counter
//! every few milliseconds, for as long as somebody watches. No NOTIFY, whose lock every commit on the server would share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::store::revocations;

/// How often the counter is read: a good part of the time from a commit to the refusal elsewhere.
const PERIOD: Duration = Duration::from_millis(20);

/// Wakes watchers.
#[derive(Debug)]
pub(crate) struct Wakeups(watch::Sender<i64>);

impl Wakeups {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// The newest number, as it changes.
    pub(crate) fn subscribe(&self) -> watch::Receiver<i64> {
        self.0.subscribe()
    }
}

/// Reads the counter for as long as the service runs.
pub(crate) async fn run(app: Arc<App>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if app.wakeups.0.receiver_count() == 0 {
            continue;
        }
        // What fails here is told by the watchers, who read for themselves at least every second.
        if let Ok(position) = revocations::position(&app.pool).await {
            app.wakeups.0.send_if_modified(|number| {
                let changed = *number != position.number;
                *number = position.number;
                changed
            });
        }
    }
}
