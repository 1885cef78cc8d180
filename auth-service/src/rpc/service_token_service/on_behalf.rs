//! The person that a service wants to act for: by that person's own live token, or, with the grant `impersonate`, by
//! nothing but the user id.

use chrono::{DateTime, Utc};
use proto::access_token::{Caller, Refused, Scope, Subject};
use uuid::Uuid;

use crate::app::App;
use crate::credentials::Credential;
use crate::domain::{SessionId, UserId};
use crate::error::{Denied, Error, Unauthenticated};

/// A person, and how far a service may go for them. Whether the session lives is for the database to say.
pub(super) struct OnBehalf {
    pub(super) person: UserId,
    /// None for an impersonation.
    pub(super) session: Option<SessionId>,
    token: Option<Caller>,
}

impl OnBehalf {
    /// Reads a subject_token.
    ///
    /// # Errors
    ///
    /// When it is not a person's own token, has expired, or is a user id that the credential must not use.
    pub(super) fn of(
        subject_token: &str,
        app: &App,
        credential: &Credential,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        if let Ok(id) = Uuid::try_parse(subject_token) {
            return if credential.impersonate {
                Ok(Self {
                    person: UserId(id),
                    session: None,
                    token: None,
                })
            } else {
                Err(Error::Denied(Denied::Delegation))
            };
        }
        let caller = app.subjects.verify(subject_token).map_err(|refused| {
            Error::Unauthenticated(match refused {
                Refused::Invalid => Unauthenticated::SubjectInvalid,
                Refused::Expired => Unauthenticated::SubjectExpired,
            })
        })?;
        // Within the leeway of verifiers there is nothing left to hand on.
        if caller.expires_at() <= now.timestamp() {
            return Err(Error::Unauthenticated(Unauthenticated::SubjectExpired));
        }
        let (person, session) = match caller.subject() {
            // A token that a service acts with is not handed on: each service asks for one of its own.
            Subject::Person { id, session_id, .. } if caller.actor().is_none() => {
                (UserId(*id), SessionId(*session_id))
            }
            _ => return Err(Error::Unauthenticated(Unauthenticated::SubjectInvalid)),
        };
        Ok(Self {
            person,
            session: Some(session),
            token: Some(caller),
        })
    }

    /// Whether the person's token goes that far.
    pub(super) fn allows(&self, scope: Scope) -> bool {
        self.token.as_ref().is_none_or(|token| token.has_scope(scope))
    }

    /// The end of the person's token, if that comes first.
    pub(super) fn end(&self, end: DateTime<Utc>) -> DateTime<Utc> {
        let own = self.token.as_ref().map(Caller::expires_at);
        own.and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .map_or(end, |own| own.min(end))
    }
}
