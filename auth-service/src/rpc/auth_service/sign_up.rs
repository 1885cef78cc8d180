//! `SignUp`: an account and its first session, both or neither.
//!
//! In verified mode there is no session, and what is done, in which order, is the same for an email that somebody has.

use chassis::ClientAddress;
use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response};

use super::session::Opening;
use super::{delivery, session};
use crate::app::App;
use crate::domain::{
    Chosen, Client, Counter, DisplayName, Email, EventKind, Kind, MailKind, NewPassword, PasswordRules,
    SecurityEvent, UserId, Whose,
};
use crate::error::Error;
use crate::hashing::Place;
use crate::rpc::fields::Fields;
use crate::rpc::{event, mail};
use crate::store::{self, security_events, users};

pub(super) async fn sign_up(
    app: &App,
    request: Request<pb::SignUpRequest>,
) -> Result<Response<pb::SignUpResponse>, Error> {
    let (deadline, client) = (Deadline::of(&request), session::client(&request));
    let address = ClientAddress::of(&request);
    let (metadata, _, message) = request.into_parts();
    let delivery = delivery::of_new_session(message.refresh_token_delivery, &metadata, app.cookies.as_ref())?;
    let new = NewUser::parse(message, &app.password_rules)?;
    let place = app.hasher.place().await?;
    app.throttle
        .count([Counter::by_network(Kind::SignUpFromAddress, address)])
        .await?;
    if app.requires_verified_email {
        mail::count(app, &new.email, address).await?;
        sign_up_unverified(app, place, new, deadline, &client).await?;
        return Ok(Response::new(pb::SignUpResponse { session: None }));
    }
    let password_hash = app.hasher.hash_at(place, new.password.into_secret()).await?;

    let id = UserId(app.entropy.uuid_v7(&app.clock));
    let now = app.clock.now();
    let mut tx = store::begin(&app.pool, deadline).await?;
    users::insert(&mut tx, id, &new.email, &new.display_name, &password_hash, now).await?;
    let opening = Opening {
        user: id,
        password_hash: &password_hash,
        client: &client,
        given_device: None,
        event: EventKind::SignedUp,
        now,
    };
    let (issued, displaced) = session::start(app, &mut tx, &opening)
        .await?
        .ok_or_else(|| Error::internal("a person added in this transaction is not there"))?;
    let address = &issued.user.email;
    mail::tell(app, &mut tx, MailKind::EmailVerification, id, address, &client).await?;
    app.wakeups.commit(tx, displaced, now).await?;
    app.mailer.wake();

    session::reply(app, *issued, delivery, now, |session| pb::SignUpResponse {
        session: Some(session),
    })
}

/// A known email costs a hash, an insert that does nothing, an event and a mail; an unknown one the same.
async fn sign_up_unverified(
    app: &App,
    place: Place,
    new: NewUser,
    deadline: Deadline,
    client: &Client,
) -> Result<(), Error> {
    let password_hash = app.hasher.hash_at(place, new.password.into_secret()).await?;
    let id = UserId(app.entropy.uuid_v7(&app.clock));
    let now = app.clock.now();
    let mut tx = store::begin(&app.pool, deadline).await?;
    let added =
        users::insert_unless_taken(&mut tx, id, &new.email, &new.display_name, &password_hash, now).await?;
    let signed_up = SecurityEvent {
        user: added.then_some(id),
        ..event::new(app, EventKind::SignedUp, client)
    };
    security_events::insert(&mut *tx, &signed_up).await?;
    let chosen = Chosen {
        password_hash: &password_hash,
        display_name: &new.display_name,
    };
    mail::ask_for_sign_up(app, &mut tx, &new.email, chosen, client).await?;
    tx.commit().await?;
    app.mailer.wake();
    Ok(())
}

/// A sign-up that passed the rules.
struct NewUser {
    email: Email,
    password: NewPassword,
    display_name: DisplayName,
}

impl NewUser {
    fn parse(message: pb::SignUpRequest, rules: &PasswordRules) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let email = fields.check("email", Email::parse(&message.email));
        let whose = Whose {
            email: &message.email,
            display_name: &message.display_name,
        };
        let password = fields.check("password", NewPassword::parse(message.password, rules, whose));
        let display_name = fields.check("display_name", DisplayName::parse(&message.display_name));
        match (email, password, display_name) {
            (Some(email), Some(password), Some(display_name)) => Ok(Self {
                email,
                password,
                display_name,
            }),
            _ => Err(fields.refuse()),
        }
    }
}
