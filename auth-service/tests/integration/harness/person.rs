//! Somebody with an account, and the calls that most tests make.

use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use super::{Service, authorized};

/// Somebody with an account and a session in it.
pub(crate) struct Person<'a> {
    pub(super) service: &'a Service,
    pub(crate) email: String,
    pub(crate) session: pb::Session,
}

impl Person<'_> {
    pub(crate) fn user(&self) -> &pb::User {
        self.session.user.as_ref().expect("a user")
    }

    /// Refreshes, and goes on with what came.
    pub(crate) async fn refresh(&mut self) -> Result<(), Status> {
        self.session = self.service.refresh(&self.session.refresh_token).await?;
        Ok(())
    }

    pub(crate) async fn get_user(&self) -> Result<pb::User, Status> {
        self.service.get_user(&self.session.access_token).await
    }

    /// A message that this person sends.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        authorized(&self.session.access_token, message)
    }

    pub(crate) async fn change_password(&self, current: &str, new: &str) -> Result<(), Status> {
        let request = self.request(pb::ChangePasswordRequest {
            current_password: current.to_owned(),
            new_password: new.to_owned(),
        });
        self.service.account().change_password(request).await.map(drop)
    }

    pub(crate) async fn delete(&self, password: &str) -> Result<Response<pb::DeleteUserResponse>, Status> {
        let password = password.to_owned();
        let request = self.request(pb::DeleteUserRequest { password });
        self.service.account().delete_user(request).await
    }

    pub(crate) async fn cancel_deletion(&self) -> Result<pb::User, Status> {
        let request = self.request(pb::CancelUserDeletionRequest {});
        let reply = self.service.account().cancel_user_deletion(request).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn revoke(&self, session_id: &str) -> Result<(), Status> {
        let session_id = session_id.to_owned();
        let request = self.request(pb::RevokeSessionRequest { session_id });
        self.service.account().revoke_session(request).await.map(drop)
    }

    pub(crate) async fn revoke_others(&self) -> Result<i32, Status> {
        let request = self.request(pb::RevokeOtherSessionsRequest {});
        let reply = self.service.account().revoke_other_sessions(request).await?;
        Ok(reply.into_inner().revoked_count)
    }

    pub(crate) async fn list_sessions(&self) -> Result<Vec<pb::SessionSummary>, Status> {
        let request = self.request(pb::ListSessionsRequest {});
        let reply = self.service.account().list_sessions(request).await?;
        Ok(reply.into_inner().sessions)
    }

    /// What happened to the account, newest first.
    pub(crate) async fn security_events(&self) -> Vec<pb::SecurityEvent> {
        let request = self.request(pb::ListSecurityEventsRequest::default());
        let reply = self.service.account().list_security_events(request).await;
        reply.expect("listed").into_inner().security_events
    }
}
