//! What an operator sees of hashing: how much waits, how long, how much was done.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

#[derive(Debug, Clone)]
pub(super) struct HashMetrics {
    pub(super) waiting: Gauge,
    pub(super) wait_seconds: Histogram,
    pub(super) done: Counter,
    pub(super) refused: Counter,
}

impl HashMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            waiting: Gauge::default(),
            // 1 ms to 8 s, doubling.
            wait_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 14)),
            done: Counter::default(),
            refused: Counter::default(),
        };
        registry.register(
            "tandem_auth_hash_queue_waiting",
            "Passwords that wait to be hashed",
            metrics.waiting.clone(),
        );
        registry.register(
            "tandem_auth_hash_queue_wait_seconds",
            "How long a password waited to be hashed, with what was looked up for it meanwhile",
            metrics.wait_seconds.clone(),
        );
        registry.register("tandem_auth_hashes", "Passwords hashed", metrics.done.clone());
        registry.register(
            "tandem_auth_hashes_refused",
            "Passwords refused because the queue was full",
            metrics.refused.clone(),
        );
        metrics
    }
}
