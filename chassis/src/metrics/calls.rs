//! Calls by method and code. The count of calls is the histogram's own `_count`.

use std::sync::Arc;
use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tonic::Code;

/// From a read in memory to the longest deadline, in seconds.
const BUCKETS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0,
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: Arc<str>,
    code: &'static str,
}

#[derive(Debug, Clone)]
pub(crate) struct CallMetrics {
    seconds: Family<Labels, Histogram, fn() -> Histogram>,
    open: Gauge,
}

impl CallMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let seconds = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let open = Gauge::default();
        registry.register(
            "tandem_rpc_duration_seconds",
            "Calls and how long they took to their last byte, by method and code",
            seconds.clone(),
        );
        registry.register(
            "tandem_rpc_open",
            "Calls that have not ended, streams included",
            open.clone(),
        );
        Self { seconds, open }
    }

    pub(crate) fn begin(&self, method: Arc<str>) -> Call {
        self.open.inc();
        Call {
            metrics: self.clone(),
            method,
            start: Instant::now(),
            code: Code::Cancelled,
        }
    }
}

/// A call under measurement; it is recorded when dropped, so a client that went away is counted as well.
#[derive(Debug)]
pub(crate) struct Call {
    metrics: CallMetrics,
    method: Arc<str>,
    start: Instant,
    code: Code,
}

impl Call {
    pub(crate) fn ended_with(&mut self, code: Code) {
        self.code = code;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let elapsed = self.start.elapsed();
        let labels = Labels {
            method: Arc::clone(&self.method),
            code: name(self.code),
        };
        self.metrics.open.dec();
        self.metrics
            .seconds
            .get_or_create(&labels)
            .observe(elapsed.as_secs_f64());
        tracing::debug!(
            rpc.code = labels.code,
            rpc.elapsed_us = elapsed.as_micros() as u64,
            "call ended"
        );
    }
}

/// The code as gRPC writes it.
fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
