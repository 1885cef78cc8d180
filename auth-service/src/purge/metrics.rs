//! What an operator sees of deleted accounts.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, Default)]
pub(super) struct PurgeMetrics {
    pub(super) waiting: Gauge,
    pub(super) oldest_seconds: Gauge,
    pub(super) done: Counter,
    pub(super) failed: Counter,
}

impl PurgeMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "tandem_auth_purges_waiting",
            "Accounts that should be gone and are not, here or at task-service",
            metrics.waiting.clone(),
        );
        registry.register(
            "tandem_auth_purges_oldest_seconds",
            "Since when the oldest of them should be gone; 0 when there is none",
            metrics.oldest_seconds.clone(),
        );
        registry.register(
            "tandem_auth_purges_done",
            "Accounts that are gone everywhere",
            metrics.done.clone(),
        );
        registry.register(
            "tandem_auth_purges_failed",
            "Attempts to have task-service forget somebody that failed",
            metrics.failed.clone(),
        );
        metrics
    }
}
