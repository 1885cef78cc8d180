//! `SignIn`: a session for email and password. Wrong password, unknown email and disabled account are one answer, and
//! cost one look-up, one hash and one event each. A right password leaves a hash that is as strong as those we make.

use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response};
use zeroize::Zeroizing;

use super::{delivery, session};
use crate::app::App;
use crate::domain::{Client, Email, EventKind, GivenPassword, SecurityEvent, Token, UserId};
use crate::error::{Error, Unauthenticated};
use crate::rpc::event;
use crate::rpc::fields::Fields;
use crate::store::{self, Tx, security_events, users};

/// A check is void when the hash is replaced before the session starts: by another sign-in, which upgrades it once, or
/// by a change of the password. Then everything is looked at anew.
const TRIES: usize = 3;

const REFUSED: Error = Error::Unauthenticated(Unauthenticated::Credentials);

pub(super) async fn sign_in(
    app: &App,
    request: Request<pb::SignInRequest>,
) -> Result<Response<pb::SignInResponse>, Error> {
    let (deadline, client) = (Deadline::of(&request), session::client(&request));
    let (metadata, _, message) = request.into_parts();
    let delivery = delivery::of_new_session(message.refresh_token_delivery, &metadata, app.cookies.as_ref())?;
    let Given {
        email,
        password,
        device_token,
    } = Given::try_from(message)?;
    let password = password.into_secret();
    for _ in 0..TRIES {
        let person = prove(app, &email, &password, &client).await?;
        let now = app.clock.now();
        let mut tx = store::begin(&app.pool, deadline).await?;
        let Some(hash) = upgrade(&mut tx, &person).await? else {
            continue;
        };
        let device = device_token.clone();
        if let Some(issued) = session::start(app, &mut tx, person.id, hash, &client, device, now).await? {
            let signed_in = SecurityEvent {
                user: Some(person.id),
                session: Some(issued.session),
                ..event::new(app, EventKind::SignedIn, &client)
            };
            security_events::insert(&mut *tx, &signed_in).await?;
            tx.commit().await?;
            return session::reply(app, issued, delivery, now, |session| pb::SignInResponse {
                session: Some(session),
            });
        }
    }
    Err(REFUSED)
}

/// A person who has shown the password.
struct Proven {
    id: UserId,
    /// What the password was checked against.
    hash: String,
    /// What is to take its place.
    stronger: Option<String>,
}

async fn prove(
    app: &App,
    email: &Email,
    password: &Zeroizing<String>,
    client: &Client,
) -> Result<Proven, Error> {
    let stored = users::find_credentials(&app.pool, email).await?;
    let hash = stored.as_ref().map(|stored| stored.password_hash.as_str());
    let checked = app.hasher.check(password.clone(), hash).await?;
    let user = stored.as_ref().map(|stored| stored.id);
    let Some(person) = stored.filter(|stored| checked.right && stored.enabled) else {
        let failed = event::new(app, EventKind::SignInFailed, client);
        security_events::insert(&app.pool, &SecurityEvent { user, ..failed }).await?;
        return Err(REFUSED);
    };
    Ok(Proven {
        id: person.id,
        hash: person.password_hash,
        stronger: checked.stronger,
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
    password: GivenPassword,
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
                password,
                // One that is not ours names no device; the client gets a new one.
                device_token: Token::parse(&message.device_token),
            }),
            _ => Err(fields.refuse()),
        }
    }
}
