//! Every check that an access token must pass, in the order of their cost.
//!
//! jsonwebtoken checks the signature, the pinned algorithm, `iss` and `aud`. Its own time checks are off: they read the
//! wall clock and allow 60 s. `typ`, `crit`, `nbf`, `iat` and `exp` are checked here (RFC 8725, RFC 9068).
//! The signature of a token is checked once; what time says is asked at every call.

use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use jsonwebtoken::{DecodingKey, Header, Validation};
use quick_cache::sync::Cache;
use uuid::Uuid;

use super::caller::{Caller, Subject};
use super::claims::{Audience, Claims, ISSUER, TOKEN_TYPE};
use super::follow::Hearing;
use super::keyring::{Key, Keyring};
use super::verified::{self, Fingerprint, Verified, fingerprint};

/// How far the clocks of signer and verifier may be apart, in seconds.
pub const LEEWAY_SECONDS: i64 = 5;

/// Ours are below 1 KiB. What is longer is not looked at.
const LONGEST_TOKEN_BYTES: usize = 4096;

/// Why a token was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Malformed, forged, of another type, for another audience, or not valid yet.
    Invalid,
    /// Was good, and its time is over.
    Expired,
}

struct VerificationKey {
    key: DecodingKey,
    validation: Validation,
}

/// The keys in use, and what they proved: one goes with the other.
struct Keys {
    by_kid: HashMap<String, VerificationKey>,
    verified: Cache<Fingerprint, Verified>,
}

impl Keys {
    fn new(by_kid: HashMap<String, VerificationKey>) -> Self {
        Self {
            by_kid,
            verified: verified::none(),
        }
    }
}

/// Verifies access tokens for one audience.
pub struct Verifier {
    keys: RwLock<Keys>,
    audience: Audience,
    now: Box<dyn Fn() -> i64 + Send + Sync>,
    /// Of a verifier whose keys come from auth-service.
    pub(super) hearing: Option<Hearing>,
}

impl Verifier {
    /// A verifier for tokens meant for `audience`, signed by any key of the ring. `now` gives the present in seconds
    /// since 1970.
    pub fn new(keyring: &Keyring, audience: Audience, now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        let verifier = Self::without_keys(audience, now, None);
        verifier.replace_keys(keyring.iter());
        verifier
    }

    pub(super) fn without_keys(
        audience: Audience,
        now: impl Fn() -> i64 + Send + Sync + 'static,
        hearing: Option<Hearing>,
    ) -> Self {
        Self {
            keys: RwLock::new(Keys::new(HashMap::new())),
            audience,
            now: Box::new(now),
            hearing,
        }
    }

    /// From now on these keys count and no others.
    pub(super) fn replace_keys<'a>(&self, keys: impl Iterator<Item = &'a Key>) {
        let keys = keys.map(|key| {
            let (algorithm, decoding) = match key.public() {
                None => (
                    jsonwebtoken::Algorithm::HS256,
                    DecodingKey::from_secret(key.secret()),
                ),
                Some(public) => (jsonwebtoken::Algorithm::EdDSA, DecodingKey::from_ed_der(public)),
            };
            let mut validation = Validation::new(algorithm);
            validation.set_audience(&[self.audience.as_str()]);
            validation.set_issuer(&[ISSUER]);
            validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
            validation.validate_exp = false;
            validation.validate_nbf = false;
            let verifying = VerificationKey {
                key: decoding,
                validation,
            };
            (key.kid().to_owned(), verifying)
        });
        let keys = Keys::new(keys.collect());
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Checks a token and says who calls.
    ///
    /// # Errors
    ///
    /// [`Refused::Expired`] for a token that was good in every other way, [`Refused::Invalid`] for all others.
    pub fn verify(&self, token: &str) -> Result<Caller, Refused> {
        if token.len() > LONGEST_TOKEN_BYTES {
            return Err(Refused::Invalid);
        }
        // Held to the end: what a key proves must not be noted down with the keys that come after it.
        let keys = self.keys();
        let fingerprint = fingerprint(token);
        if let Some(known) = keys.verified.get(&fingerprint) {
            self.check_times(&known)?;
            return Ok(known.caller);
        }
        let verified = self.verify_signature(&keys, token)?;
        self.check_times(&verified)?;
        keys.verified.insert(fingerprint, verified.clone());
        Ok(verified.caller)
    }

    /// How long the caller's token has left, in seconds.
    pub(super) fn seconds_left(&self, caller: &Caller) -> u64 {
        let left = caller.expires_at().saturating_sub((self.now)());
        u64::try_from(left).unwrap_or(0)
    }

    fn verify_signature(&self, keys: &Keys, token: &str) -> Result<Verified, Refused> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Invalid)?;
        let key = self.key_for(keys, &header).ok_or(Refused::Invalid)?;
        let claims: Claims = jsonwebtoken::decode(token, &key.key, &key.validation)
            .map_err(|_| Refused::Invalid)?
            .claims;
        let starts_at = claims.nbf.max(claims.iat);
        let caller = caller(claims).ok_or(Refused::Invalid)?;
        Ok(Verified { caller, starts_at })
    }

    /// The key that the header names, if the header asks for nothing that we do not understand.
    fn key_for<'a>(&self, keys: &'a Keys, header: &Header) -> Option<&'a VerificationKey> {
        let typ = header.typ.as_deref()?;
        // RFC 9068, section 4: with or without the `application/` of the media type, in any case (RFC 7515, 4.1.9).
        let typ = typ
            .get(..12)
            .filter(|p| p.eq_ignore_ascii_case("application/"))
            .map_or(typ, |p| &typ[p.len()..]);
        if !typ.eq_ignore_ascii_case(TOKEN_TYPE) || header.crit.is_some() {
            return None;
        }
        let kid = header.kid.as_deref()?;
        let known = keys.by_kid.get(kid);
        if let (None, Some(hearing)) = (&known, &self.hearing)
            && header.alg == jsonwebtoken::Algorithm::EdDSA
        {
            hearing.missed();
        }
        known
    }

    fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_times(&self, verified: &Verified) -> Result<(), Refused> {
        let now = (self.now)();
        if verified.starts_at > now.saturating_add(LEEWAY_SECONDS) {
            return Err(Refused::Invalid);
        }
        if verified.caller.expires_at().saturating_add(LEEWAY_SECONDS) <= now {
            return Err(Refused::Expired);
        }
        Ok(())
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("kids", &self.keys().by_kid.keys())
            .finish_non_exhaustive()
    }
}

fn caller(claims: Claims) -> Option<Caller> {
    let subject = match claims.sub.strip_prefix("service:") {
        Some("") => return None,
        Some(name) => Subject::Service(name.to_owned()),
        None => Subject::Person {
            id: Uuid::try_parse(&claims.sub).ok()?,
            session_id: Uuid::try_parse(claims.sid.as_deref()?).ok()?,
            role: claims.role,
        },
    };
    let actor = match claims.act {
        None => None,
        Some(act) => Some(
            act.sub
                .strip_prefix("service:")
                .filter(|name| !name.is_empty())?
                .to_owned(),
        ),
    };
    Some(Caller::new(subject, actor, claims.scope, claims.jti, claims.exp))
}
