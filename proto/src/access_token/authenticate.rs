//! The interceptor that stands before a whole service. It is synchronous, does no I/O and fails closed; it says who
//! calls, never what they may do.

use std::sync::Arc;

use tonic::metadata::MetadataMap;
use tonic::service::Interceptor;
use tonic::{Code, Request, Status};

use super::caller;
use super::verifier::{Refused, Verifier};
use crate::errors::v1::ErrorReason;
use crate::refusal;

/// Makes the interceptor: put it on every service whose callers must be known.
pub fn authenticate(verifier: Arc<Verifier>) -> Authenticate {
    Authenticate { verifier }
}

/// Verifies the bearer token (RFC 6750) and puts the [`Caller`](super::Caller) into the request's extensions.
#[derive(Debug, Clone)]
pub struct Authenticate {
    verifier: Arc<Verifier>,
}

impl Interceptor for Authenticate {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let caller = self
            .verifier
            .verify(bearer_token(request.metadata())?)
            .map_err(refuse)?;
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
