//! The first wall: whose the rows are. An [`OwnerId`] comes from a verified caller, from a [`PurgeGrant`] or from a row
//! that housekeeping read, and from nowhere else; without one no statement can be written.

use std::fmt;
use std::hash::{Hash, Hasher};

use proto::access_token::{Caller, Scope, Subject};
use tonic::Status;
use uuid::Uuid;

use crate::domain::PersonId;
use crate::error::{Denied, Error};

/// A person, proven, and who acts as them. It is the same person whoever acts.
#[derive(Debug, Clone, Copy)]
pub struct OwnerId {
    id: Uuid,
    actor: Actor,
}

impl PartialEq for OwnerId {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for OwnerId {}

impl Hash for OwnerId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl OwnerId {
    /// The person that a verified token speaks for.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] for a service on its own behalf: it has no tasks.
    pub fn of(caller: &Caller) -> Result<Self, Error> {
        match caller.subject() {
            Subject::Person { id, .. } => Ok(Self {
                id: *id,
                actor: Actor::of(caller.actor()),
            }),
            Subject::Service(_) => Err(Error::Denied(Denied::NotAPerson)),
        }
    }

    /// The owner of a row that housekeeping read, which it does to delete.
    pub(crate) fn of_row(owner_id: Uuid) -> Self {
        Self::themselves(owner_id)
    }

    /// Somebody, for a test without a service.
    #[cfg(test)]
    pub(crate) fn of_test(number: u128) -> Self {
        Self::themselves(Uuid::from_u128(number))
    }

    /// Who it is, for what names people and opens nothing.
    pub fn person(self) -> PersonId {
        PersonId(self.id)
    }

    fn themselves(id: Uuid) -> Self {
        Self {
            id,
            actor: Actor::of(None),
        }
    }

    /// For a statement's parameter.
    pub fn uuid(self) -> Uuid {
        self.id
    }

    /// Who acts, for the history.
    pub fn actor(self) -> Actor {
        self.actor
    }
}

/// Who acts: the person, or a service for them. Shown as `person` or `service:NAME`.
#[derive(Debug, Clone, Copy)]
pub struct Actor {
    /// Names of services are as long at the most, and no service has an empty one.
    service: [u8; 64],
    length: usize,
}

impl Actor {
    fn of(service: Option<&str>) -> Self {
        let mut actor = Self {
            service: [0; 64],
            length: 0,
        };
        for (place, byte) in actor.service.iter_mut().zip(service.unwrap_or_default().bytes()) {
            *place = byte;
            actor.length += 1;
        }
        actor
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.service[..self.length] {
            [] => f.write_str("person"),
            name => write!(f, "service:{}", String::from_utf8_lossy(name)),
        }
    }
}

/// Leave to delete people as owners, which one service has.
#[derive(Debug)]
pub struct PurgeGrant(());

impl PurgeGrant {
    /// The leave of a service that calls for itself.
    ///
    /// # Errors
    ///
    /// PERMISSION_DENIED CALLER_NOT_ALLOWED for a person or a service that acts for one, whatever the token's scope;
    /// SCOPE_MISSING.
    pub fn of(caller: &Caller) -> Result<Self, Status> {
        match caller.subject() {
            Subject::Service(_) if caller.actor().is_none() => {}
            _ => return Err(Error::Denied(Denied::NotAService).into()),
        }
        caller.require_scope(Scope::OwnersPurge)?;
        Ok(Self(()))
    }

    /// Any person, with this leave.
    pub fn over(&self, person: PersonId) -> OwnerId {
        OwnerId::themselves(person.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_shown_by_its_kind_and_name_of_any_length() {
        let shown = |service| Actor::of(service).to_string();
        assert_eq!(shown(None), "person");
        assert_eq!(shown(Some("reports")), "service:reports");
        let longest = "x".repeat(64);
        assert_eq!(shown(Some(&longest)), format!("service:{longest}"));
        assert_eq!(shown(Some(&"x".repeat(65))), format!("service:{longest}"));
    }
}
