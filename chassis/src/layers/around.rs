//! What a layer of ours is: a function around the rest of the stack. The boxes and clones that tower asks for stand here
//! once, so that each layer's file holds its rule alone.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tower::{Layer, Service, ServiceExt as _};

/// The rest of the stack, as a layer sees it.
pub(crate) trait Rest:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Rest for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Hands the request on.
pub(crate) async fn proceed(rest: impl Rest, request: Request<Body>) -> Response<Body> {
    match rest.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// A rule that stands around the rest of the stack.
pub(crate) trait Around: Clone + Send + Sync + 'static {
    fn around(self, request: Request<Body>, rest: impl Rest) -> impl Future<Output = Response<Body>> + Send;
}

#[derive(Debug, Clone)]
pub(crate) struct AroundLayer<A>(pub(crate) A);

impl<A: Clone, S> Layer<S> for AroundLayer<A> {
    type Service = AroundService<A, S>;

    fn layer(&self, rest: S) -> Self::Service {
        AroundService {
            rule: self.0.clone(),
            rest,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct AroundService<A, S> {
    rule: A,
    rest: S,
}

impl<A: Around, S: Rest> Service<Request<Body>> for AroundService<A, S> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // `proceed` waits for the rest; a layer that refuses must be able to do so while the rest is busy.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (rule, rest) = (self.rule.clone(), self.rest.clone());
        Box::pin(async move { Ok(rule.around(request, rest).await) })
    }
}
