//! What an operator sees of throttling: how much was refused, and by which count.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::domain::Kind;

#[derive(Debug, Clone)]
pub(super) struct ThrottleMetrics(Family<[(&'static str, &'static str); 1], Counter>);

impl ThrottleMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let refused = Family::default();
        registry.register(
            "tandem_auth_throttled",
            "Attempts refused because too many failed before",
            refused.clone(),
        );
        Self(refused)
    }

    pub(super) fn refused(&self, kind: Kind) {
        self.0.get_or_create(&[("kind", kind.as_str())]).inc();
    }
}
