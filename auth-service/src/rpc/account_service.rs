//! `tandem.auth.v1.AccountService`: a signed-in person's own account.

mod change_email;
mod change_password;
mod confirm;
mod delete_user;
mod export_user;
mod get_user;
mod list_security_events;
mod list_sessions;
mod revoke_session;
mod update_user;

use std::sync::Arc;

use proto::auth::v1 as pb;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use crate::app::App;

/// The service over its dependencies.
pub(crate) struct AccountServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::account_service_server::AccountService for AccountServiceImpl {
    type ExportUserStream = BoxStream<pb::ExportUserResponse>;

    async fn get_user(&self, request: Request<pb::GetUserRequest>) -> Result<Response<pb::User>, Status> {
        get_user::get_user(&self.0, &request).await
    }

    async fn update_user(
        &self,
        request: Request<pb::UpdateUserRequest>,
    ) -> Result<Response<pb::User>, Status> {
        update_user::update_user(&self.0, request).await
    }

    async fn change_email(
        &self,
        request: Request<pb::ChangeEmailRequest>,
    ) -> Result<Response<pb::ChangeEmailResponse>, Status> {
        change_email::change_email(&self.0, request).await
    }

    async fn change_password(
        &self,
        request: Request<pb::ChangePasswordRequest>,
    ) -> Result<Response<pb::ChangePasswordResponse>, Status> {
        change_password::change_password(&self.0, request).await
    }

    async fn delete_user(
        &self,
        request: Request<pb::DeleteUserRequest>,
    ) -> Result<Response<pb::DeleteUserResponse>, Status> {
        delete_user::delete_user(&self.0, request).await
    }

    async fn cancel_user_deletion(
        &self,
        request: Request<pb::CancelUserDeletionRequest>,
    ) -> Result<Response<pb::User>, Status> {
        delete_user::cancel_user_deletion(&self.0, request).await
    }

    async fn export_user(
        &self,
        request: Request<pb::ExportUserRequest>,
    ) -> Result<Response<Self::ExportUserStream>, Status> {
        export_user::export_user(self.0.clone(), request).await
    }

    async fn list_sessions(
        &self,
        request: Request<pb::ListSessionsRequest>,
    ) -> Result<Response<pb::ListSessionsResponse>, Status> {
        list_sessions::list_sessions(&self.0, &request).await
    }

    async fn list_security_events(
        &self,
        request: Request<pb::ListSecurityEventsRequest>,
    ) -> Result<Response<pb::ListSecurityEventsResponse>, Status> {
        list_security_events::list_security_events(&self.0, request).await
    }

    async fn revoke_session(
        &self,
        request: Request<pb::RevokeSessionRequest>,
    ) -> Result<Response<pb::RevokeSessionResponse>, Status> {
        revoke_session::revoke_session(&self.0, request).await
    }

    async fn revoke_other_sessions(
        &self,
        request: Request<pb::RevokeOtherSessionsRequest>,
    ) -> Result<Response<pb::RevokeOtherSessionsResponse>, Status> {
        revoke_session::revoke_other_sessions(&self.0, request).await
    }
}
