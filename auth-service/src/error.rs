//! Every way in which a call can fail. What may never be put here: text that goes to a client, which is `status`'s.

mod status;

use std::time::Duration;

use chassis::postgres;
use proto::access_token::Scope;

/// A fault in a field of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation {
    /// Its path.
    pub field: &'static str,
    /// What to do about it. Never repeats the input.
    pub description: &'static str,
}

/// Why a caller counts as unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unauthenticated {
    /// Wrong password, unknown email or disabled account: one answer, so that nobody learns which.
    Credentials,
    /// The refresh token leads to no living session.
    SessionEnded,
    /// The access token's session has ended or its person was disabled.
    TokenRevoked,
    /// No service of this name has this secret: one answer, so that nobody learns which services there are.
    ServiceCredentials,
    /// The token of a service is none that was given out.
    ServiceToken,
    /// The person's token that a service sent is not one that it can act with.
    SubjectInvalid,
    /// The person's token that a service sent has expired.
    SubjectExpired,
    /// The person that a service wants to act for has no session behind the token, or may not sign in.
    SubjectRevoked,
}

/// Why a known caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// A cookie was to be set or read for another origin than the public one.
    Origin,
    /// Only a person in person may call.
    Caller,
    /// Only a service may call.
    CallerNoService,
    /// Only an administrator may call.
    Role,
    /// The token lacks this scope.
    Scope(Scope),
    /// The service's credential, or the person's token, does not cover what was asked for.
    Delegation,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields of the request break rules.
    #[error("fields are invalid")]
    Invalid(Vec<Violation>),
    /// The caller is not known.
    #[error("unauthenticated: {0:?}")]
    Unauthenticated(Unauthenticated),
    /// The caller is known, and may not.
    #[error("denied: {0:?}")]
    Denied(Denied),
    /// The password that should confirm a change is wrong; it came in this field.
    #[error("the password is wrong")]
    PasswordWrong(&'static str),
    /// Somebody has registered this email.
    #[error("the email is taken")]
    EmailTaken,
    /// The mailed code is unknown, used, expired or replaced: one answer.
    #[error("the code is not good")]
    CodeInvalid,
    /// The password is right, and the email must be verified first.
    #[error("the email is not verified")]
    EmailNotVerified,
    /// This deployment sends no mail.
    #[error("mail is off")]
    MailOff,
    /// There is no deletion that could be taken back.
    #[error("no deletion is pending")]
    DeletionNotPending,
    /// The page token was not made for this call.
    #[error("the page token does not fit")]
    PageToken,
    /// Administrators cannot lock themselves out.
    #[error("the administrator's own account")]
    OwnAccount,
    /// There is no such object for this caller.
    #[error("not found")]
    NotFound,
    /// Too many attempts failed, or were made.
    #[error("too many attempts")]
    Limited {
        /// Not before that long is there room for another.
        retry_after: Duration,
    },
    /// There is more to do than can be done.
    #[error("overloaded")]
    Overloaded,
    /// The database did not answer before the call's deadline.
    #[error("the deadline passed")]
    DeadlinePassed,
    /// The database cannot be reached.
    #[error("the database is unavailable")]
    Unavailable(#[source] sqlx::Error),
    /// A fault of ours.
    #[error("internal")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A fault of ours.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if postgres::is_deadline(&error) {
            Self::DeadlinePassed
        } else if postgres::is_unavailable(&error) {
            Self::Unavailable(error)
        } else {
            Self::internal(error)
        }
    }
}
