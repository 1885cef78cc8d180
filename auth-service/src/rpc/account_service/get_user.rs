//! `GetUser`: the caller's account.

use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use super::person::Person;
use crate::app::App;
use crate::error::{Error, Unauthenticated};
use crate::rpc::convert;
use crate::store::users;

pub(super) async fn get_user(
    app: &App,
    request: &Request<pb::GetUserRequest>,
) -> Result<Response<pb::User>, Status> {
    let caller = Person::of(request)?;
    let user = users::find_in_live_session(&app.pool, caller.id, caller.session, app.clock.now())
        .await?
        .ok_or(Error::Unauthenticated(Unauthenticated::TokenRevoked))?;
    Ok(Response::new(convert::user(user)))
}
