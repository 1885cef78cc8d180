//! What a rule of ours is: a function around the rest of the stack. The box, the clones and the shared state that tower
//! asks for stand here once for all rules together, so that each rule's file holds its rule alone and a further rule
//! costs a call no allocation.
//!
//! The request lies in one place until the innermost rule has let it through. A future that takes it over keeps room for
//! it after it has handed it on, and with a dozen of them around each other that is kilobytes to allocate for each call.

use std::convert::Infallible;
use std::mem::take;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tower::{Layer, Service, ServiceExt as _};

/// The rest of the stack, as a rule sees it.
pub(crate) trait Rest: Send {
    /// What is asked.
    fn request(&mut self) -> &mut Request<Body>;

    /// Hands the request on.
    fn proceed(self) -> impl Future<Output = Response<Body>> + Send;
}

/// A rule that stands around the rest of the stack.
pub(crate) trait Around: Send + Sync + 'static {
    fn around(&self, rest: impl Rest) -> impl Future<Output = Response<Body>> + Send;
}

/// A rule, and the rules inside of it.
#[derive(Debug)]
pub(crate) struct Within<Outer, Inner>(pub(crate) Outer, pub(crate) Inner);

impl<Outer: Around, Inner: Around> Around for Within<Outer, Inner> {
    fn around(&self, rest: impl Rest) -> impl Future<Output = Response<Body>> + Send {
        self.0.around(Inside { rule: &self.1, rest })
    }
}

struct Inside<'a, A, R> {
    rule: &'a A,
    rest: R,
}

impl<A: Around, R: Rest> Rest for Inside<'_, A, R> {
    fn request(&mut self) -> &mut Request<Body> {
        self.rest.request()
    }

    fn proceed(self) -> impl Future<Output = Response<Body>> + Send {
        self.rule.around(self.rest)
    }
}

/// What the rules stand around.
struct Innermost<'a, S> {
    service: S,
    request: &'a mut Request<Body>,
}

impl<S> Rest for Innermost<'_, S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Send,
{
    fn request(&mut self) -> &mut Request<Body> {
        self.request
    }

    async fn proceed(self) -> Response<Body> {
        match self.service.oneshot(take(self.request)).await {
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

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let Self { rules, rest } = self.clone();
        Box::pin(async move {
            let innermost = Innermost {
                service: rest,
                request: &mut request,
            };
            Ok(rules.around(innermost).await)
        })
    }
}
