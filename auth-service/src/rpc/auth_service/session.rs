//! What sign-up, sign-in and refresh share: starting a session, and the reply with its tokens.

use chassis::ClientAddress;
use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use proto::auth::v1 as pb;
use tonic::{Request, Response};

use super::delivery::Delivery;
use crate::app::App;
use crate::domain::{Client, EventKind, SecurityEvent, SessionId, SessionTimes, Token, User, UserId};
use crate::error::Error;
use crate::rpc::{convert, event};
use crate::store::revocations::Ended;
use crate::store::sessions::{self, Alone, NewSession, Started};
use crate::store::{Tx, security_events};
use crate::throttle::Attempt;

/// A session with the secrets that only its owner gets to see.
pub(super) struct Issued {
    pub(super) session: SessionId,
    pub(super) times: SessionTimes,
    pub(super) user: User,
    pub(super) refresh_token: Token,
    pub(super) device_token: String,
    /// Others of the person's devices have been seen, and this one has not.
    pub(super) new_device: bool,
}

/// A session to be started.
pub(super) struct Opening<'a> {
    pub(super) user: UserId,
    /// The hash that the password was checked against.
    pub(super) password_hash: &'a str,
    pub(super) client: &'a Client,
    pub(super) given_device: Option<&'a Token>,
    /// What is recorded of it.
    pub(super) event: EventKind,
    pub(super) now: DateTime<Utc>,
}

/// What became of it.
pub(super) enum AtOnce {
    Started(Box<Issued>),
    /// The check of the password is void by now.
    Void,
    /// Another session has to end for it, which takes a transaction. Nothing was done.
    TakesMore,
}

/// Starts a session that needs nothing beside it, in one round trip, and settles the attempt that led to it.
pub(super) async fn start_at_once(
    app: &App,
    opening: &Opening<'_>,
    deadline: Deadline,
    attempt: &mut Attempt,
) -> Result<AtOnce, Error> {
    let alone = Alone {
        most: app.sessions_per_person,
        deadline,
        place: attempt.place_on_device(),
    };
    let outcome = insert(app, Within::NoTransaction(alone), opening).await?;
    if let AtOnce::Started(_) = outcome {
        attempt.was_given_back_on_device();
    }
    Ok(outcome)
}

enum Within<'a> {
    Transaction(&'a mut Tx),
    NoTransaction(Alone<'a>),
}

async fn insert(app: &App, within: Within<'_>, opening: &Opening<'_>) -> Result<AtOnce, Error> {
    let session = SessionId(app.entropy.uuid_v7(&app.clock));
    let times = app.lifetimes.starting(opening.now);
    let refresh_token = Token::new(app.entropy.bytes());
    let new_device = Token::new(app.entropy.bytes());
    let event = SecurityEvent {
        user: Some(opening.user),
        session: Some(session),
        create_time: opening.now,
        ..event::new(app, opening.event, opening.client)
    };
    let given_device = opening.given_device.map(Token::hash);
    let new = NewSession {
        id: session,
        user_id: opening.user,
        password_hash: opening.password_hash,
        refresh_token: &refresh_token.hash(),
        given_device: given_device.as_ref(),
        new_device: &new_device.hash(),
        times,
        event: &event,
    };
    let started = match within {
        Within::Transaction(tx) => sessions::insert(&mut **tx, &new, None).await?,
        Within::NoTransaction(alone) => {
            let mut connection = app.kept.acquire().await?;
            let started = sessions::insert(&mut *connection, &new, Some(alone)).await?;
            connection.keep();
            started
        }
    };
    let (user, device_known, has_devices) = match started {
        Started::Begun {
            user,
            device_known,
            has_devices,
        } => (user, device_known, has_devices),
        Started::Void => return Ok(AtOnce::Void),
        Started::Full => return Ok(AtOnce::TakesMore),
    };
    let given_device = opening.given_device.filter(|_| device_known);
    Ok(AtOnce::Started(Box::new(Issued {
        session,
        times,
        user,
        refresh_token,
        device_token: given_device.unwrap_or(&new_device).to_text(),
        new_device: has_devices && !device_known,
    })))
}

/// Starts a session in a transaction, and ends the one used longest ago when there are too many: that one is to be
/// revoked. None if the check of the password is void by now.
pub(super) async fn start(
    app: &App,
    tx: &mut Tx,
    opening: &Opening<'_>,
) -> Result<Option<(Box<Issued>, Ended)>, Error> {
    let AtOnce::Started(issued) = insert(app, Within::Transaction(tx), opening).await? else {
        return Ok(None);
    };
    let most = app.sessions_per_person;
    let displaced = sessions::end_beyond(tx, opening.user, issued.session, most, opening.now).await?;
    for ended in displaced.sessions() {
        let revoked = SecurityEvent {
            user: Some(opening.user),
            session: Some(*ended),
            ..event::new(app, EventKind::SessionRevoked, opening.client)
        };
        security_events::insert(&mut **tx, &revoked).await?;
    }
    Ok(Some((issued, displaced)))
}

/// Signs the access token and makes the reply, with the refresh token where it was asked for.
pub(super) fn reply<R>(
    app: &App,
    issued: Issued,
    delivery: Delivery,
    now: DateTime<Utc>,
    wrap: impl FnOnce(pb::Session) -> R,
) -> Result<Response<R>, Error> {
    let token_id = app.entropy.uuid_v7(&app.clock);
    let access = app.signer.sign_for_person(
        &issued.user,
        issued.session,
        issued.times.expire_time,
        token_id,
        now,
    )?;
    let in_body = match delivery {
        Delivery::Body => issued.refresh_token.to_text(),
        Delivery::Cookie => String::new(),
    };
    let mut response = Response::new(wrap(pb::Session {
        session_id: issued.session.0.to_string(),
        access_token: access.text,
        access_token_expire_time: Some(convert::timestamp(access.expire_time)),
        refresh_token: in_body,
        refresh_token_expire_time: Some(convert::timestamp(issued.times.idle_expire_time)),
        user: Some(convert::user(issued.user)),
        device_token: issued.device_token,
    }));
    if let (Delivery::Cookie, Some(policy)) = (delivery, &app.cookies) {
        let cookie = policy.set(&issued.refresh_token, issued.times.idle_expire_time, now);
        response.metadata_mut().insert("set-cookie", cookie);
    }
    Ok(response)
}

/// What the request tells of the program that sent it.
pub(in crate::rpc) fn client<T>(request: &Request<T>) -> Client {
    let user_agent = request
        .metadata()
        .get("user-agent")
        .and_then(|agent| agent.to_str().ok());
    Client::new(user_agent.unwrap_or_default(), ClientAddress::of(request))
}
