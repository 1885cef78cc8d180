//! `RefreshSession`: a refresh token for its one successor, safely repeatable, and the end of the session when a token
//! turns up that should not be in use any more.

use chassis::deadline::Deadline;
use chassis::gathering::Outcome;
use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use super::delivery::{self, Delivery};
use super::session::{self, Issued};
use crate::app::App;
use crate::domain::{Client, EventKind, Salt, SecurityEvent, Token};
use crate::error::{Error, Unauthenticated};
use crate::rpc::event;
use crate::store::refresh_tokens::{Alive, Fate, Presented};
use crate::store::{self, refresh_tokens, security_events, sessions};

/// A refresh that lost a race asks again and then sees what the winner wrote. To lose twice is rare; so often, never.
const TRIES: usize = 16;

const ENDED: Error = Error::Unauthenticated(Unauthenticated::SessionEnded);

pub(super) async fn refresh_session(
    app: &App,
    request: Request<pb::RefreshSessionRequest>,
) -> Result<Response<pb::RefreshSessionResponse>, Status> {
    let (deadline, client) = (Deadline::of(&request), session::client(&request));
    let (metadata, _, message) = request.into_parts();
    let policy = app.cookies.as_ref();
    let presented = delivery::of_presented(
        &message.refresh_token,
        message.refresh_token_delivery,
        &metadata,
        policy,
    )?;
    let delivery = presented.delivery;
    let refreshed = match presented.token {
        Some(token) => refresh(app, &token, &client, delivery, deadline).await,
        None => Err(ENDED),
    };
    refreshed.map_err(|error| {
        let ended = matches!(error, Error::Unauthenticated(Unauthenticated::SessionEnded));
        let mut status = Status::from(error);
        if let (true, Delivery::Cookie, Some(policy)) = (ended, delivery, policy) {
            status.metadata_mut().insert("set-cookie", policy.clear());
        }
        status
    })
}

async fn refresh(
    app: &App,
    token: &Token,
    client: &Client,
    delivery: Delivery,
    deadline: Deadline,
) -> Result<Response<pb::RefreshSessionResponse>, Error> {
    let salt = Salt::new(app.entropy.bytes());
    let now = app.clock.now();
    let presented = Presented {
        token: token.hash(),
        successor: token.successor(&salt).hash(),
        salt,
        ip_address: client.ip_address.clone(),
        now,
        idle_expire_time: now + app.lifetimes.idle,
    };
    let alive = rotate_or_find(app, presented, client, deadline).await?;
    let newest = alive
        .salts
        .iter()
        .fold(token.clone(), |token, salt| token.successor(salt));
    let issued = Issued {
        session: alive.session,
        times: alive.times,
        user: alive.user,
        refresh_token: newest,
        device_token: String::new(),
        new_device: false,
    };
    session::reply(app, issued, delivery, now, |session| pb::RefreshSessionResponse {
        session: Some(session),
    })
}

async fn rotate_or_find(
    app: &App,
    presented: Presented,
    client: &Client,
    deadline: Deadline,
) -> Result<Box<Alive>, Error> {
    let presented = match app.refreshes.ask(presented.token, presented).await {
        Outcome::Done(alive) => return alive,
        Outcome::Alone(presented) => [presented],
    };
    let [asked] = &presented;
    for _ in 0..TRIES {
        match refresh_tokens::find(&app.pool, &asked.token, asked.now, deadline).await? {
            Fate::Alive(alive) => return Ok(alive),
            Fate::Ended => return Err(ENDED),
            Fate::Reused => {
                end(app, asked, client, deadline).await?;
                return Err(ENDED);
            }
            Fate::TooLong => break,
            Fate::Raced => continue,
            Fate::Newest => {}
        }
        // Without the lock it would pass over a session that somebody holds and does not change, as often as it is asked.
        let mut tx = store::begin(&app.pool, deadline).await?;
        refresh_tokens::lock_session(&mut tx, &asked.token).await?;
        let rotated = refresh_tokens::rotate(&mut *tx, &presented).await?;
        tx.commit().await?;
        if let Some(alive) = rotated.into_iter().flatten().next() {
            return Ok(alive);
        }
    }
    Err(Error::Overloaded)
}

/// Ends the session of a token that was used against the rules. No rule can be kept again by then, so nothing has to be
/// judged anew.
async fn end(app: &App, presented: &Presented, client: &Client, deadline: Deadline) -> Result<(), Error> {
    let mut tx = store::begin(&app.pool, deadline).await?;
    let (user, ended) = sessions::end_by_token(&mut tx, &presented.token, presented.now).await?;
    if let Some(session) = ended.sessions().first().copied() {
        let reused = SecurityEvent {
            user,
            session: Some(session),
            ..event::new(app, EventKind::RefreshTokenReused, client)
        };
        security_events::insert(&mut *tx, &reused).await?;
    }
    app.wakeups.commit(tx, ended, presented.now).await
}
