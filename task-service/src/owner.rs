//! The first wall: whose the rows are. An [`OwnerId`] comes from a verified caller, from a [`PurgeGrant`] or from a row
//! that housekeeping read, and from nowhere else; without one no statement can be written.

use proto::access_token::{Caller, Scope, Subject};
use tonic::Status;
use uuid::Uuid;

use crate::domain::PersonId;
use crate::error::{Denied, Error};

/// A person, proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnerId(Uuid);

impl OwnerId {
    /// The person that a verified token speaks for.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] for a service on its own behalf: it has no tasks.
    pub fn of(caller: &Caller) -> Result<Self, Error> {
        match caller.subject() {
            Subject::Person { id, .. } => Ok(Self(*id)),
            Subject::Service(_) => Err(Error::Denied(Denied::NotAPerson)),
        }
    }

    /// The owner of a row that housekeeping read, which it does to delete.
    pub(crate) fn of_row(owner_id: Uuid) -> Self {
        Self(owner_id)
    }

    /// Somebody, for a test without a service.
    #[cfg(test)]
    pub(crate) fn of_test(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }

    /// Who it is, for what names people and opens nothing.
    pub fn person(self) -> PersonId {
        PersonId(self.0)
    }

    /// For a statement's parameter.
    pub fn uuid(self) -> Uuid {
        self.0
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
        OwnerId(person.0)
    }
}
