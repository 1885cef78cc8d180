//! `RevokeSession` and `RevokeOtherSessions`: a person ends their own sessions. A session of somebody else is unknown.

use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::app::App;
use crate::domain::{Client, EventKind, SecurityEvent, SessionId};
use crate::error::Error;
use crate::rpc::auth_service::client;
use crate::rpc::fields::invalid;
use crate::rpc::person::Person;
use crate::store::revocations::Ended;
use crate::store::{self, Tx, security_events, sessions};

pub(super) async fn revoke_session(
    app: &App,
    request: Request<pb::RevokeSessionRequest>,
) -> Result<Response<pb::RevokeSessionResponse>, Status> {
    let (caller, deadline, client) = (Person::of(&request)?, Deadline::of(&request), client(&request));
    let now = app.clock.now();
    let mut tx = store::begin(&app.pool, deadline).await?;
    // Whoever has no session learns nothing, not even what is wrong with the request.
    let user = caller.lock(&mut tx, now).await?;
    let session = parse(&request.into_inner().session_id)?;
    let ended = sessions::end_one(&mut tx, user.id, session, now)
        .await?
        .ok_or(Error::NotFound)?;
    record(app, &mut tx, &caller, &client, &ended).await?;
    app.wakeups.commit(tx, ended, now).await?;
    Ok(Response::new(pb::RevokeSessionResponse {}))
}

pub(super) async fn revoke_other_sessions(
    app: &App,
    request: Request<pb::RevokeOtherSessionsRequest>,
) -> Result<Response<pb::RevokeOtherSessionsResponse>, Status> {
    let (caller, deadline, client) = (Person::of(&request)?, Deadline::of(&request), client(&request));
    let now = app.clock.now();
    let mut tx = store::begin(&app.pool, deadline).await?;
    let user = caller.lock(&mut tx, now).await?;
    let ended = sessions::end_all(&mut tx, user.id, Some(caller.session), now).await?;
    let revoked_count = i32::try_from(ended.sessions().len()).unwrap_or(i32::MAX);
    record(app, &mut tx, &caller, &client, &ended).await?;
    app.wakeups.commit(tx, ended, now).await?;
    Ok(Response::new(pb::RevokeOtherSessionsResponse { revoked_count }))
}

/// An event for each session that was ended, which is the one it names.
async fn record(
    app: &App,
    tx: &mut Tx,
    caller: &Person,
    client: &Client,
    ended: &Ended,
) -> Result<(), Error> {
    for session in ended.sessions() {
        let revoked = SecurityEvent {
            session: Some(*session),
            ..caller.event(app, EventKind::SessionRevoked, client)
        };
        security_events::insert(&mut **tx, &revoked).await?;
    }
    Ok(())
}

fn parse(session_id: &str) -> Result<SessionId, Error> {
    Uuid::try_parse(session_id).map(SessionId).map_err(|_| {
        invalid(
            "session_id",
            "Not a session id; send one as ListSessions gives it.",
        )
    })
}
