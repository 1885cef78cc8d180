//! Gives tonic's own refusals the code and the reason that the contract names. A status without details was not made by
//! a service: each of ours carries an ErrorInfo. Health and reflection speak protocols of their own and stay as they are.

use http::Response;
use proto::errors::v1::ErrorReason;
use proto::refusal;
use tonic::body::Body;
use tonic::{Code, Status};

use super::around::{Around, Rest};
use crate::status;

/// How tonic's decoder begins when a message was not one. Tests hold them to the version in use.
const NOT_A_MESSAGE: [&str; 4] = [
    "failed to decode Protobuf message",
    "Missing request message.",
    "Unexpected EOF decoding stream.",
    "protocol error",
];

#[derive(Debug)]
pub(crate) struct Explain;

impl Around for Explain {
    async fn around(&self, mut rest: impl Rest) -> Response<Body> {
        let foreign = rest.request().uri().path().starts_with("/grpc.");
        let response = rest.proceed().await;
        if foreign {
            return response;
        }
        let status = Status::from_header_map(response.headers()).filter(|status| status.details().is_empty());
        match status.and_then(|status| explained(&status)) {
            Some(status) => status.into_http(),
            None => response,
        }
    }
}

fn explained(status: &Status) -> Option<Status> {
    match status.code() {
        Code::OutOfRange | Code::ResourceExhausted => Some(refusal::status(
            Code::ResourceExhausted,
            ErrorReason::MessageTooLarge,
            "The message is larger than this method takes; send less at once.",
        )),
        Code::Unimplemented => Some(refusal::status(
            Code::Unimplemented,
            ErrorReason::MethodUnknown,
            "No such service or method here, or a compression that is not spoken here.",
        )),
        Code::Internal if is_not_a_message(status) => Some(refusal::status(
            Code::InvalidArgument,
            ErrorReason::FieldInvalid,
            "The request is not a well-formed message of this method.",
        )),
        Code::Internal | Code::Unknown => {
            tracing::error!(%status, "a refusal without a reason");
            Some(status::internal())
        }
        _ => None,
    }
}

fn is_not_a_message(status: &Status) -> bool {
    NOT_A_MESSAGE
        .iter()
        .any(|start| status.message().starts_with(start))
}
