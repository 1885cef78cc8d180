//! `ChangePassword`: a new password for the old one. It ends the person's other sessions and voids what was mailed for a
//! new password or email, since whoever changes a password may do so because somebody else knows it.

use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use super::confirm;
use crate::app::App;
use crate::domain::{EventKind, GivenPassword, MailKind, NewPassword, PasswordRules, User, Whose};
use crate::error::Error;
use crate::rpc::auth_service::client;
use crate::rpc::fields::Fields;
use crate::rpc::mail;
use crate::rpc::person::Person;
use crate::store::{security_events, sessions, users};

const CURRENT: &str = "current_password";

pub(super) async fn change_password(
    app: &App,
    request: Request<pb::ChangePasswordRequest>,
) -> Result<Response<pb::ChangePasswordResponse>, Status> {
    let (caller, deadline, client) = (Person::of(&request)?, Deadline::of(&request), client(&request));
    let user = caller.account(app).await?;
    let (current, new) = parse(request.into_inner(), &app.password_rules, &user)?;
    let confirmed = confirm::check(app, &caller, &client, CURRENT, current).await?;
    let hash = app.hasher.hash(new.into_secret()).await?;

    let (mut tx, user) = confirmed.begin(deadline).await?;
    let now = app.clock.now();
    users::update_password_hash(&mut tx, user.id, &hash, now).await?;
    mail::void_ways_in(&mut tx, user.id).await?;
    let ended = sessions::end_all(&mut tx, user.id, Some(caller.session), now).await?;
    let changed = caller.event(app, EventKind::PasswordChanged, &client);
    security_events::insert(&mut *tx, &changed).await?;
    mail::tell(
        app,
        &mut tx,
        MailKind::PasswordChanged,
        user.id,
        &user.email,
        &client,
    )
    .await?;
    app.wakeups.commit(tx, ended, now).await?;
    app.mailer.wake();
    Ok(Response::new(pb::ChangePasswordResponse {}))
}

fn parse(
    message: pb::ChangePasswordRequest,
    rules: &PasswordRules,
    user: &User,
) -> Result<(GivenPassword, NewPassword), Error> {
    let mut fields = Fields::default();
    let whose = Whose {
        email: &user.email,
        display_name: &user.display_name,
    };
    let current = fields.check(CURRENT, GivenPassword::parse(message.current_password));
    let new = fields.check(
        "new_password",
        NewPassword::parse(message.new_password, rules, whose),
    );
    fields.finish(current.zip(new))
}
