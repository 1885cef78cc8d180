//! The one layer stack, outermost first: CORS and grpc-web (for browsers), call (request id, span, address, drain), metrics,
//! admission, deadline, explain, panic. The first two must stand outside of everything that can refuse, or a browser
//! sees an opaque network error in place of the refusal.

mod admission;
mod around;
mod call;
mod cors;
mod deadline;
mod explain;
mod measure;
mod panics;
mod protocol;

use tower::ServiceBuilder;
use tower::layer::util::{Identity, Stack};

use crate::config::ServerConfig;
use crate::methods::Methods;
use crate::{Clock, Draining, Entropy, Health, Metrics};
use admission::Admission;
use around::{AroundLayer, Within};
use call::CallContext;
use deadline::DeadlineCap;
use explain::Explain;
use measure::Measure;
use panics::CatchPanic;
use protocol::ProtocolLayer;

type Seen<Inner> = Within<CallContext, Within<Measure, Inner>>;
type Bounded<Inner> = Within<Admission, Within<DeadlineCap, Inner>>;
type Rules = Seen<Bounded<Within<Explain, CatchPanic>>>;

/// Builds the stack of one server.
pub(crate) fn stack(
    config: &ServerConfig,
    methods: Methods,
    health: &Health,
    metrics: &Metrics,
    draining: &Draining,
) -> ServiceBuilder<Stack<AroundLayer<Rules>, Stack<ProtocolLayer, Identity>>> {
    let call = CallContext {
        methods,
        draining: draining.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        entropy: Entropy::system(),
        clock: Clock::system(),
    };
    let measure = Measure(metrics.calls().clone());
    let admission = Admission::new(config.max_concurrent_requests, health.clone());
    let deadline = DeadlineCap(config.request_timeout);
    let bounded = Within(admission, Within(deadline, Within(Explain, CatchPanic)));
    ServiceBuilder::new()
        .layer(ProtocolLayer::new(cors::layer(&config.allowed_origins)))
        .layer(AroundLayer::new(Within(call, Within(measure, bounded))))
}
