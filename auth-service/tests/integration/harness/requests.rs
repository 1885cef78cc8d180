//! What callers send.

use proto::auth::v1 as pb;
use proto::auth::v1::auth_service_client::AuthServiceClient;
use tonic::transport::Channel;
use tonic::{Request, Status};

use super::PASSWORD;

pub(crate) fn sign_up(email: &str) -> pb::SignUpRequest {
    pb::SignUpRequest {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        display_name: String::new(),
        refresh_token_delivery: 0,
    }
}

pub(crate) fn sign_in(email: &str, password: &str) -> pb::SignInRequest {
    pb::SignInRequest {
        email: email.to_owned(),
        password: password.to_owned(),
        refresh_token_delivery: 0,
        device_token: String::new(),
    }
}

pub(crate) async fn refresh(
    mut client: AuthServiceClient<Channel>,
    token: &str,
) -> Result<pb::Session, Status> {
    let request = pb::RefreshSessionRequest {
        refresh_token: token.to_owned(),
        refresh_token_delivery: 0,
    };
    let reply = client.refresh_session(request).await?;
    Ok(reply.into_inner().session.expect("a session"))
}

/// A message with an access token.
pub(crate) fn authorized<T>(access_token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {access_token}").parse().expect("ASCII");
    request.metadata_mut().insert("authorization", bearer);
    request
}
