//! What people ask of auth-service.

use std::sync::Arc;

use proto::auth::v1::auth_service_client::AuthServiceClient;
use proto::auth::v1::{RefreshSessionRequest, SignInRequest};
use tonic::Status;
use tonic::transport::Channel;

use crate::load::Call;
use crate::people::Person;

/// Signs a person in, with the right password and from a known device.
pub(crate) struct SignIn {
    client: AuthServiceClient<Channel>,
    person: Arc<Person>,
}

impl SignIn {
    pub(crate) fn new(channel: Channel, person: Arc<Person>) -> Self {
        Self {
            client: AuthServiceClient::new(channel),
            person,
        }
    }

    /// Gives the refresh token of the new session.
    async fn sign_in(&mut self) -> Result<String, Status> {
        let message = SignInRequest {
            email: self.person.email.clone(),
            password: self.person.password.clone(),
            device_token: self.person.device_token.clone(),
            ..SignInRequest::default()
        };
        let reply = self.client.sign_in(message).await?.into_inner();
        Ok(reply.session.unwrap_or_default().refresh_token)
    }
}

impl Call for SignIn {
    async fn call(&mut self) -> Result<(), Status> {
        self.sign_in().await.map(drop)
    }
}

/// Keeps a session, and changes its refresh token for the next one.
pub(crate) struct RefreshSession {
    client: AuthServiceClient<Channel>,
    refresh_token: String,
}

impl RefreshSession {
    /// Signs in first: every caller has a session of its own.
    pub(crate) async fn new(channel: Channel, person: Arc<Person>) -> Result<Self, Status> {
        let mut sign_in = SignIn::new(channel, person);
        let refresh_token = sign_in.sign_in().await?;
        Ok(Self {
            client: sign_in.client,
            refresh_token,
        })
    }
}

impl Call for RefreshSession {
    async fn call(&mut self) -> Result<(), Status> {
        let message = RefreshSessionRequest {
            refresh_token: self.refresh_token.clone(),
            ..RefreshSessionRequest::default()
        };
        let reply = self.client.refresh_session(message).await?.into_inner();
        self.refresh_token = reply.session.unwrap_or_default().refresh_token;
        Ok(())
    }
}
