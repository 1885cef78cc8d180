//! What a rule of ours is: a function around the rest of the stack. The box, the clones and the shared state that tower
//! asks for stand here once for all rules together, so that each rule's file holds its rule alone and a further rule
//! costs a call no allocation.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tower::{Layer, Service, ServiceExt as _};

/// The rest of the stack, as a rule sees it.
pub(crate) trait Rest: Send {
    /// Hands the request on.
    fn proceed(self, request: Request<Body>) -> impl Future<Output = Response<Body>> + Send;
}

/// A rule that stands around the rest of the stack.
pub(crate) trait Around: Send + Sync + 'static {
    fn around(&self, request: Request<Body>, rest: impl Rest) -> impl Future<Output = Response<Body>> + Send;
}

/// A rule, and the rules inside of it.
#[derive(Debug)]
pub(crate) struct Within<Outer, Inner>(pub(crate) Outer, pub(crate) Inner);

impl<Outer: Around, Inner: Around> Around for Within<Outer, Inner> {
    async fn around(&self, request: Request<Body>, rest: impl Rest) -> Response<Body> {
        let inside = Inside { rule: &self.1, rest };
        self.0.around(request, inside).await
    }
}

struct Inside<'a, A, R> {
    rule: &'a A,
    rest: R,
}

impl<A: Around, R: Rest> Rest for Inside<'_, A, R> {
    async fn proceed(self, request: Request<Body>) -> Response<Body> {
        self.rule.around(request, self.rest).await
    }
}

/// What the rules stand around.
struct Innermost<S>(S);

impl<S> Rest for Innermost<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Send,
{
    async fn proceed(self, request: Request<Body>) -> Response<Body> {
        match self.0.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

#[derive(Debug)]
pub(crate) struct AroundLayer<A>(Arc<A>);

impl<A> AroundLayer<A> {
    pub(crate) fn new(rules: A) -> Self {
        Self(Arc::new(rules))
    }
}

impl<A> Clone for AroundLayer<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A, S> Layer<S> for AroundLayer<A> {
    type Service = AroundService<A, S>;

    fn layer(&self, rest: S) -> Self::Service {
        AroundService {
            rules: Arc::clone(&self.0),
            rest,
        }
    }
}

#[derive(Debug)]
pub(crate) struct AroundService<A, S> {
    rules: Arc<A>,
    rest: S,
}

impl<A, S: Clone> Clone for AroundService<A, S> {
    fn clone(&self) -> Self {
        Self {
            rules: Arc::clone(&self.rules),
            rest: self.rest.clone(),
        }
    }
}

impl<A, S> Service<Request<Body>> for AroundService<A, S>
where
    A: Around,
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // `Innermost` waits for the rest; a rule that refuses must be able to do so while the rest is busy.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Self { rules, rest } = self.clone();
        Box::pin(async move { Ok(rules.around(request, Innermost(rest)).await) })
    }
}
