//! Mails: how they are written and sent. `store::mails` is the outbox; the worker here takes from it, so that no call
//! waits for a mail server and none tells by its time who has an account.
//!
//! A code is made when its mail is sent: the outbox never holds one. What may never be put here: when a mail is due to
//! be written, which is for `rpc`.

mod config;
mod letter;
mod metrics;
mod prepare;
mod transport;
mod worker;

use chassis::Metrics;
use chassis::config::Origin;
use tokio::sync::Notify;

pub use config::{Delivery, MailConfig};
pub use worker::deliver_due;
pub(crate) use worker::run;

use metrics::MailMetrics;
use transport::Transport;

/// What sends mails, or does not.
pub(crate) struct Mailer {
    /// None where mail is off.
    transport: Option<Transport>,
    from: String,
    /// Where links lead.
    origin: Option<Origin>,
    metrics: MailMetrics,
    written: Notify,
}

impl Mailer {
    /// Connects to nothing.
    pub(crate) fn new(config: &MailConfig, origin: Option<Origin>, metrics: &Metrics) -> Self {
        Self {
            transport: config.delivery.as_ref().map(Transport::new),
            from: config.from.clone(),
            origin,
            metrics: metrics.register(MailMetrics::register),
            written: Notify::new(),
        }
    }

    /// Whether mails can be sent at all.
    pub(crate) fn is_on(&self) -> bool {
        self.transport.is_some()
    }

    /// A mail was written and committed.
    pub(crate) fn wake(&self) {
        self.written.notify_one();
    }
}
