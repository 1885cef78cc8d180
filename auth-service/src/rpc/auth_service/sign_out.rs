//! `SignOut`: ends the session of a refresh token, old or new, and revokes its access tokens. A token that means nothing
//! is no error, so that signing out never fails for a client that lost track.

use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response};

use super::delivery;
use super::session;
use crate::app::App;
use crate::domain::{EventKind, SecurityEvent};
use crate::error::Error;
use crate::rpc::event;
use crate::store::{self, security_events, sessions};

pub(super) async fn sign_out(
    app: &App,
    request: Request<pb::SignOutRequest>,
) -> Result<Response<pb::SignOutResponse>, Error> {
    let (deadline, client) = (Deadline::of(&request), session::client(&request));
    let (metadata, _, message) = request.into_parts();
    let policy = app.cookies.as_ref();
    let unspecified = pb::RefreshTokenDelivery::Unspecified.into();
    let presented = delivery::of_presented(&message.refresh_token, unspecified, &metadata, policy)?;
    if let Some(token) = presented.token {
        let mut tx = store::begin(&app.pool, deadline).await?;
        let now = app.clock.now();
        let (user, ended) = sessions::end_by_token(&mut tx, &token.hash(), now).await?;
        if let Some(session) = ended.sessions().first().copied() {
            let signed_out = SecurityEvent {
                user,
                session: Some(session),
                ..event::new(app, EventKind::SignedOut, &client)
            };
            security_events::insert(&mut *tx, &signed_out).await?;
        }
        app.wakeups.commit(tx, ended, now).await?;
    }
    let mut response = Response::new(pb::SignOutResponse {});
    // Also when the token came in the message: who signs out in the web app's browser is to be signed out there.
    if let Some(cookie) = delivery::forget_cookie(&metadata, policy) {
        response.metadata_mut().insert("set-cookie", cookie);
    }
    Ok(response)
}
