//! The only place that can sign an access token. It holds the first key of the ring; everything else verifies.

use chrono::{DateTime, Utc};
use jsonwebtoken::{EncodingKey, Header};
use proto::access_token::{Actor, Algorithm, Audience, Claims, ISSUER, Keyring, Scope, TOKEN_TYPE};
use uuid::Uuid;

use crate::domain::{ACCESS_TOKEN_LIFE, ServiceName, SessionId, User, UserId};
use crate::error::Error;

/// What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410, section 7).
const PKCS8_ED25519: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// An access token and its end.
pub(crate) struct AccessToken {
    /// The JWT.
    pub(crate) text: String,
    /// When it stops working.
    pub(crate) expire_time: DateTime<Utc>,
}

/// What a service's token shall say.
pub(crate) struct ServiceToken<'a> {
    /// Who gets it.
    pub(crate) service: &'a ServiceName,
    /// The one place where it is good.
    pub(crate) audience: Audience,
    /// What it allows, separated by spaces.
    pub(crate) scope: &'a str,
    /// Whom the service acts for, and in which session; None when for itself.
    pub(crate) person: Option<(UserId, SessionId)>,
    /// Its jti.
    pub(crate) id: Uuid,
    /// When it is made.
    pub(crate) now: DateTime<Utc>,
    /// When it stops working, in whole seconds.
    pub(crate) expire_time: DateTime<Utc>,
}

/// Signs access tokens.
pub(crate) struct Signer {
    header: Header,
    key: EncodingKey,
}

impl Signer {
    /// A signer with the first key of the ring.
    pub(crate) fn new(keyring: &Keyring) -> Self {
        let key = keyring.first();
        let (algorithm, encoding) = match key.algorithm() {
            Algorithm::Hs256 => (
                jsonwebtoken::Algorithm::HS256,
                EncodingKey::from_secret(key.secret()),
            ),
            Algorithm::EdDsa => (
                jsonwebtoken::Algorithm::EdDSA,
                EncodingKey::from_ed_der(&[&PKCS8_ED25519, key.secret()].concat()),
            ),
        };
        let mut header = Header::new(algorithm);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(key.kid().to_owned());
        Self {
            header,
            key: encoding,
        }
    }

    /// A token for a person in a session. It does not outlive the session.
    ///
    /// # Errors
    ///
    /// Only when the crypto library fails.
    pub(crate) fn sign_for_person(
        &self,
        user: &User,
        session: SessionId,
        session_expire_time: DateTime<Utc>,
        token_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<AccessToken, Error> {
        let expire_time = (now + ACCESS_TOKEN_LIFE).min(session_expire_time);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: [Audience::Auth, Audience::Tasks]
                .map(|a| a.as_str().to_owned())
                .to_vec(),
            sub: user.id.0.to_string(),
            sid: Some(session.0.to_string()),
            scope: Scope::OF_A_PERSON.map(Scope::as_str).join(" "),
            role: user.role.clone(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: expire_time.timestamp(),
            jti: token_id.to_string(),
            act: None,
        };
        Ok(AccessToken {
            text: self.sign(&claims)?,
            expire_time: DateTime::from_timestamp(claims.exp, 0).unwrap_or(expire_time),
        })
    }

    /// When a service's token ends if nothing ends it before.
    pub(crate) fn service_token_end(now: DateTime<Utc>) -> DateTime<Utc> {
        let end = now + ACCESS_TOKEN_LIFE;
        DateTime::from_timestamp(end.timestamp(), 0).unwrap_or(end)
    }

    /// A token for a service. When it acts for a person, that person's role stays behind: a service that acts for an
    /// administrator is none.
    ///
    /// # Errors
    ///
    /// Only when the crypto library fails.
    pub(crate) fn sign_for_service(&self, token: &ServiceToken<'_>) -> Result<AccessToken, Error> {
        let service = token.service.subject();
        let (sub, sid, act) = match token.person {
            None => (service, None, None),
            Some((person, session)) => (
                person.0.to_string(),
                Some(session.0.to_string()),
                Some(Actor { sub: service }),
            ),
        };
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: vec![token.audience.as_str().to_owned()],
            sub,
            sid,
            scope: token.scope.to_owned(),
            role: String::new(),
            iat: token.now.timestamp(),
            nbf: token.now.timestamp(),
            exp: token.expire_time.timestamp(),
            jti: token.id.to_string(),
            act,
        };
        Ok(AccessToken {
            text: self.sign(&claims)?,
            expire_time: token.expire_time,
        })
    }

    fn sign(&self, claims: &Claims) -> Result<String, Error> {
        jsonwebtoken::encode(&self.header, claims, &self.key).map_err(Error::internal)
    }
}
