//! Deletes accounts whose time has come, and has task-service forget them. Any number of replicas may do it at once.

use std::sync::Arc;
use std::time::Duration;

use chassis::deadline::Deadline;
use chrono::TimeDelta;
use tokio::time::timeout;

use super::owners::STEP;
use crate::app::App;
use crate::error::Error;
use crate::store::purges::{self, Claimed};
use crate::store::users::deletion;
use crate::store::{self, mails, security_events, sessions, throttles};

/// How often is looked for accounts whose time has come, or that another replica closed.
const PERIOD: Duration = Duration::from_secs(5);
/// Longer than a step at task-service can take.
const CLAIM: TimeDelta = TimeDelta::seconds(2 * STEP.as_secs() as i64);
/// The longest that the rows of one account may take to delete: it holds locks that others wait for.
const LONGEST_ERASURE: Duration = Duration::from_secs(60);
/// The longest wait between two attempts, so that the end of an outage is noticed soon.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);

/// Works for as long as the service runs.
pub(crate) async fn run(app: Arc<App>) {
    if app.purger.owners.is_none() {
        tracing::warn!(
            "TANDEM_TASKS_URL is not set: what task-service holds of people who delete their account is not deleted"
        );
    }
    loop {
        if let Err(error) = purge_due(&app).await {
            tracing::warn!(error = ?error, "accounts could not be deleted; the next try is in seconds");
        }
        let _ = timeout(PERIOD, app.purger.asked.notified()).await;
    }
}

/// Does what is due, until nothing is or task-service fails.
///
/// # Errors
///
/// When the database cannot be reached. What was done until then stays done.
pub async fn purge_due(app: &App) -> Result<(), Error> {
    // Before task-service is asked for anybody, so that no account waits for it.
    while erase_next(app).await? {}
    let outcome = forget_all(app).await;
    let now = app.clock.now();
    let backlog = purges::backlog(&app.pool, now).await?;
    let metrics = &app.purger.metrics;
    metrics.waiting.set(backlog.waiting);
    metrics.oldest_seconds.set(
        backlog
            .oldest
            .map_or(0, |since| (now - since).num_seconds().max(0)),
    );
    outcome
}

/// Deletes the next account whose time has come, with all that refers to it. Only the id is kept, for task-service.
///
/// The row is locked as sign-ins and cancellations lock it, and the sessions before the account goes, so that whoever
/// holds a session comes to an end first.
async fn erase_next(app: &App) -> Result<bool, Error> {
    let now = app.clock.now();
    let mut tx = store::begin(&app.pool, Deadline::after(LONGEST_ERASURE)).await?;
    let Some(due) = deletion::find_due_for_update(&mut tx, now).await? else {
        return Ok(false);
    };
    let ended = sessions::end_all(&mut tx, due.id, None, now).await?;
    throttles::delete_of_person(&mut tx, due.id).await?;
    mails::delete_of_person(&mut tx, due.id).await?;
    security_events::update_actor_gone(&mut tx, due.id).await?;
    deletion::delete(&mut tx, due.id).await?;
    purges::insert(&mut tx, due.id, due.purge_time, now).await?;
    app.wakeups.commit(tx, ended, now).await?;
    Ok(true)
}

/// The first failure ends the round: whatever is wrong with task-service is wrong for the next person as well.
async fn forget_all(app: &App) -> Result<(), Error> {
    loop {
        let now = app.clock.now();
        let Some(purge) = purges::claim(&app.pool, now, now + CLAIM).await? else {
            return Ok(());
        };
        if !forget(app, &purge).await? {
            return Ok(());
        }
    }
}

/// Has task-service forget a person, step by step. False: it failed, and is tried again later.
async fn forget(app: &App, purge: &Claimed) -> Result<bool, Error> {
    let Some(owners) = &app.purger.owners else {
        purges::update_failed(&app.pool, purge.user, app.clock.now() + LONGEST_WAIT).await?;
        return Ok(false);
    };
    loop {
        match owners.purge(app, purge.user).await {
            Ok(true) => {
                purges::delete(&app.pool, purge.user).await?;
                app.purger.metrics.done.inc();
                return Ok(true);
            }
            Ok(false) => purges::update_claim(&app.pool, purge.user, app.clock.now() + CLAIM).await?,
            Err(status) => {
                app.purger.metrics.failed.inc();
                tracing::warn!(
                    user.id = %purge.user.0,
                    purge.attempts = purge.attempts,
                    code = ?status.code(),
                    "task-service could not be made to forget somebody: {}",
                    status.message()
                );
                let [chance] = app.entropy.bytes();
                let next = app.clock.now() + wait_after(purge.attempts, chance);
                purges::update_failed(&app.pool, purge.user, next).await?;
                return Ok(false);
            }
        }
    }
}

/// From a second on twice as long each time up to a minute, and up to a quarter less by chance.
fn wait_after(attempts: i32, chance: u8) -> TimeDelta {
    let doublings = attempts.clamp(1, 7) - 1;
    let wait = TimeDelta::seconds(1 << doublings).min(LONGEST_WAIT);
    wait - wait * i32::from(chance) / (4 * 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_minute_and_vary_by_a_quarter() {
        assert_eq!(wait_after(1, 0), TimeDelta::seconds(1));
        assert_eq!(wait_after(2, 0), TimeDelta::seconds(2));
        assert_eq!(wait_after(3, 255), TimeDelta::seconds(3));
        assert_eq!(wait_after(i32::MAX, 0), LONGEST_WAIT);
    }
}
