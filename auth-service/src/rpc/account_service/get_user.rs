//! `GetUser`: the caller's account.

use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::convert;
use crate::rpc::person::Person;

pub(super) async fn get_user(
    app: &App,
    request: &Request<pb::GetUserRequest>,
) -> Result<Response<pb::User>, Status> {
    let user = Person::of(request)?.account(app).await?;
    Ok(Response::new(convert::user(user)))
}
