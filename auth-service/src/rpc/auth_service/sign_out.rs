//! `SignOut`: ends the session of a refresh token, old or new. A token that means nothing is no error, so that signing
//! out never fails for a client that lost track.

use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response};

use super::delivery::{self, Delivery};
use crate::app::App;
use crate::error::Error;
use crate::store::{self, sessions};

pub(super) async fn sign_out(
    app: &App,
    request: Request<pb::SignOutRequest>,
) -> Result<Response<pb::SignOutResponse>, Error> {
    let deadline = Deadline::of(&request);
    let (metadata, _, message) = request.into_parts();
    let policy = app.cookies.as_ref();
    let unspecified = pb::RefreshTokenDelivery::Unspecified.into();
    let presented = delivery::of_presented(&message.refresh_token, unspecified, &metadata, policy)?;
    if let Some(token) = presented.token {
        let mut tx = store::begin(&app.pool, deadline).await?;
        sessions::end(&mut tx, &token.hash(), app.clock.now()).await?;
        tx.commit().await?;
    }
    let mut response = Response::new(pb::SignOutResponse {});
    if let (Delivery::Cookie, Some(policy)) = (presented.delivery, policy) {
        response.metadata_mut().insert("set-cookie", policy.clear());
    }
    Ok(response)
}
