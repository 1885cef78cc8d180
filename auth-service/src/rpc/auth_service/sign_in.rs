//! `SignIn`: a session for email and password. Wrong password, unknown email and disabled account are one answer, and
//! cost one look-up, one hash and one event each. A right password leaves a hash that is as strong as those we make.
//!
//! Guesses are counted by email and by network. On a device that the person has used before they are counted by that
//! device alone, so that a stranger's guesses do not keep its owner out.

use std::net::IpAddr;

use chassis::ClientAddress;
use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use proto::auth::v1 as pb;
use tonic::{Request, Response};
use zeroize::Zeroizing;

use super::session::{AtOnce, Issued, Opening};
use super::{delivery, session};
use crate::app::App;
use crate::domain::{
    Client, Counter, Email, EventKind, GivenPassword, Kind, MailKind, SecurityEvent, Token, UserId,
};
use crate::error::{Error, Unauthenticated};
use crate::rpc::fields::Fields;
use crate::rpc::{event, mail};
use crate::store::{self, Tx, security_events, users};
use crate::throttle::Attempt;

/// A check is void when the hash is replaced before the session starts: by another sign-in, which upgrades it once, or
/// by a change of the password. Then everything is looked at anew.
const TRIES: usize = 3;

const REFUSED: Error = Error::Unauthenticated(Unauthenticated::Credentials);

pub(super) async fn sign_in(
    app: &App,
    request: Request<pb::SignInRequest>,
) -> Result<Response<pb::SignInResponse>, Error> {
    let (deadline, client) = (Deadline::of(&request), session::client(&request));
    let address = ClientAddress::of(&request);
    let (metadata, _, message) = request.into_parts();
    let delivery = delivery::of_new_session(message.refresh_token_delivery, &metadata, app.cookies.as_ref())?;
    let given = Given::try_from(message)?;
    for _ in 0..TRIES {
        let mut person = prove(app, &given, &client, address).await?;
        let now = app.clock.now();
        let issued = match start_at_once(app, &mut person, &given, &client, deadline, now).await? {
            AtOnce::Started(issued) => Some(issued),
            AtOnce::Void => None,
            AtOnce::TakesMore => start(app, &person, &given, &client, deadline, now).await?,
        };
        if let Some(issued) = issued {
            person.attempt.passed().await;
            return session::reply(app, *issued, delivery, now, |session| pb::SignInResponse {
                session: Some(session),
            });
        }
    }
    Err(REFUSED)
}

/// What nearly every sign-in is, on a device that is known and with a hash that is strong: one statement.
async fn start_at_once(
    app: &App,
    person: &mut Proven,
    given: &Given,
    client: &Client,
    deadline: Deadline,
    now: DateTime<Utc>,
) -> Result<AtOnce, Error> {
    if person.stronger.is_some() || !person.device_known {
        return Ok(AtOnce::TakesMore);
    }
    let opening = opening(person.id, &person.hash, given, client, now);
    session::start_at_once(app, &opening, deadline, &mut person.attempt).await
}

/// The same for a sign-in that has to do more: to replace the hash, to end another session, to tell of a new device.
async fn start(
    app: &App,
    person: &Proven,
    given: &Given,
    client: &Client,
    deadline: Deadline,
    now: DateTime<Utc>,
) -> Result<Option<Box<Issued>>, Error> {
    let mut tx = store::begin(&app.pool, deadline).await?;
    let Some(hash) = upgrade(&mut tx, person).await? else {
        return Ok(None);
    };
    let opening = opening(person.id, hash, given, client, now);
    let Some((issued, displaced)) = session::start(app, &mut tx, &opening).await? else {
        return Ok(None);
    };
    if issued.new_device {
        let address = &issued.user.email;
        mail::tell(app, &mut tx, MailKind::NewDevice, person.id, address, client).await?;
    }
    app.wakeups.commit(tx, displaced, now).await?;
    app.mailer.wake();
    Ok(Some(issued))
}

fn opening<'a>(
    user: UserId,
    password_hash: &'a str,
    given: &'a Given,
    client: &'a Client,
    now: DateTime<Utc>,
) -> Opening<'a> {
    Opening {
        user,
        password_hash,
        client,
        given_device: given.device_token.as_ref(),
        event: EventKind::SignedIn,
        now,
    }
}

/// A person who has shown the password.
struct Proven {
    id: UserId,
    /// What the password was checked against.
    hash: String,
    /// What is to take its place.
    stronger: Option<String>,
    /// On a device that they have used before.
    device_known: bool,
    /// That of showing it.
    attempt: Attempt,
}

async fn prove(app: &App, given: &Given, client: &Client, address: Option<IpAddr>) -> Result<Proven, Error> {
    let mut place = app.hasher.place().await?;
    let device = given.device_token.as_ref().map(Token::hash);
    let by_email = Counter::by_email(Kind::PasswordOfAccount, &given.email);
    let entry = app.throttle.entry_of_password(&by_email);
    let mut connection = app.kept.acquire().await?;
    let (stored, entered) =
        users::find_credentials(&mut *connection, &given.email, device.as_ref(), entry).await?;
    connection.keep();
    let entered = entered.then_some(entry.end);
    let known = stored.as_ref().filter(|stored| stored.device_known);
    let known_device = known.map(|stored| stored.id).zip(device.as_ref());
    // From the narrow to the wide.
    let counters = match known_device {
        Some((person, device)) => vec![Counter::by_device(Kind::PasswordOnDevice, person, device)],
        None => vec![by_email, Counter::by_network(Kind::PasswordFromAddress, address)],
    };
    let attempt = app
        .throttle
        .begin_entered(counters, entered, || place.give_turn_away())
        .await?;

    let hash = stored.as_ref().map(|stored| stored.password_hash.as_str());
    let checked = app.hasher.check(place, given.password.clone(), hash).await?;
    let user = stored.as_ref().map(|stored| stored.id);
    let Some(person) = stored.filter(|stored| checked.right && stored.enabled) else {
        attempt.failed().await?;
        let failed = event::new(app, EventKind::SignInFailed, client);
        security_events::insert_alone(&app.pool, &SecurityEvent { user, ..failed }).await?;
        return Err(REFUSED);
    };
    if app.requires_verified_email && !person.email_verified {
        attempt.passed().await;
        let failed = event::new(app, EventKind::SignInFailed, client);
        security_events::insert_alone(&app.pool, &SecurityEvent { user, ..failed }).await?;
        return Err(Error::EmailNotVerified);
    }
    Ok(Proven {
        id: person.id,
        hash: person.password_hash,
        stronger: checked.stronger,
        device_known: person.device_known,
        attempt,
    })
}

/// The hash that the person has from now on; none if it is no longer the one that was checked.
async fn upgrade<'a>(tx: &mut Tx, person: &'a Proven) -> Result<Option<&'a str>, Error> {
    let Some(stronger) = &person.stronger else {
        return Ok(Some(&person.hash));
    };
    let replaced = users::upgrade_password_hash(tx, person.id, &person.hash, stronger).await?;
    Ok(replaced.then_some(stronger))
}

/// What was given to prove who one is.
struct Given {
    email: Email,
    password: Zeroizing<String>,
    device_token: Option<Token>,
}

impl TryFrom<pb::SignInRequest> for Given {
    type Error = Error;

    fn try_from(message: pb::SignInRequest) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let email = fields.check("email", Email::parse(&message.email));
        let password = fields.check("password", GivenPassword::parse(message.password));
        match (email, password) {
            (Some(email), Some(password)) => Ok(Self {
                email,
                password: password.into_secret(),
                // One that is not ours names no device; the client gets a new one.
                device_token: Token::parse(&message.device_token),
            }),
            _ => Err(fields.refuse()),
        }
    }
}
