//! Takes mails from the outbox and sends them: at least once, and after failures again and again for a day.
//!
//! A row is claimed before it is sent and marked afterwards, with no transaction open while a mail server thinks. Who
//! dies in between leaves a claim that ends, and the mail is sent again with a fresh code.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::letter::Letter;
use super::prepare::prepare;
use super::transport::{Refused, WHOLE};
use crate::app::App;
use crate::domain::{GIVE_UP, wait_after};
use crate::error::Error;
use crate::store::mails::{self, Claimed};

/// How often is looked for mails whose time has come, or that another replica wrote.
const PERIOD: Duration = Duration::from_secs(5);
/// A mail waits up to so long after it was written, by chance: the work of sending must not fall into the call that asked
/// for it nor the next ones, whose time would tell whether there was any. What is written while others are being sent
/// waits as well, for the next round.
const LONGEST_PAUSE_MS: u64 = 500;
/// Mails that are sent at once.
const LANES: usize = 4;
/// Longer than sending can take.
const CLAIM: TimeDelta = TimeDelta::seconds(2 * WHOLE.as_secs() as i64);

/// Why a mail was not sent.
pub(super) enum Failure {
    /// The database could not be used; the claim ends by itself.
    Store(Error),
    /// It can never be sent.
    ForGood(&'static str),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// Sends for as long as the service runs. Where mail is off there is nothing to do.
pub(crate) async fn run(app: Arc<App>) {
    if !app.mailer.is_on() {
        tracing::warn!(
            "mail is off: set TANDEM_SMTP_URL or TANDEM_MAIL_DIR, or people cannot reset their passwords"
        );
        return;
    }
    loop {
        if let Err(error) = deliver_due(&app).await {
            tracing::warn!(error = ?error, "mails could not be sent; the next try is in seconds");
        }
        if timeout(PERIOD, app.mailer.written.notified()).await.is_ok() {
            let [a, b] = app.entropy.bytes();
            let pause = u64::from(u16::from_le_bytes([a, b])) % LONGEST_PAUSE_MS;
            sleep(Duration::from_millis(pause)).await;
        }
    }
}

/// Sends everything that is due by now. What becomes due meanwhile is left to the next round.
///
/// # Errors
///
/// When the database cannot be reached. What was sent until then stays sent.
pub async fn deliver_due(app: &Arc<App>) -> Result<(), Error> {
    let begun = app.clock.now();
    let mut lanes = JoinSet::new();
    for _ in 0..LANES {
        let app = app.clone();
        lanes.spawn(async move {
            while let Some(mail) = claim(&app, begun).await? {
                deliver(&app, mail).await?;
            }
            Ok(())
        });
    }
    let mut outcome = Ok(());
    while let Some(lane) = lanes.join_next().await {
        outcome = outcome.and(lane.unwrap_or_else(|panic| Err(Error::internal(panic))));
    }
    let waiting = mails::count_waiting(&app.pool).await?;
    app.mailer.metrics.waiting.set(waiting);
    outcome
}

async fn claim(app: &App, due_by: DateTime<Utc>) -> Result<Option<Claimed>, Error> {
    mails::claim(&app.pool, due_by, app.clock.now() + CLAIM).await
}

async fn deliver(app: &App, mail: Claimed) -> Result<(), Error> {
    match send(app, &mail).await {
        Ok(true) => {
            app.mailer.metrics.sent.inc();
            mails::update_sent(&app.pool, mail.id, app.clock.now()).await
        }
        Ok(false) => Ok(()),
        Err(Failed::Store(error)) => Err(error),
        Err(Failed::Refused(refused)) => failed(app, &mail, &refused).await,
    }
}

enum Failed {
    Store(Error),
    Refused(Refused),
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) => Self::Store(error),
            Failure::ForGood(text) => Self::Refused(Refused {
                text: text.to_owned(),
                for_good: true,
            }),
        }
    }
}

/// False: nobody was to get it.
async fn send(app: &App, mail: &Claimed) -> Result<bool, Failed> {
    let Some(transport) = &app.mailer.transport else {
        return Err(Failure::ForGood("mail is off").into());
    };
    let Some(ready) = prepare(app, mail).await? else {
        return Ok(false);
    };
    let letter = Letter {
        id: mail.id,
        attempt: mail.attempts,
        kind: ready.kind,
        from: &app.mailer.from,
        address: &ready.address,
        code: ready.code,
        origin: app.mailer.origin.as_ref(),
        client: &ready.client,
        create_time: mail.create_time,
        now: app.clock.now(),
    };
    let message = letter
        .write()
        .map_err(|text| Failed::Refused(Refused { text, for_good: true }))?;
    let sent = transport.send(mail.id.to_string(), message).await;
    sent.map(|()| true).map_err(Failed::Refused)
}

async fn failed(app: &App, mail: &Claimed, refused: &Refused) -> Result<(), Error> {
    let metrics = &app.mailer.metrics;
    metrics.failed.inc();
    let [chance] = app.entropy.bytes();
    let next = app.clock.now() + wait_after(mail.attempts, chance);
    let next = Some(next).filter(|next| !refused.for_good && *next < mail.create_time + GIVE_UP);
    tracing::warn!(
        mail.id = %mail.id,
        mail.kind = mail.kind,
        mail.attempts = mail.attempts,
        mail.given_up = next.is_none(),
        reason = refused.text,
        "a mail could not be sent"
    );
    if next.is_none() {
        metrics.given_up.inc();
    }
    mails::update_failed(&app.pool, mail.id, &refused.text, next).await
}
