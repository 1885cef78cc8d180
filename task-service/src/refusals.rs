//! How often people were refused since a limit of theirs was reached. One count for the process, since it is taken where
//! an error becomes a status, which knows nothing but the error.

use std::sync::LazyLock;

use chassis::Metrics;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

type ByQuota = Family<[(&'static str, &'static str); 1], Counter>;

static REFUSALS: LazyLock<ByQuota> = LazyLock::new(ByQuota::default);

/// Shows the count among the metrics.
pub(crate) fn register(metrics: &Metrics) {
    metrics.register(|registry| {
        registry.register(
            "tandem_tasks_quota_refusals",
            "Calls refused since a limit of the person was reached, by which",
            REFUSALS.clone(),
        );
    });
}

/// One more.
pub(crate) fn count(quota: &'static str) {
    REFUSALS.get_or_create(&[("quota", quota)]).inc();
}
