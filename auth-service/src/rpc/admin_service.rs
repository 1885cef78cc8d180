//! `tandem.auth.v1.AdminService`: other people's accounts, for administrators.

mod admin;
mod change_user;
mod read;

use std::sync::Arc;

use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use crate::app::App;

/// The service over its dependencies.
pub(crate) struct AdminServiceImpl(pub(crate) Arc<App>);

#[tonic::async_trait]
impl pb::admin_service_server::AdminService for AdminServiceImpl {
    async fn list_users(
        &self,
        request: Request<pb::ListUsersRequest>,
    ) -> Result<Response<pb::ListUsersResponse>, Status> {
        read::list_users(&self.0, request).await
    }

    async fn get_user(
        &self,
        request: Request<pb::AdminServiceGetUserRequest>,
    ) -> Result<Response<pb::User>, Status> {
        read::get_user(&self.0, request).await
    }

    async fn disable_user(
        &self,
        request: Request<pb::DisableUserRequest>,
    ) -> Result<Response<pb::User>, Status> {
        change_user::disable_user(&self.0, request).await
    }

    async fn enable_user(
        &self,
        request: Request<pb::EnableUserRequest>,
    ) -> Result<Response<pb::User>, Status> {
        change_user::enable_user(&self.0, request).await
    }

    async fn revoke_user_sessions(
        &self,
        request: Request<pb::RevokeUserSessionsRequest>,
    ) -> Result<Response<pb::RevokeUserSessionsResponse>, Status> {
        change_user::revoke_user_sessions(&self.0, request).await
    }

    async fn list_security_events(
        &self,
        request: Request<pb::AdminServiceListSecurityEventsRequest>,
    ) -> Result<Response<pb::ListSecurityEventsResponse>, Status> {
        read::list_security_events(&self.0, request).await
    }
}
