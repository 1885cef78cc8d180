//! From the `authorization` header to a [`Caller`], without I/O: a service that holds a key needs nothing else.
//!
//! - [`Claims`]: what a token says (RFC 7519, profile of RFC 9068);
//! - [`Keyring`]: the keys that verify;
//! - [`Verifier`]: every check that a token must pass, with a keyring or with the public keys that auth-service lists;
//! - [`authenticate`]: the tonic interceptor for a whole service; it fails closed;
//! - [`Caller`]: who calls, proven. It has no public constructor.
//! - [`RevocationSet`]: sessions that ended early, kept in step with auth-service.
//!
//! Nothing here can sign; that is auth-service's alone.

mod authenticate;
mod caller;
mod claims;
mod follow;
mod keyring;
mod revocations;
mod verified;
mod verifier;

pub use authenticate::{Authenticate, authenticate};
pub use caller::{Caller, Subject};
pub use claims::{Actor, Audience, Claims, ISSUER, Scope, TOKEN_TYPE};
pub use keyring::{Algorithm, Key, Keyring, KeyringError};
pub use revocations::{Credential, RevocationSet, StalePolicy, Standing};
pub use verifier::{LEEWAY_SECONDS, Refused, Verifier};

#[cfg(test)]
mod tests;
