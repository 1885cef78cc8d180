//! Who calls, proven by a verified token. Only the verifier makes one; a handler that holds a `Caller` needs no
//! further check of identity.

use std::sync::Arc;

use tonic::{Code, Request, Status};
use uuid::Uuid;

use super::claims::Scope;
use crate::errors::v1::ErrorReason;
use crate::refusal;

/// Whom a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A person, in one of their sessions.
    Person {
        /// The user id.
        id: Uuid,
        /// The session that the token was made in.
        session_id: Uuid,
        /// `user` or `admin`.
        role: String,
    },
    /// A service, by its name.
    Service(String),
}

/// The verified caller of a request. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Proven>);

#[derive(Debug)]
struct Proven {
    subject: Subject,
    actor: Option<String>,
    scope: String,
    token_id: String,
    expires_at: i64,
}

impl Caller {
    pub(super) fn new(
        subject: Subject,
        actor: Option<String>,
        scope: String,
        token_id: String,
        expires_at: i64,
    ) -> Self {
        Self(Arc::new(Proven {
            subject,
            actor,
            scope,
            token_id,
            expires_at,
        }))
    }

    /// The caller of a request that passed [`authenticate`](super::authenticate).
    ///
    /// # Errors
    ///
    /// UNAUTHENTICATED TOKEN_MISSING when the request did not pass it: a service wired without the interceptor lets
    /// nobody in.
    pub fn of<T>(request: &Request<T>) -> Result<&Self, Status> {
        request.extensions().get::<Self>().ok_or_else(missing)
    }

    /// Whom the token speaks for.
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// The service that acts for the subject, if one does.
    pub fn actor(&self) -> Option<&str> {
        self.0.actor.as_deref()
    }

    /// The token's unique id.
    pub fn token_id(&self) -> &str {
        &self.0.token_id
    }

    /// When the token expires, in seconds since 1970. A stream must not outlive it.
    pub fn expires_at(&self) -> i64 {
        self.0.expires_at
    }

    /// Whether the token allows this.
    pub fn has_scope(&self, scope: Scope) -> bool {
        self.0.scope.split(' ').any(|held| held == scope.as_str())
    }

    /// Asks for a scope.
    ///
    /// # Errors
    ///
    /// PERMISSION_DENIED SCOPE_MISSING.
    pub fn require_scope(&self, scope: Scope) -> Result<(), Status> {
        if self.has_scope(scope) {
            return Ok(());
        }
        Err(refusal::status(
            Code::PermissionDenied,
            ErrorReason::ScopeMissing,
            format!("This method needs a token with the scope {}.", scope.as_str()),
        ))
    }
}

pub(super) fn missing() -> Status {
    refusal::status(
        Code::Unauthenticated,
        ErrorReason::TokenMissing,
        "Send an access token in the header: authorization: Bearer TOKEN.",
    )
}
