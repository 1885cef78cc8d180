//! What sign-up, sign-in and refresh share: starting a session, and the reply with its tokens.

use chassis::ClientAddress;
use chrono::{DateTime, Utc};
use proto::auth::v1 as pb;
use tonic::{Request, Response};

use super::delivery::Delivery;
use crate::app::App;
use crate::domain::{Client, EventKind, SecurityEvent, SessionId, SessionTimes, Token, User, UserId};
use crate::error::Error;
use crate::rpc::{convert, event};
use crate::store::revocations::Ended;
use crate::store::sessions::{self, NewSession};
use crate::store::{Tx, security_events};

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

/// Starts a session for a person whose password was checked against this hash, and ends the one used longest ago when
/// there are too many: that one is to be revoked. None if the check is void by now.
pub(super) async fn start(
    app: &App,
    tx: &mut Tx,
    user_id: UserId,
    password_hash: &str,
    client: &Client,
    given_device: Option<Token>,
    now: DateTime<Utc>,
) -> Result<Option<(Issued, Ended)>, Error> {
    let session = SessionId(app.entropy.uuid_v7(&app.clock));
    let times = app.lifetimes.starting(now);
    let refresh_token = Token::new(app.entropy.bytes());
    let new_device = Token::new(app.entropy.bytes());
    let started = sessions::insert(
        tx,
        &NewSession {
            id: session,
            user_id,
            password_hash,
            refresh_token: &refresh_token.hash(),
            client,
            given_device: given_device.as_ref().map(Token::hash).as_ref(),
            new_device: &new_device.hash(),
            now,
            times,
        },
    )
    .await?;
    let Some(started) = started else {
        return Ok(None);
    };
    let displaced = sessions::end_beyond(tx, user_id, session, app.sessions_per_person, now).await?;
    for ended in displaced.sessions() {
        let revoked = SecurityEvent {
            user: Some(user_id),
            session: Some(*ended),
            ..event::new(app, EventKind::SessionRevoked, client)
        };
        security_events::insert(&mut **tx, &revoked).await?;
    }
    let device = given_device
        .filter(|_| started.device_known)
        .unwrap_or(new_device);
    let issued = Issued {
        session,
        times,
        user: started.user,
        refresh_token,
        device_token: device.to_text(),
        new_device: started.has_devices && !started.device_known,
    };
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
