//! Measures each call to its last byte, with the code it ended with. A refusal has its code in the headers, an answer
//! that carried a message has it in the trailers; reading only one of them counts half of all errors as successes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::{Frame, SizeHint};
use tonic::body::Body;
use tonic::{Code, Status};

use super::around::{Around, Rest};
use crate::call::CallInfo;
use crate::metrics::{Call, CallMetrics};

#[derive(Debug)]
pub(crate) struct Measure(pub(super) CallMetrics);

impl Around for Measure {
    async fn around(&self, mut rest: impl Rest) -> Response<Body> {
        let Some(info) = rest.request().extensions().get::<CallInfo>() else {
            return rest.proceed().await;
        };
        let mut call = self.0.begin(Arc::clone(&info.method));
        let response = rest.proceed().await;
        if let Some(code) = code_in(response.headers()) {
            call.ended_with(code);
            return response;
        }
        response.map(|body| Body::new(MeasuredBody { body, call }))
    }
}

fn code_in(headers: &HeaderMap) -> Option<Code> {
    headers
        .get(Status::GRPC_STATUS)
        .map(|status| Code::from_bytes(status.as_bytes()))
}

/// Watches for the trailers. The call is recorded when the body is dropped.
struct MeasuredBody {
    body: Body,
    call: Call,
}

impl http_body::Body for MeasuredBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(code) = frame.trailers_ref().and_then(code_in)
        {
            self.call.ended_with(code);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
