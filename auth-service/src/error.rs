//! Every way in which a call can fail, and the one place where a failure becomes a status.
//!
//! A source goes to the log, once, and never to the client.

use std::time::Duration;

use chassis::{postgres, status};
use proto::access_token::Scope;
use proto::errors::v1::ErrorReason;
use proto::refusal::{self, Refusal};
use tonic::{Code, Status};

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

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(violations) => violations
                .into_iter()
                .fold(Refusal::invalid(), |refusal, Violation { field, description }| {
                    refusal.violation(field, description)
                })
                .into_status(),
            Error::Unauthenticated(why) => unauthenticated(why),
            Error::Denied(why) => denied(why),
            Error::PasswordWrong(field) => Refusal::new(
                Code::InvalidArgument,
                ErrorReason::PasswordWrong,
                "The password is wrong.",
            )
            .violation(field, "This is not your password; try again.")
            .into_status(),
            Error::EmailTaken => refusal::status(
                Code::AlreadyExists,
                ErrorReason::EmailTaken,
                "There is an account with this email; sign in, or use another.",
            ),
            Error::CodeInvalid => Refusal::new(
                Code::InvalidArgument,
                ErrorReason::CodeInvalid,
                "The code is unknown, used, expired or replaced by a newer one; ask for another.",
            )
            .violation("code", "This code is not good, or not any more; ask for another.")
            .into_status(),
            Error::EmailNotVerified => refusal::status(
                Code::FailedPrecondition,
                ErrorReason::EmailNotVerified,
                "The email is not verified yet; use the code from the mail, or ask for another with \
                 SendEmailVerification.",
            ),
            Error::MailOff => refusal::status(
                Code::FailedPrecondition,
                ErrorReason::MailOff,
                "This deployment sends no mail, so no code can come; ask whoever runs it.",
            ),
            Error::DeletionNotPending => refusal::status(
                Code::FailedPrecondition,
                ErrorReason::DeletionNotPending,
                "No deletion of this account is pending, so there is none to take back.",
            ),
            Error::PageToken => Refusal::new(
                Code::InvalidArgument,
                ErrorReason::PageTokenInvalid,
                "The page token is not for this call; send next_page_token with the same arguments, or start over.",
            )
            .violation("page_token", "Send next_page_token as it came, with the same other arguments.")
            .into_status(),
            Error::OwnAccount => refusal::status(
                Code::FailedPrecondition,
                ErrorReason::OwnAccount,
                "This is your own account; another administrator can disable it.",
            ),
            Error::NotFound => refusal::status(
                Code::NotFound,
                ErrorReason::NotFound,
                "There is no such object, or it is not yours.",
            ),
            Error::Limited { retry_after } => Refusal::new(
                Code::ResourceExhausted,
                ErrorReason::TooManyAttempts,
                "There were too many attempts; wait as long as the details say, then try again.",
            )
            .retry_after(retry_after)
            .into_status(),
            Error::Overloaded => status::overloaded(),
            Error::DeadlinePassed => status::deadline_exceeded(),
            Error::Unavailable(source) => {
                tracing::warn!(error = ?source, "the database is unavailable");
                status::database_unavailable()
            }
            Error::Internal(source) => {
                tracing::error!(error = ?source, "internal error");
                status::internal()
            }
        }
    }
}

fn unauthenticated(why: Unauthenticated) -> Status {
    let (reason, message) = match why {
        Unauthenticated::Credentials => (ErrorReason::CredentialsInvalid, "Email and password do not fit."),
        Unauthenticated::SessionEnded => (ErrorReason::SessionEnded, "The session has ended; sign in again."),
        Unauthenticated::TokenRevoked => (
            ErrorReason::TokenRevoked,
            "The session behind the access token has ended; sign in again.",
        ),
        Unauthenticated::ServiceCredentials => (
            ErrorReason::CredentialsInvalid,
            "No service of this name has this secret.",
        ),
        Unauthenticated::ServiceToken => (
            ErrorReason::TokenInvalid,
            "This token was not given out here; get one with IssueServiceToken.",
        ),
        Unauthenticated::SubjectInvalid => (
            ErrorReason::TokenInvalid,
            "The subject_token is not a person's own access token.",
        ),
        Unauthenticated::SubjectExpired => (
            ErrorReason::TokenExpired,
            "The subject_token has expired; the person's next one will do.",
        ),
        Unauthenticated::SubjectRevoked => (
            ErrorReason::TokenRevoked,
            "The person has signed out, or may not sign in.",
        ),
    };
    refusal::status(Code::Unauthenticated, reason, message)
}

fn denied(why: Denied) -> Status {
    let (reason, message) = match why {
        Denied::Origin => (
            ErrorReason::OriginNotAllowed,
            "Cookies are for the web app alone: the Origin header must be the public origin.".to_owned(),
        ),
        Denied::Caller => (
            ErrorReason::CallerNotAllowed,
            "Only a person can call this, with a token of their own.".to_owned(),
        ),
        Denied::CallerNoService => (
            ErrorReason::CallerNotAllowed,
            "Only a service can call this, with a token from IssueServiceToken.".to_owned(),
        ),
        Denied::Role => (
            ErrorReason::RoleMissing,
            "Only an administrator can call this.".to_owned(),
        ),
        Denied::Scope(scope) => (
            ErrorReason::ScopeMissing,
            format!("This method needs a token with the scope {}.", scope.as_str()),
        ),
        Denied::Delegation => (
            ErrorReason::ScopeMissing,
            "The credential does not hold this for the audience. What people may do takes a subject_token that \
             allows it, what services may do takes none, and a user id takes the grant impersonate."
                .to_owned(),
        ),
    };
    refusal::status(Code::PermissionDenied, reason, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::StatusExt as _;

    const SECRET: &str = "password=hunter2 host=10.0.0.7";

    fn one_of_each() -> Vec<Error> {
        let source = || sqlx::Error::Protocol(SECRET.to_owned());
        vec![
            Error::Invalid(vec![Violation {
                field: "email",
                description: "Write it.",
            }]),
            Error::Unauthenticated(Unauthenticated::Credentials),
            Error::Unauthenticated(Unauthenticated::SessionEnded),
            Error::Unauthenticated(Unauthenticated::TokenRevoked),
            Error::Unauthenticated(Unauthenticated::ServiceCredentials),
            Error::Unauthenticated(Unauthenticated::ServiceToken),
            Error::Unauthenticated(Unauthenticated::SubjectInvalid),
            Error::Unauthenticated(Unauthenticated::SubjectExpired),
            Error::Unauthenticated(Unauthenticated::SubjectRevoked),
            Error::Denied(Denied::Origin),
            Error::Denied(Denied::Caller),
            Error::Denied(Denied::CallerNoService),
            Error::Denied(Denied::Scope(Scope::RevocationsRead)),
            Error::Denied(Denied::Role),
            Error::Denied(Denied::Delegation),
            Error::PasswordWrong("password"),
            Error::EmailTaken,
            Error::CodeInvalid,
            Error::EmailNotVerified,
            Error::MailOff,
            Error::DeletionNotPending,
            Error::PageToken,
            Error::OwnAccount,
            Error::NotFound,
            Error::Limited {
                retry_after: Duration::from_secs(7),
            },
            Error::Overloaded,
            Error::DeadlinePassed,
            Error::Unavailable(source()),
            Error::internal(source()),
        ]
    }

    #[test]
    fn no_status_shows_its_source_and_each_has_a_reason() {
        for error in one_of_each() {
            let status = Status::from(error);
            let public = format!("{status:?} {:?}", status.get_error_details());
            assert!(
                !public.contains("hunter2") && !public.contains("10.0.0.7"),
                "{public}"
            );
            let reason = status.get_details_error_info().expect("a reason");
            assert_eq!(reason.domain, "tandem");
        }
    }

    #[test]
    fn what_may_pass_says_when_to_try_again() {
        for error in [Error::Overloaded, Error::Unavailable(sqlx::Error::PoolTimedOut)] {
            assert!(Status::from(error).get_details_retry_info().is_some());
        }
    }
}
