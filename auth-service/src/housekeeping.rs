//! Deletes what is of no use any more, in small batches beside the calls. Each replica does so; rows that another one
//! is at are passed over. Nothing depends on it being prompt: whoever reads such rows looks at their time as well.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::app::App;
use crate::error::Error;
use crate::store::service_tokens;

const INTERVAL: Duration = Duration::from_secs(60);
const BATCH: i64 = 1000;
/// Kept that much longer than they work, so that a record never goes before its token.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// Goes on for as long as it is polled.
pub(crate) async fn keep(app: Arc<App>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = sweep(&app).await {
            tracing::warn!(error = ?error, "housekeeping was put off");
        }
    }
}

async fn sweep(app: &App) -> Result<(), Error> {
    let before = app.clock.now() - MARGIN;
    while service_tokens::delete_expired(&app.pool, before, BATCH).await? > 0 {}
    Ok(())
}
