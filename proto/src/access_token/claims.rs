//! What an access token says. The signer fills it, the verifier reads it; the names are RFC 7519's, 8693's and 9068's.

use serde::{Deserialize, Deserializer, Serialize};

/// The `iss` of every Tandem token.
pub const ISSUER: &str = "tandem";

/// The `typ` in the header of every access token (RFC 9068, section 2.1).
pub const TOKEN_TYPE: &str = "at+jwt";

/// The service that a token is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// auth-service.
    Auth,
    /// task-service.
    Tasks,
}

impl Audience {
    /// The text in `aud`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "tandem.auth",
            Self::Tasks => "tandem.tasks",
        }
    }
}

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read the person's tasks.
    TasksRead,
    /// Change the person's tasks.
    TasksWrite,
    /// Read and change the person's own account.
    Account,
    /// Read which sessions were revoked. For services alone.
    RevocationsRead,
    /// Delete all that task-service has of a person. For services alone.
    OwnersPurge,
}

impl Scope {
    /// What a person's own token allows, in the order in which it is written.
    pub const OF_A_PERSON: [Self; 3] = [Self::TasksRead, Self::TasksWrite, Self::Account];

    /// The text in `scope`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TasksRead => "tasks.read",
            Self::TasksWrite => "tasks.write",
            Self::Account => "account",
            Self::RevocationsRead => "revocations.read",
            Self::OwnersPurge => "owners.purge",
        }
    }

    /// The service at which it means something.
    pub const fn audience(self) -> Audience {
        match self {
            Self::TasksRead | Self::TasksWrite | Self::OwnersPurge => Audience::Tasks,
            Self::Account | Self::RevocationsRead => Audience::Auth,
        }
    }
}

/// The payload of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer: [`ISSUER`].
    pub iss: String,
    /// Audience: one or more of [`Audience`]; written as a list, read as a list or a single string (RFC 7519).
    #[serde(deserialize_with = "one_or_many")]
    pub aud: Vec<String>,
    /// Subject: a user id, or `service:NAME`.
    pub sub: String,
    /// Session id; people's tokens only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Scopes, separated by single spaces (RFC 8693, section 4.2).
    pub scope: String,
    /// The person's role, `user` or `admin`; empty for services.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Not before, in seconds since 1970.
    pub nbf: i64,
    /// Expires, in seconds since 1970.
    pub exp: i64,
    /// Token id, unique.
    pub jti: String,
    /// The service that acts for the subject (RFC 8693, section 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
}

/// Who acts for the subject of a delegated token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// `service:NAME`.
    pub sub: String,
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}
