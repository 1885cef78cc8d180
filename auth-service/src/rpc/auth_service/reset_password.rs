//! `ResetPassword`: a new password for a mailed code. It ends all of the person's sessions and voids every other code,
//! since whoever forgot a password may have lost it to somebody; and it shows that the email is theirs.

use chassis::ClientAddress;
use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response};
use zeroize::Zeroizing;

use super::{code, session};
use crate::app::App;
use crate::domain::{
    Client, CodeHash, Complaint, EventKind, MailKind, NewPassword, Purpose, SecurityEvent, UserId, Whose,
};
use crate::error::Error;
use crate::rpc::fields::{Fields, invalid};
use crate::rpc::{event, mail};
use crate::store::{self, codes, security_events, sessions, users};

const PURPOSES: [Purpose; 1] = [Purpose::ResetPassword];
const PASSWORD: &str = "new_password";

pub(super) async fn reset_password(
    app: &App,
    request: Request<pb::ResetPasswordRequest>,
) -> Result<Response<pb::ResetPasswordResponse>, Error> {
    let (deadline, client) = (Deadline::of(&request), session::client(&request));
    let address = ClientAddress::of(&request);
    let message = request.into_inner();
    let text = Zeroizing::new(message.new_password);
    let parse = |whose: Whose<'_>| -> Result<NewPassword, Complaint> {
        NewPassword::parse(text.to_string(), &app.password_rules, whose)
    };
    let mut fields = Fields::default();
    let hash = fields.check("code", code::parse(&message.code));
    let password = fields.check(PASSWORD, parse(Whose::default()));
    let (hash, _) = fields.finish(hash.zip(password))?;

    // Before it costs a hash.
    let Some((hash, person)) = find(app, hash).await? else {
        return Err(code::refuse(app, address).await);
    };
    let whose = Whose {
        email: &person.email,
        display_name: &person.display_name,
    };
    let password = parse(whose).map_err(|complaint| invalid(PASSWORD, complaint))?;
    let password_hash = app.hasher.hash(password.into_secret()).await?;
    match reset(app, person.id, &hash, &password_hash, deadline, &client).await? {
        true => Ok(Response::new(pb::ResetPasswordResponse {})),
        false => Err(code::refuse(app, address).await),
    }
}

async fn find(app: &App, hash: Option<CodeHash>) -> Result<Option<(CodeHash, users::Named)>, Error> {
    let Some(hash) = hash else { return Ok(None) };
    let Some(user) = codes::find_user(&app.pool, &hash, &PURPOSES, app.clock.now()).await? else {
        return Ok(None);
    };
    let person = users::find_named(&app.pool, user).await?;
    Ok(person.map(|person| (hash, person)))
}

/// False if the code is not good any more.
async fn reset(
    app: &App,
    user: UserId,
    hash: &CodeHash,
    password_hash: &str,
    deadline: Deadline,
    client: &Client,
) -> Result<bool, Error> {
    let mut tx = store::begin(&app.pool, deadline).await?;
    let now = app.clock.now();
    let Some(person) = users::find_reachable_for_update(&mut tx, user).await? else {
        return Ok(false);
    };
    let taken = codes::take(&mut tx, hash, &PURPOSES, now).await?;
    if taken.is_none_or(|taken| taken.address_key != person.email_key) {
        return Ok(false);
    }
    users::update_password_and_verified(&mut tx, user, password_hash, now).await?;
    mail::void_ways_in(&mut tx, user).await?;
    codes::delete_of(&mut tx, user, &[Purpose::VerifyEmail]).await?;
    let ended = sessions::end_all(&mut tx, user, None, now).await?;
    mail::tell(
        app,
        &mut tx,
        MailKind::PasswordChanged,
        user,
        &person.email,
        client,
    )
    .await?;
    let done = SecurityEvent {
        user: Some(user),
        ..event::new(app, EventKind::PasswordReset, client)
    };
    security_events::insert(&mut *tx, &done).await?;
    app.wakeups.commit(tx, ended, now).await?;
    app.mailer.wake();
    Ok(true)
}
