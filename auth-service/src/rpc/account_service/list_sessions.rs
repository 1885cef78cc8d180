//! `ListSessions`: the caller's living sessions.

use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::error::{Error, Unauthenticated};
use crate::rpc::convert;
use crate::rpc::person::Person;
use crate::store::sessions;

pub(super) async fn list_sessions(
    app: &App,
    request: &Request<pb::ListSessionsRequest>,
) -> Result<Response<pb::ListSessionsResponse>, Status> {
    let caller = Person::of(request)?;
    let live = sessions::list_live(&app.pool, caller.id, app.clock.now()).await?;
    // Whoever calls with a session that is not among the living has no session.
    if !live.iter().any(|session| session.id == caller.session) {
        return Err(Error::Unauthenticated(Unauthenticated::TokenRevoked).into());
    }
    let sessions = live
        .into_iter()
        .map(|session| {
            let current = session.id == caller.session;
            convert::live_session(session, current)
        })
        .collect();
    Ok(Response::new(pb::ListSessionsResponse { sessions }))
}
