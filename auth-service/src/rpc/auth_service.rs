//! `tandem.auth.v1.AuthService`: signing up, in and out. Anyone may call.

mod code;
mod delivery;
mod refresh_session;
mod reset_password;
mod send_mail;
mod session;
mod sign_in;
mod sign_out;
mod sign_up;
mod verify_email;

use std::sync::Arc;

use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

pub(crate) use delivery::CookiePolicy;
pub(super) use delivery::forget_cookie;
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

    async fn send_email_verification(
        &self,
        request: Request<pb::SendEmailVerificationRequest>,
    ) -> Result<Response<pb::SendEmailVerificationResponse>, Status> {
        Ok(send_mail::send_email_verification(&self.0, request).await?)
    }

    async fn verify_email(
        &self,
        request: Request<pb::VerifyEmailRequest>,
    ) -> Result<Response<pb::VerifyEmailResponse>, Status> {
        Ok(verify_email::verify_email(&self.0, request).await?)
    }

    async fn send_password_reset(
        &self,
        request: Request<pb::SendPasswordResetRequest>,
    ) -> Result<Response<pb::SendPasswordResetResponse>, Status> {
        Ok(send_mail::send_password_reset(&self.0, request).await?)
    }

    async fn reset_password(
        &self,
        request: Request<pb::ResetPasswordRequest>,
    ) -> Result<Response<pb::ResetPasswordResponse>, Status> {
        Ok(reset_password::reset_password(&self.0, request).await?)
    }
}
