//! `DeleteUser` and `CancelUserDeletion`. All sessions end at once. Without a grace period the account is closed in the
//! same transaction: it cannot be signed in to, and its email is free; `purge` deletes what is left of it.

use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use super::confirm;
use crate::app::App;
use crate::domain::{EventKind, GivenPassword, MailKind};
use crate::error::Error;
use crate::rpc::auth_service::{client, forget_cookie};
use crate::rpc::convert;
use crate::rpc::fields::Fields;
use crate::rpc::mail;
use crate::rpc::person::Person;
use crate::store::users::deletion;
use crate::store::{self, mails, security_events, sessions, throttles};

const PASSWORD: &str = "password";

pub(super) async fn delete_user(
    app: &App,
    request: Request<pb::DeleteUserRequest>,
) -> Result<Response<pb::DeleteUserResponse>, Status> {
    let (caller, deadline, client) = (Person::of(&request)?, Deadline::of(&request), client(&request));
    let cookie = forget_cookie(request.metadata(), app.cookies.as_ref());
    caller.account(app).await?;
    let password = parse(request.into_inner())?;
    let confirmed = confirm::check(app, &caller, &client, PASSWORD, password).await?;

    let (mut tx, user) = confirmed.begin(deadline).await?;
    let now = app.clock.now();
    let purge_time = now + app.deletion_grace;
    // Asked for again, it does not take longer.
    let purge_time = user
        .purge_time
        .map_or(purge_time, |earlier| earlier.min(purge_time));
    deletion::update_purge_time(&mut tx, user.id, Some(purge_time), now).await?;
    let ended = sessions::end_all(&mut tx, user.id, None, now).await?;
    if purge_time > now {
        let asked = caller.event(app, EventKind::DeletionRequested, &client);
        security_events::insert(&mut *tx, &asked).await?;
        let kind = MailKind::DeletionRequested;
        mail::tell(app, &mut tx, kind, user.id, &user.email, &client).await?;
    } else {
        // No mail: it would keep the address beyond the account.
        throttles::delete_of_person(&mut tx, user.id).await?;
        mails::delete_of_person(&mut tx, user.id).await?;
        deletion::update_closed(&mut tx, user.id, now).await?;
    }
    app.wakeups.commit(tx, ended, now).await?;
    app.mailer.wake();
    app.purger.wake();

    let mut response = Response::new(pb::DeleteUserResponse {
        purge_time: Some(convert::timestamp(purge_time)),
    });
    if let Some(cookie) = cookie {
        response.metadata_mut().insert("set-cookie", cookie);
    }
    Ok(response)
}

pub(super) async fn cancel_user_deletion(
    app: &App,
    request: Request<pb::CancelUserDeletionRequest>,
) -> Result<Response<pb::User>, Status> {
    let (caller, deadline, client) = (Person::of(&request)?, Deadline::of(&request), client(&request));
    let now = app.clock.now();
    let mut tx = store::begin(&app.pool, deadline).await?;
    let mut user = caller.lock(&mut tx, now).await?;
    if user.purge_time.is_none_or(|purge_time| purge_time <= now) {
        return Err(Error::DeletionNotPending.into());
    }
    deletion::update_purge_time(&mut tx, user.id, None, now).await?;
    let cancelled = caller.event(app, EventKind::DeletionCancelled, &client);
    security_events::insert(&mut *tx, &cancelled).await?;
    tx.commit().await.map_err(Error::from)?;
    (user.purge_time, user.update_time) = (None, now);
    Ok(Response::new(convert::user(user)))
}

fn parse(message: pb::DeleteUserRequest) -> Result<GivenPassword, Error> {
    let mut fields = Fields::default();
    let password = fields.check(PASSWORD, GivenPassword::parse(message.password));
    fields.finish(password)
}
