//! `tandem.auth.v1.ServiceTokenService`: access tokens for services. The secret in the message is the proof.

mod issue_service_token;
mod on_behalf;

use std::sync::Arc;

use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use crate::app::App;

/// The service over its dependencies.
pub(crate) struct ServiceTokenServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::service_token_service_server::ServiceTokenService for ServiceTokenServiceImpl {
    async fn issue_service_token(
        &self,
        request: Request<pb::IssueServiceTokenRequest>,
    ) -> Result<Response<pb::IssueServiceTokenResponse>, Status> {
        Ok(issue_service_token::issue_service_token(&self.0, request).await?)
    }
}
