//! Every check that an access token must pass, in the order of their cost.
//!
//! jsonwebtoken checks the signature, the pinned algorithm, `iss` and `aud`. Its own time checks are off: they read the
//! wall clock and allow 60 s. `typ`, `crit`, `nbf`, `iat` and `exp` are checked here (RFC 8725, RFC 9068).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use jsonwebtoken::{DecodingKey, Header, Validation};
use uuid::Uuid;

use super::caller::{Caller, Subject};
use super::claims::{Audience, Claims, ISSUER, TOKEN_TYPE};
use super::follow::Hearing;
use super::keyring::{Key, Keyring};

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

type Keys = HashMap<String, Arc<VerificationKey>>;

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
            keys: RwLock::default(),
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
            (key.kid().to_owned(), Arc::new(verifying))
        });
        let keys = keys.collect();
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
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Invalid)?;
        let key = self.key_for(&header).ok_or(Refused::Invalid)?;
        let claims: Claims = jsonwebtoken::decode(token, &key.key, &key.validation)
            .map_err(|_| Refused::Invalid)?
            .claims;
        self.check_times(&claims)?;
        caller(claims).ok_or(Refused::Invalid)
    }

    /// The key that the header names, if the header asks for nothing that we do not understand.
    fn key_for(&self, header: &Header) -> Option<Arc<VerificationKey>> {
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
        let known = self.keys().get(kid).map(Arc::clone);
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

    fn check_times(&self, claims: &Claims) -> Result<(), Refused> {
        let now = (self.now)();
        let latest_start = now.saturating_add(LEEWAY_SECONDS);
        if claims.nbf > latest_start || claims.iat > latest_start {
            return Err(Refused::Invalid);
        }
        if claims.exp.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(Refused::Expired);
        }
        Ok(())
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("kids", &self.keys().keys())
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
