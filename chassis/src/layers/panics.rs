//! Turns a panic into INTERNAL with the request id. The panic hook that telemetry sets has logged it, with its place,
//! inside the span of the call; logging it here again would be the second time.

use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures_util::FutureExt as _;
use http::Response;
use tonic::body::Body;

use super::around::{Around, Rest};
use crate::status;

#[derive(Debug)]
pub(crate) struct CatchPanic;

impl Around for CatchPanic {
    async fn around(&self, rest: impl Rest) -> Response<Body> {
        // The call's state is dropped with it; what outlives the call (pool, locks) copes with a dropped call anyway.
        let response = AssertUnwindSafe(pin!(rest.proceed())).catch_unwind().await;
        response.unwrap_or_else(|_| status::internal().into_http())
    }
}
