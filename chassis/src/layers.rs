//! The one layer stack, outermost first: CORS, grpc-web, call (request id, span, address, drain), metrics, admission, deadline,
//! explain, panic. The first two must stand outside of everything that can refuse, or a browser sees an opaque network
//! error in place of the refusal.

mod admission;
mod around;
mod call;
mod cors;
mod deadline;
mod explain;
mod measure;
mod panics;

use std::sync::Arc;

use tonic_web::GrpcWebLayer;
use tower::ServiceBuilder;
use tower::layer::util::{Identity, Stack};
use tower_http::cors::CorsLayer;

use crate::config::ServerConfig;
use crate::methods::Methods;
use crate::{Clock, Draining, Entropy, Health, Metrics};
use around::AroundLayer;

type Outer = Stack<GrpcWebLayer, Stack<CorsLayer, Identity>>;
type Seen = Stack<AroundLayer<measure::Measure>, Stack<AroundLayer<call::CallContext>, Outer>>;
type Bounded = Stack<AroundLayer<deadline::DeadlineCap>, Stack<AroundLayer<admission::Admission>, Seen>>;
type Whole = Stack<AroundLayer<panics::CatchPanic>, Stack<AroundLayer<explain::Explain>, Bounded>>;

/// Builds the stack of one server.
pub(crate) fn stack(
    config: &ServerConfig,
    methods: Methods,
    health: &Health,
    metrics: &Metrics,
    draining: &Draining,
) -> ServiceBuilder<Whole> {
    let context = call::CallContext {
        methods: Arc::new(methods),
        draining: draining.clone(),
        trusted_proxies: config.trusted_proxies.clone().into(),
        entropy: Entropy::system(),
        clock: Clock::system(),
    };
    ServiceBuilder::new()
        .layer(cors::layer(&config.allowed_origins))
        .layer(GrpcWebLayer::new())
        .layer(AroundLayer(context))
        .layer(AroundLayer(measure::Measure(metrics.calls().clone())))
        .layer(AroundLayer(admission::Admission::new(
            config.max_concurrent_requests,
            health.clone(),
        )))
        .layer(AroundLayer(deadline::DeadlineCap(config.request_timeout)))
        .layer(AroundLayer(explain::Explain))
        .layer(AroundLayer(panics::CatchPanic))
}
