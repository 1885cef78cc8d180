//! `tandem.auth.v1.RevocationService`: which sessions ended before their tokens, for services that verify on their own.

mod cursor;
mod watch_revocations;

use std::sync::Arc;

use proto::auth::v1 as pb;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use crate::app::App;

/// The service over its dependencies.
pub(crate) struct RevocationServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::revocation_service_server::RevocationService for RevocationServiceImpl {
    type WatchRevocationsStream = BoxStream<pb::WatchRevocationsResponse>;

    async fn watch_revocations(
        &self,
        request: Request<pb::WatchRevocationsRequest>,
    ) -> Result<Response<Self::WatchRevocationsStream>, Status> {
        watch_revocations::watch_revocations(self.0.clone(), request).await
    }
}
