//! `ListUsers`, `GetUser` and `ListSecurityEvents`: what administrators see.

use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::admin::{Admin, user_id};
use crate::app::App;
use crate::domain::Email;
use crate::error::Error;
use crate::rpc::fields::invalid;
use crate::rpc::page::Page;
use crate::rpc::{convert, event};
use crate::store::users;

pub(super) async fn list_users(
    app: &App,
    request: Request<pb::ListUsersRequest>,
) -> Result<Response<pb::ListUsersResponse>, Status> {
    let admin = Admin::of(app, &request).await?;
    let message = request.into_inner();
    let email = match message.email.as_str() {
        "" => None,
        text => Some(Email::parse(text).map_err(|complaint| invalid("email", complaint))?),
    };
    let only = email
        .as_ref()
        .map_or_else(String::new, |email| email.key().to_owned());
    let bound = [admin.id().0.to_string(), "users".to_owned(), only];
    let page = Page::<Uuid>::read(app, &bound, message.page_size, &message.page_token)?;
    let users = users::admin::list(&app.pool, email.as_ref(), page.after, page.limit()).await?;
    let (users, next_page_token) = page.cut(app, &bound, users, |user| user.id.0)?;
    Ok(Response::new(pb::ListUsersResponse {
        users: users.into_iter().map(convert::user).collect(),
        next_page_token,
    }))
}

pub(super) async fn get_user(
    app: &App,
    request: Request<pb::AdminServiceGetUserRequest>,
) -> Result<Response<pb::User>, Status> {
    Admin::of(app, &request).await?;
    let id = user_id("id", &request.get_ref().id)?;
    let user = users::admin::find(&app.pool, id).await?.ok_or(Error::NotFound)?;
    Ok(Response::new(convert::user(user)))
}

pub(super) async fn list_security_events(
    app: &App,
    request: Request<pb::AdminServiceListSecurityEventsRequest>,
) -> Result<Response<pb::ListSecurityEventsResponse>, Status> {
    let admin = Admin::of(app, &request).await?;
    let message = request.into_inner();
    let about = match message.user_id.as_str() {
        "" => None,
        text => Some(user_id("user_id", text)?),
    };
    let page = pb::ListSecurityEventsRequest {
        page_size: message.page_size,
        page_token: message.page_token,
    };
    let reply = event::list(app, admin.id(), about, &page).await?;
    Ok(Response::new(reply))
}
