//! `DisableUser`, `EnableUser` and `RevokeUserSessions`: what administrators do to other people's accounts.

use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use super::admin::{Admin, user_id};
use crate::app::App;
use crate::domain::EventKind;
use crate::error::Error;
use crate::rpc::convert;
use crate::store::{revocations, security_events, sessions, users};

pub(super) async fn disable_user(
    app: &App,
    request: Request<pb::DisableUserRequest>,
) -> Result<Response<pb::User>, Status> {
    let (admin, deadline) = (Admin::of(app, &request).await?, Deadline::of(&request));
    let id = user_id("id", &request.get_ref().id)?;
    if id == admin.id() {
        return Err(Error::OwnAccount.into());
    }
    let (mut tx, mut user) = admin.begin(app, id, deadline).await?;
    let now = app.clock.now();
    if user.disable_time.is_none() {
        users::admin::update_disable_time(&mut tx, id, Some(now), now).await?;
        let disabled = admin.event(app, EventKind::Disabled, id, None);
        security_events::insert(&mut *tx, &disabled).await?;
        (user.disable_time, user.update_time) = (Some(now), now);
    }
    let ended = sessions::end_all(&mut tx, id, None, now).await?;
    revocations::commit(tx, ended, now).await?;
    Ok(Response::new(convert::user(user)))
}

pub(super) async fn enable_user(
    app: &App,
    request: Request<pb::EnableUserRequest>,
) -> Result<Response<pb::User>, Status> {
    let (admin, deadline) = (Admin::of(app, &request).await?, Deadline::of(&request));
    let id = user_id("id", &request.get_ref().id)?;
    let (mut tx, mut user) = admin.begin(app, id, deadline).await?;
    if user.disable_time.is_some() {
        let now = app.clock.now();
        users::admin::update_disable_time(&mut tx, id, None, now).await?;
        let enabled = admin.event(app, EventKind::Enabled, id, None);
        security_events::insert(&mut *tx, &enabled).await?;
        (user.disable_time, user.update_time) = (None, now);
    }
    tx.commit().await.map_err(Error::from)?;
    Ok(Response::new(convert::user(user)))
}

pub(super) async fn revoke_user_sessions(
    app: &App,
    request: Request<pb::RevokeUserSessionsRequest>,
) -> Result<Response<pb::RevokeUserSessionsResponse>, Status> {
    let (admin, deadline) = (Admin::of(app, &request).await?, Deadline::of(&request));
    let id = user_id("id", &request.get_ref().id)?;
    let (mut tx, _) = admin.begin(app, id, deadline).await?;
    let now = app.clock.now();
    let ended = sessions::end_all(&mut tx, id, None, now).await?;
    for session in ended.sessions() {
        let revoked = admin.event(app, EventKind::SessionRevoked, id, Some(*session));
        security_events::insert(&mut *tx, &revoked).await?;
    }
    let revoked_count = i32::try_from(ended.sessions().len()).unwrap_or(i32::MAX);
    revocations::commit(tx, ended, now).await?;
    Ok(Response::new(pb::RevokeUserSessionsResponse { revoked_count }))
}
