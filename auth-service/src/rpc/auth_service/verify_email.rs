//! `VerifyEmail`: a mailed code shows that an address is the person's: the one of the account, or the one that it gets.
//!
//! In verified mode the code of a sign-up brings that sign-up's password. Whoever signed up before with an email that is
//! not theirs has then lost what they chose, and every session with it.

use chassis::ClientAddress;
use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response};

use super::{code, session};
use crate::app::App;
use crate::domain::{Client, CodeHash, EventKind, MailKind, Purpose, SecurityEvent};
use crate::error::Error;
use crate::rpc::fields::Fields;
use crate::rpc::{event, mail};
use crate::store::codes::{self, Taken};
use crate::store::revocations::Ended;
use crate::store::users::Reachable;
use crate::store::{self, Tx, security_events, sessions, users};

const PURPOSES: [Purpose; 2] = [Purpose::VerifyEmail, Purpose::ChangeEmail];

pub(super) async fn verify_email(
    app: &App,
    request: Request<pb::VerifyEmailRequest>,
) -> Result<Response<pb::VerifyEmailResponse>, Error> {
    let (deadline, client) = (Deadline::of(&request), session::client(&request));
    let address = ClientAddress::of(&request);
    let mut fields = Fields::default();
    let hash = fields.check("code", code::parse(&request.get_ref().code));
    let hash = fields.finish(hash)?;
    let verified = match hash {
        Some(hash) => verify(app, &hash, deadline, &client).await?,
        None => None,
    };
    match verified {
        Some(email) => Ok(Response::new(pb::VerifyEmailResponse { email })),
        None => Err(code::refuse(app, address).await),
    }
}

/// The email that is verified now; none if the code is not good.
async fn verify(
    app: &App,
    hash: &CodeHash,
    deadline: Deadline,
    client: &Client,
) -> Result<Option<String>, Error> {
    let now = app.clock.now();
    let Some(user) = codes::find_user(&app.pool, hash, &PURPOSES, now).await? else {
        return Ok(None);
    };
    let mut tx = store::begin(&app.pool, deadline).await?;
    let Some(person) = users::find_reachable_for_update(&mut tx, user).await? else {
        return Ok(None);
    };
    let Some(taken) = codes::take(&mut tx, hash, &PURPOSES, now).await? else {
        return Ok(None);
    };
    // The account is somebody's: no sign-up gives it another password.
    let is_late_sign_up = person.email_verified && taken.password_hash.is_some();
    let (email, ended) = if taken.purpose == Purpose::ChangeEmail.as_str() {
        change(app, &mut tx, &person, taken, client).await?
    } else if taken.address_key == person.email_key && !is_late_sign_up {
        confirm(app, &mut tx, person, taken, client).await?
    } else {
        return Ok(None);
    };
    app.wakeups.commit(tx, ended, now).await?;
    app.mailer.wake();
    Ok(Some(email))
}

async fn confirm(
    app: &App,
    tx: &mut Tx,
    person: Reachable,
    taken: Taken,
    client: &Client,
) -> Result<(String, Ended), Error> {
    let now = app.clock.now();
    let ended = match taken.password_hash.zip(taken.display_name) {
        Some((hash, name)) => {
            users::update_from_sign_up(tx, person.id, &hash, &name, now).await?;
            // Nothing from before this moment is to lead into the account.
            mail::void_ways_in(tx, person.id).await?;
            sessions::end_all(tx, person.id, None, now).await?
        }
        None => {
            users::update_verified(tx, person.id, now).await?;
            Ended::default()
        }
    };
    codes::delete_of(tx, person.id, &[Purpose::VerifyEmail]).await?;
    let verified = SecurityEvent {
        user: Some(person.id),
        ..event::new(app, EventKind::EmailVerified, client)
    };
    security_events::insert(&mut **tx, &verified).await?;
    Ok((person.email, ended))
}

async fn change(
    app: &App,
    tx: &mut Tx,
    person: &Reachable,
    taken: Taken,
    client: &Client,
) -> Result<(String, Ended), Error> {
    users::update_email(tx, person.id, &taken.address, &taken.address_key, app.clock.now()).await?;
    let all = [Purpose::VerifyEmail, Purpose::ResetPassword, Purpose::ChangeEmail];
    codes::delete_of(tx, person.id, &all).await?;
    mail::tell(app, tx, MailKind::EmailChanged, person.id, &person.email, client).await?;
    let changed = SecurityEvent {
        user: Some(person.id),
        ..event::new(app, EventKind::EmailChanged, client)
    };
    security_events::insert(&mut **tx, &changed).await?;
    Ok((taken.address, Ended::default()))
}
