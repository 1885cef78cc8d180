//! What an operator sees of mail.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, Default)]
pub(super) struct MailMetrics {
    pub(super) waiting: Gauge,
    pub(super) sent: Counter,
    pub(super) failed: Counter,
    pub(super) given_up: Counter,
}

impl MailMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "tandem_auth_mails_waiting",
            "Mails that are to be sent",
            metrics.waiting.clone(),
        );
        registry.register("tandem_auth_mails_sent", "Mails sent", metrics.sent.clone());
        registry.register(
            "tandem_auth_mails_failed",
            "Attempts to send a mail that failed",
            metrics.failed.clone(),
        );
        registry.register(
            "tandem_auth_mails_given_up",
            "Mails that will never be sent",
            metrics.given_up.clone(),
        );
        metrics
    }
}
