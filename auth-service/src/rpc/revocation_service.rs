//! `tandem.auth.v1.RevocationService`: which sessions ended before their tokens, for services that verify on their own.

use std::sync::Arc;

use proto::access_token::{Caller, Scope};
use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use proto::refusal;
use tonic::codegen::BoxStream;
use tonic::{Code, Request, Response, Status};

use crate::app::App;
use crate::rpc::service_caller;

/// The service over its dependencies.
pub(crate) struct RevocationServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::revocation_service_server::RevocationService for RevocationServiceImpl {
    async fn watch_revocations(
        &self,
        request: Request<pb::WatchRevocationsRequest>,
    ) -> Result<Response<BoxStream<pb::WatchRevocationsResponse>>, Status> {
        let caller = Caller::of(&request)?;
        service_caller::require(&self.0, caller, Scope::RevocationsRead).await?;
        Err(refusal::status(
            Code::Unimplemented,
            ErrorReason::MethodUnknown,
            "Revocations are not streamed yet.",
        ))
    }
}
