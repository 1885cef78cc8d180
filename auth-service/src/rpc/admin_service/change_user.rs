//! `DisableUser`, `EnableUser` and `RevokeUserSessions`: what administrators do to other people's accounts.

use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use super::admin::{Admin, user_id};
use crate::app::App;
use crate::error::Error;
use crate::rpc::convert;

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
    let ended = admin.administration(app).disable(&mut tx, &mut user).await?;
    app.wakeups.commit(tx, ended, app.clock.now()).await?;
    Ok(Response::new(convert::user(user)))
}

pub(super) async fn enable_user(
    app: &App,
    request: Request<pb::EnableUserRequest>,
) -> Result<Response<pb::User>, Status> {
    let (admin, deadline) = (Admin::of(app, &request).await?, Deadline::of(&request));
    let id = user_id("id", &request.get_ref().id)?;
    let (mut tx, mut user) = admin.begin(app, id, deadline).await?;
    admin.administration(app).enable(&mut tx, &mut user).await?;
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
    let ended = admin.administration(app).end_sessions(&mut tx, id).await?;
    let revoked_count = i32::try_from(ended.sessions().len()).unwrap_or(i32::MAX);
    app.wakeups.commit(tx, ended, app.clock.now()).await?;
    Ok(Response::new(pb::RevokeUserSessionsResponse { revoked_count }))
}
