//! The interceptor that stands before a whole service. It is synchronous, does no I/O and fails closed; it says who
//! calls, never what they may do.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tonic::metadata::MetadataMap;
use tonic::service::Interceptor;
use tonic::{Code, Request, Status};

use super::caller;
use super::caller::{Caller, Subject};
use super::revocations::{RevocationSet, Standing};
use super::verifier::{Refused, Verifier};
use crate::errors::v1::ErrorReason;
use crate::refusal;
use crate::refusal::Refusal;

/// Makes the interceptor: put it on every service whose callers must be known.
pub fn authenticate(verifier: Arc<Verifier>) -> Authenticate {
    Authenticate {
        verifier,
        revocations: None,
    }
}

/// Verifies the bearer token (RFC 6750) and puts the [`Caller`](super::Caller) into the request's extensions.
#[derive(Debug, Clone)]
pub struct Authenticate {
    verifier: Arc<Verifier>,
    revocations: Option<Arc<RevocationSet>>,
}

impl Authenticate {
    /// Refuses tokens of sessions that the set holds as well.
    #[must_use]
    pub fn against(mut self, revocations: Option<Arc<RevocationSet>>) -> Self {
        self.revocations = revocations;
        self
    }

    fn check_standing(&self, caller: &Caller) -> Result<(), Status> {
        let (Some(revocations), Subject::Person { session_id, .. }) = (&self.revocations, caller.subject())
        else {
            return Ok(());
        };
        refusal_of(revocations.standing(*session_id)).map_or(Ok(()), Err)
    }

    /// Comes when the caller's token is good no more, with what a call would be told then: UNAUTHENTICATED TOKEN_EXPIRED
    /// or TOKEN_REVOKED, or UNAVAILABLE when nobody can say. For calls that last, which an interceptor sees at their
    /// beginning only.
    pub async fn until_refused(&self, caller: &Caller) -> Status {
        let expired = sleep(Duration::from_secs(self.verifier.seconds_left(caller)));
        let (Some(revocations), Subject::Person { session_id, .. }) = (&self.revocations, caller.subject())
        else {
            expired.await;
            return refuse(Refused::Expired);
        };
        tokio::select! {
            () = expired => refuse(Refused::Expired),
            status = async {
                loop {
                    let standing = revocations.until_not_good(*session_id).await;
                    if let Some(status) = refusal_of(standing) {
                        return status;
                    }
                }
            } => status,
        }
    }
}

impl Interceptor for Authenticate {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let caller = self
            .verifier
            .verify(bearer_token(request.metadata())?)
            .map_err(refuse)?;
        self.check_standing(&caller)?;
        request.extensions_mut().insert(caller);
        Ok(request)
    }
}

fn bearer_token(metadata: &MetadataMap) -> Result<&str, Status> {
    let mut headers = metadata.get_all("authorization").iter();
    let header = headers.next().ok_or_else(caller::missing)?;
    if headers.next().is_some() {
        return Err(refuse(Refused::Invalid));
    }
    let header = header.to_str().map_err(|_| refuse(Refused::Invalid))?;
    // RFC 9110, section 11.1: the scheme is case-insensitive.
    let (scheme, token) = header.split_once(' ').ok_or_else(|| refuse(Refused::Invalid))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(caller::missing());
    }
    Ok(token.trim_start_matches(' '))
}

fn refusal_of(standing: Standing) -> Option<Status> {
    match standing {
        Standing::Good => None,
        Standing::Revoked => Some(revoked()),
        Standing::Unknown => Some(
            Refusal::new(
                Code::Unavailable,
                ErrorReason::ServiceUnavailable,
                "Whether the session still lives cannot be told right now; try again soon.",
            )
            .retry_after(Duration::from_secs(1))
            .into_status(),
        ),
    }
}

fn revoked() -> Status {
    refusal::status(
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
        "The session behind the access token has ended; sign in again.",
    )
}

fn refuse(refused: Refused) -> Status {
    let (reason, message) = match refused {
        Refused::Invalid => (
            ErrorReason::TokenInvalid,
            "The access token is not valid here; sign in to get one.",
        ),
        Refused::Expired => (
            ErrorReason::TokenExpired,
            "The access token has expired; refresh the session and try again.",
        ),
    };
    refusal::status(Code::Unauthenticated, reason, message)
}
