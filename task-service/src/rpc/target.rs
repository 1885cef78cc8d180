//! Which object a write names, and under which conditions: the three fields that every such request has.

use super::fields::Fields;
use crate::domain::{Complaint, Etag, ListId, RequestId, Revision, TaskId};
use crate::error::Error;

/// An id that a request can name.
pub(super) trait Named: Sized {
    /// Reads its text.
    fn named(text: &str) -> Result<Self, Complaint>;
}

impl Named for TaskId {
    fn named(text: &str) -> Result<Self, Complaint> {
        Self::parse(text)
    }
}

impl Named for ListId {
    fn named(text: &str) -> Result<Self, Complaint> {
        Self::parse(text)
    }
}

/// Which object, and under which conditions.
#[derive(Clone)]
pub(super) struct Target<Id> {
    pub(super) id: Id,
    etag: Option<Etag>,
    pub(super) request_id: Option<RequestId>,
}

impl<Id: Named> Target<Id> {
    /// Reads the three fields; the id's path differs.
    pub(super) fn parse(
        fields: &mut Fields,
        (id_field, id): (&'static str, &str),
        etag: &str,
        request_id: &str,
    ) -> Option<Self> {
        let id = fields.check(id_field, Id::named(id));
        let request_id = fields.check("request_id", RequestId::parse(request_id));
        Some(Self {
            id: id?,
            etag: Etag::sent(etag),
            request_id: request_id?,
        })
    }

    /// Of a request that says no more than `id`, `etag` and `request_id`.
    pub(super) fn of(id: &str, etag: &str, request_id: &str) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let target = Self::parse(&mut fields, ("id", id), etag, request_id);
        fields.finish(target)
    }

    /// Whether the object, at this revision, is still what the client knows.
    pub(super) fn check(&self, revision: Revision) -> Result<(), Error> {
        match &self.etag {
            Some(etag) if !etag.matches(revision) => Err(Error::Stale),
            _ => Ok(()),
        }
    }
}
