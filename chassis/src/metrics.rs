//! What Prometheus scrapes, on an address of its own: calls by method and code here, and whatever a service registers.
//! Labels are bounded; nothing that a stranger chooses may become one.

mod calls;
mod endpoint;

use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;

pub(crate) use calls::{Call, CallMetrics};
pub use endpoint::serve;

/// The registry of the process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    calls: CallMetrics,
}

impl Metrics {
    /// A registry with the metrics that every service has.
    pub fn new() -> Self {
        let mut registry = Registry::default();
        let calls = CallMetrics::register(&mut registry);
        Self {
            registry: Arc::new(Mutex::new(registry)),
            calls,
        }
    }

    /// Lets a part of the service register its own.
    pub fn register<T>(&self, register: impl FnOnce(&mut Registry) -> T) -> T {
        register(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything, in the OpenMetrics text format.
    pub fn encode(&self) -> String {
        let mut page = String::new();
        self.register(|registry| text::encode(&mut page, registry))
            .expect("writing to a string cannot fail");
        page
    }

    pub(crate) fn calls(&self) -> &CallMetrics {
        &self.calls
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
