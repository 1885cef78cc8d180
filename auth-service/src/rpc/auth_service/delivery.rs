//! How a refresh token comes and goes: in the message, or in a cookie that no script can read.
//!
//! A cookie is set and read only for calls whose `Origin` is the public origin, so that no other site can have one set
//! or used. A token that came by cookie is never answered in a message, where a script could read it.

use chassis::config::Origin;
use chrono::{DateTime, Utc};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use proto::auth::v1::RefreshTokenDelivery;
use tonic::metadata::{AsciiMetadataValue, MetadataMap};

use crate::domain::Token;
use crate::error::{Denied, Error};
use crate::rpc::fields::invalid;

const FIELD: &str = "refresh_token_delivery";
const TOKEN_FIELD: &str = "refresh_token";

/// How the answer carries the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    Body,
    Cookie,
}

/// The form of the cookie, which follows from the public origin.
#[derive(Debug, Clone)]
pub(crate) struct CookiePolicy {
    origin: Origin,
    name: String,
}

impl CookiePolicy {
    /// The policy for an origin; none where a cookie could be listened to, which is plain http beyond this machine.
    pub(crate) fn for_origin(origin: Origin) -> Option<Self> {
        let name = match (origin.is_https(), port(&origin)) {
            // The prefix makes browsers insist on Secure, Path=/ and this very host (RFC 6265bis, section 4.1.3.2).
            (true, _) => "__Host-tandem_refresh".to_owned(),
            (false, _) if !origin.is_loopback() => return None,
            // Cookies ignore the port, and two pairs on one machine must not take each other's.
            (false, Some(port)) => format!("tandem_refresh_{port}"),
            (false, None) => "tandem_refresh".to_owned(),
        };
        Some(Self { origin, name })
    }

    /// `Set-Cookie` with a token that the browser forgets when it stops working.
    pub(super) fn set(
        &self,
        token: &Token,
        expire_time: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> AsciiMetadataValue {
        self.header(token.to_text(), (expire_time - now).num_seconds())
    }

    /// `Set-Cookie` that makes the browser forget.
    pub(super) fn clear(&self) -> AsciiMetadataValue {
        self.header(String::new(), 0)
    }

    fn header(&self, value: String, max_age_seconds: i64) -> AsciiMetadataValue {
        Cookie::build((self.name.clone(), value))
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.origin.is_https())
            .path("/")
            .max_age(Duration::seconds(max_age_seconds))
            .to_string()
            .parse()
            .expect("name, value and attributes are ASCII")
    }

    fn origin_matches(&self, metadata: &MetadataMap) -> bool {
        let mut origins = metadata.get_all("origin").iter();
        let first = origins.next().and_then(|origin| origin.to_str().ok());
        first.is_some_and(|origin| self.origin.as_str() == origin) && origins.next().is_none()
    }

    /// The token in our cookie, among those that were sent. What is not well formed is skipped.
    fn find(&self, metadata: &MetadataMap) -> Option<String> {
        metadata
            .get_all("cookie")
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(Cookie::split_parse)
            .flatten()
            .find(|cookie| cookie.name() == self.name)
            .map(|cookie| cookie.value().to_owned())
    }
}

/// How a new session's refresh token goes out.
pub(super) fn of_new_session(
    requested: i32,
    metadata: &MetadataMap,
    policy: Option<&CookiePolicy>,
) -> Result<Delivery, Error> {
    match parse(requested)? {
        RefreshTokenDelivery::Unspecified | RefreshTokenDelivery::Body => Ok(Delivery::Body),
        RefreshTokenDelivery::Cookie => {
            allow_cookie(metadata, policy)?;
            Ok(Delivery::Cookie)
        }
    }
}

/// A refresh token that came in.
#[derive(Debug)]
pub(super) struct Presented {
    /// None for what cannot be a token of ours.
    pub(super) token: Option<Token>,
    /// How the answer goes.
    pub(super) delivery: Delivery,
}

/// The token of a message, or else of the cookie; and how the answer goes.
pub(super) fn of_presented(
    in_message: &str,
    requested: i32,
    metadata: &MetadataMap,
    policy: Option<&CookiePolicy>,
) -> Result<Presented, Error> {
    let requested = parse(requested)?;
    if requested == RefreshTokenDelivery::Cookie {
        allow_cookie(metadata, policy)?;
    }
    if !in_message.is_empty() {
        return Ok(Presented {
            token: Token::parse(in_message),
            delivery: match requested {
                RefreshTokenDelivery::Cookie => Delivery::Cookie,
                RefreshTokenDelivery::Unspecified | RefreshTokenDelivery::Body => Delivery::Body,
            },
        });
    }
    if requested == RefreshTokenDelivery::Body {
        return Err(invalid(
            FIELD,
            "A token that comes by cookie is answered by cookie; ask for COOKIE, or send the token in refresh_token.",
        ));
    }
    let policy = policy.ok_or_else(missing)?;
    let in_cookie = policy.find(metadata);
    if !policy.origin_matches(metadata) {
        return Err(match in_cookie {
            Some(_) => Error::Denied(Denied::Origin),
            None => missing(),
        });
    }
    // No cookie from our own web app is a browser that is not signed in, and no fault of the request.
    Ok(Presented {
        token: in_cookie.as_deref().and_then(Token::parse),
        delivery: Delivery::Cookie,
    })
}

/// `Set-Cookie` that makes the web app's browser forget the session; none for everybody else.
pub(in crate::rpc) fn forget_cookie(
    metadata: &MetadataMap,
    policy: Option<&CookiePolicy>,
) -> Option<AsciiMetadataValue> {
    let policy = policy.filter(|policy| policy.origin_matches(metadata))?;
    Some(policy.clear())
}

/// The port, where it is not the scheme's own.
fn port(origin: &Origin) -> Option<u16> {
    let (_, port) = origin.as_str().rsplit_once(':')?;
    port.parse().ok()
}

fn parse(requested: i32) -> Result<RefreshTokenDelivery, Error> {
    RefreshTokenDelivery::try_from(requested)
        .map_err(|_| invalid(FIELD, "Unknown delivery; use BODY or COOKIE, or leave it out."))
}

fn allow_cookie(metadata: &MetadataMap, policy: Option<&CookiePolicy>) -> Result<(), Error> {
    let policy = policy.ok_or_else(|| {
        invalid(
            FIELD,
            "This deployment has no origin that a cookie is safe for (https, or http on loopback); use BODY.",
        )
    })?;
    match policy.origin_matches(metadata) {
        true => Ok(()),
        false => Err(Error::Denied(Denied::Origin)),
    }
}

fn missing() -> Error {
    invalid(
        TOKEN_FIELD,
        "The refresh token is missing; send it here or, from the web app, in the cookie.",
    )
}
