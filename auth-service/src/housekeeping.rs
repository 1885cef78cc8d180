//! What is kept for a time only and then deleted: in the background, in small steps, so that no statement holds many
//! rows. Two replicas may do it at once. What may never be put here: deletions that somebody waits for.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::error::Error;
use crate::store::{codes, mails, revocations, security_events, service_tokens, sessions, throttles};

/// How often it is looked at.
const PERIOD: Duration = Duration::from_secs(60);
/// Rows that one statement deletes.
const STEP: i64 = 1000;
/// How long a service's token is kept that has expired: no verifier may take it for longer than its record is there.
const EXPIRED_SERVICE_TOKENS: TimeDelta = TimeDelta::minutes(1);
/// How long an ended or expired session is kept: its list of sessions and a late reuse of its tokens stay readable.
const ENDED_SESSIONS: TimeDelta = TimeDelta::days(1);
/// How long a device is known after the latest sign-in with it. Each sign-in without a `device_token` adds one.
const UNUSED_DEVICES: TimeDelta = TimeDelta::days(180);
/// How long mails are kept, so that people can see in an export what they were told, and expired codes, which show that
/// somebody signed up.
const MAILS: TimeDelta = TimeDelta::days(30);

/// How long things are kept.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Security events.
    pub security_events: TimeDelta,
}

/// Sweeps for as long as the service runs.
pub(crate) async fn run(app: Arc<App>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = sweep(&app).await {
            tracing::warn!(error = ?error, "old rows could not be deleted; the next try is in a minute");
        }
    }
}

/// Deletes everything whose time is over, and says how many rows went.
///
/// # Errors
///
/// When the database cannot be reached. What was deleted until then stays deleted.
pub async fn sweep(app: &App) -> Result<u64, Error> {
    let mut deleted = 0;
    loop {
        let rows = step(app).await?;
        if rows == 0 {
            return Ok(deleted);
        }
        deleted += rows;
    }
}

/// One step of each kind.
async fn step(app: &App) -> Result<u64, Error> {
    let (pool, now) = (&app.pool, app.clock.now());
    let mut rows = 0;
    rows += security_events::delete_before(pool, now - app.retention.security_events, STEP).await?;
    rows += sessions::delete_ended(pool, now - ENDED_SESSIONS, STEP).await?;
    rows += sessions::delete_devices_unused_since(pool, now - UNUSED_DEVICES, STEP).await?;
    rows += service_tokens::delete_expired(pool, now - EXPIRED_SERVICE_TOKENS, STEP).await?;
    rows += codes::delete_expired(pool, now - MAILS, STEP).await?;
    rows += mails::delete_before(pool, now - MAILS, STEP).await?;
    rows += throttles::delete_expired(pool, now, STEP).await?;
    rows += revocations::compact(pool, now, STEP).await?;
    Ok(rows)
}
