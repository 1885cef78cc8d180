//! A person with an account, as stored.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The id of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserId(pub Uuid);

/// What may be shown of an account. The password hash is not part of it, so that it cannot travel with it.
#[derive(Clone)]
pub struct User {
    /// Never changes.
    pub id: UserId,
    /// As typed.
    pub email: String,
    /// May be empty.
    pub display_name: String,
    /// Whether the person has shown that the email is theirs.
    pub email_verified: bool,
    /// `user` or `admin`.
    pub role: String,
    /// When the account was made.
    pub create_time: DateTime<Utc>,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
    /// Since when an administrator keeps the person out; none means enabled.
    pub disable_time: Option<DateTime<Utc>>,
    /// When the account goes for good; none unless its deletion is pending.
    pub purge_time: Option<DateTime<Utc>>,
}
