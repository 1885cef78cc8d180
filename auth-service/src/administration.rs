//! What administrators and operators do to other people's accounts: the change and the security event that tells of it,
//! inside the caller's transaction. What may never be put here: who may do so, and the commit (see `rpc` and `operator`).

use chassis::{Clock, Entropy};

use crate::domain::{Client, EventKind, SecurityEvent, SessionId, User, UserId};
use crate::error::Error;
use crate::store::revocations::Ended;
use crate::store::{Tx, security_events, sessions, users};

/// Somebody who changes other people's accounts. The row of the person must be locked.
pub(crate) struct Administration<'a> {
    /// Who, as security events have it.
    pub(crate) actor: String,
    pub(crate) clock: &'a Clock,
    pub(crate) entropy: &'a Entropy,
}

impl Administration<'_> {
    /// Keeps the person out and ends their sessions.
    pub(crate) async fn disable(&self, tx: &mut Tx, user: &mut User) -> Result<Ended, Error> {
        let now = self.clock.now();
        if user.disable_time.is_none() {
            users::admin::update_disable_time(tx, user.id, Some(now), now).await?;
            self.tell(tx, EventKind::Disabled, user.id, None).await?;
            (user.disable_time, user.update_time) = (Some(now), now);
        }
        sessions::end_all(tx, user.id, None, now).await
    }

    /// Lets the person in again. Ended sessions stay ended.
    pub(crate) async fn enable(&self, tx: &mut Tx, user: &mut User) -> Result<(), Error> {
        if user.disable_time.is_some() {
            let now = self.clock.now();
            users::admin::update_disable_time(tx, user.id, None, now).await?;
            self.tell(tx, EventKind::Enabled, user.id, None).await?;
            (user.disable_time, user.update_time) = (None, now);
        }
        Ok(())
    }

    /// Ends all sessions.
    pub(crate) async fn end_sessions(&self, tx: &mut Tx, user: UserId) -> Result<Ended, Error> {
        let ended = sessions::end_all(tx, user, None, self.clock.now()).await?;
        for session in ended.sessions() {
            self.tell(tx, EventKind::SessionRevoked, user, Some(*session))
                .await?;
        }
        Ok(ended)
    }

    /// Gives the person another role and ends their sessions, whose tokens name the old one.
    pub(crate) async fn set_role(&self, tx: &mut Tx, user: &mut User, role: &str) -> Result<Ended, Error> {
        if user.role == role {
            return Ok(Ended::default());
        }
        let now = self.clock.now();
        users::admin::update_role(tx, user.id, role, now).await?;
        self.tell(tx, EventKind::RoleChanged, user.id, None).await?;
        role.clone_into(&mut user.role);
        user.update_time = now;
        sessions::end_all(tx, user.id, None, now).await
    }

    async fn tell(
        &self,
        tx: &mut Tx,
        kind: EventKind,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<(), Error> {
        let event = SecurityEvent {
            id: self.entropy.uuid_v7(self.clock),
            kind,
            user: Some(user),
            session,
            client: Client::default(),
            actor: self.actor.clone(),
            create_time: self.clock.now(),
        };
        security_events::insert(&mut **tx, &event).await
    }
}
