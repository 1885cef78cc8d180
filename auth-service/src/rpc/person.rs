//! Who may call AccountService and AdminService: a person, in person. A signature is never enough here: whoever uses a
//! [`Person`] reads session and account from our own tables.

use chrono::{DateTime, Utc};
use proto::access_token::{Caller, Scope, Subject};
use tonic::{Request, Status};

use crate::app::App;
use crate::domain::{Client, EventKind, SecurityEvent, SessionId, User, UserId};
use crate::error::{Denied, Error, Unauthenticated};
use crate::rpc::event;
use crate::store::{Tx, users};

/// A person who calls with their own token.
pub(super) struct Person {
    pub(super) id: UserId,
    pub(super) session: SessionId,
}

impl Person {
    /// The caller, if it is a person with the scope `account` and nobody acts for them.
    pub(super) fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let caller = Caller::of(request)?;
        let Subject::Person { id, session_id, .. } = caller.subject() else {
            return Err(Error::Denied(Denied::Caller).into());
        };
        if caller.actor().is_some() {
            return Err(Error::Denied(Denied::Caller).into());
        }
        caller.require_scope(Scope::Account)?;
        Ok(Self {
            id: UserId(*id),
            session: SessionId(*session_id),
        })
    }

    /// Their account, if the session still lives and they are not disabled.
    ///
    /// # Errors
    ///
    /// TOKEN_REVOKED otherwise.
    pub(super) async fn account(&self, app: &App) -> Result<User, Error> {
        users::find_in_live_session(&app.pool, self.id, self.session, app.clock.now())
            .await?
            .ok_or(REVOKED)
    }

    /// Their account with its row locked: no session begins or ends, and nothing of the account changes, until the
    /// transaction does.
    ///
    /// # Errors
    ///
    /// TOKEN_REVOKED when the session has ended or the person was disabled.
    pub(super) async fn lock(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<User, Error> {
        users::find_in_live_session_for_update(tx, self.id, self.session, now)
            .await?
            .ok_or(REVOKED)
    }

    /// Something of this moment that they did to their account, in their session.
    pub(super) fn event(&self, app: &App, kind: EventKind, client: &Client) -> SecurityEvent {
        SecurityEvent {
            user: Some(self.id),
            session: Some(self.session),
            ..event::new(app, kind, client)
        }
    }
}

/// There is no living session behind the token.
pub(super) const REVOKED: Error = Error::Unauthenticated(Unauthenticated::TokenRevoked);
