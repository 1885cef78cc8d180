//! `tandem.auth.v1.AuthService`: signing up, in and out. Anyone may call.

mod delivery;
mod refresh_session;
mod session;
mod sign_in;
mod sign_out;
mod sign_up;

use std::sync::Arc;

use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

pub(crate) use delivery::CookiePolicy;
pub(super) use session::client;

use crate::app::App;

/// The service over its dependencies.
pub(crate) struct AuthServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::auth_service_server::AuthService for AuthServiceImpl {
    async fn sign_up(
        &self,
        request: Request<pb::SignUpRequest>,
    ) -> Result<Response<pb::SignUpResponse>, Status> {
        Ok(sign_up::sign_up(&self.0, request).await?)
    }

    async fn sign_in(
        &self,
        request: Request<pb::SignInRequest>,
    ) -> Result<Response<pb::SignInResponse>, Status> {
        Ok(sign_in::sign_in(&self.0, request).await?)
    }

    async fn refresh_session(
        &self,
        request: Request<pb::RefreshSessionRequest>,
    ) -> Result<Response<pb::RefreshSessionResponse>, Status> {
        refresh_session::refresh_session(&self.0, request).await
    }

    async fn sign_out(
        &self,
        request: Request<pb::SignOutRequest>,
    ) -> Result<Response<pb::SignOutResponse>, Status> {
        Ok(sign_out::sign_out(&self.0, request).await?)
    }
}
