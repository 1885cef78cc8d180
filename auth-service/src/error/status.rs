//! The one place where a failure becomes a status: what the client is told, and what it can do about it.
//!
//! A source goes to the log, once, and never to the client.

use chassis::status;
use proto::errors::v1::ErrorReason;
use proto::refusal::{self, Refusal};
use tonic::{Code, Status};

use super::{Denied, Error, Unauthenticated, Violation};

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
    use std::time::Duration;

    use proto::access_token::Scope;
    use tonic_types::StatusExt as _;

    use super::*;

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
