//! One row: from texts under the names of fields to somebody who can be brought in, or everything that is wrong with it.
//! A reason never repeats what was given, since that may be a hash.

use std::fmt;

use chassis::Entropy;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{DisplayName, Email, UserId};
use crate::hashing;
use crate::store::users::import::Imported;

/// What a row can hold.
pub(super) const FIELDS: [&str; 8] = [
    "email",
    "display_name",
    "email_verified",
    "password_hash",
    "create_time",
    "role",
    "disabled",
    "id",
];

/// Where a row stands in its source.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum At {
    /// A line of a file, from 1.
    Line(u64),
    /// An id of the other system.
    Id(String),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Id(id) => write!(f, "id {id}"),
        }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Fault {
    pub(super) field: &'static str,
    pub(super) reason: String,
}

impl Fault {
    pub(super) fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self {
            field,
            reason: reason.into(),
        }
    }
}

/// A row as it was read.
pub(super) struct Entry {
    pub(super) at: At,
    pub(super) raw: Result<Raw, Vec<Fault>>,
}

/// The texts of a row, in the order of [`FIELDS`]. An empty one is none.
#[derive(Default)]
pub(super) struct Raw([Option<String>; FIELDS.len()]);

/// Somebody who can be brought in.
pub(super) struct Parsed {
    pub(super) person: Imported,
    pub(super) has_password: bool,
}

impl Raw {
    /// Gives a field its text; false when there is no such field.
    pub(super) fn set(&mut self, field: &str, text: String) -> bool {
        let Some(at) = FIELDS.iter().position(|known| *known == field) else {
            return false;
        };
        self.0[at] = Some(text).filter(|text| !text.is_empty());
        true
    }

    /// The person, or all that is wrong.
    pub(super) fn parse(mut self, entropy: &Entropy, now: DateTime<Utc>) -> Result<Parsed, Vec<Fault>> {
        let mut faults = Vec::new();
        let [email, name, verified, hash, made, role, disabled, id] = self.0.each_mut().map(Option::take);
        let email = Email::parse(&email.unwrap_or_default());
        let email = noted(&mut faults, "email", email);
        let name = DisplayName::parse(&name.unwrap_or_default());
        let name = noted(&mut faults, "display_name", name);
        let verified = noted(&mut faults, "email_verified", flag(verified));
        let disabled = noted(&mut faults, "disabled", flag(disabled));
        let role = noted(&mut faults, "role", parse_role(role.as_deref()));
        let made = made.map_or(Ok(now), |text| parse_time(&text, now));
        let made = noted(&mut faults, "create_time", made);
        let has_password = hash.is_some();
        let hash = match hash {
            Some(hash) => hashing::accept(&hash).map(|hash| hash.as_str().to_owned()),
            None => Ok(hashing::unmatchable(entropy)),
        };
        let hash = noted(&mut faults, "password_hash", hash);
        let id = match id {
            Some(id) => parse_id(&id),
            None => Ok(new_id(entropy, made.unwrap_or(now))),
        };
        let id = noted(&mut faults, "id", id);
        let person = || {
            Some(Imported {
                id: id?,
                email: email?,
                display_name: name?,
                password_hash: hash?,
                role: role?,
                email_verified: verified?,
                disabled: disabled?,
                create_time: made?,
            })
        };
        match person() {
            Some(person) => Ok(Parsed { person, has_password }),
            None => Err(faults),
        }
    }
}

fn noted<T>(faults: &mut Vec<Fault>, field: &'static str, parsed: Result<T, &'static str>) -> Option<T> {
    parsed
        .map_err(|reason| faults.push(Fault::new(field, reason)))
        .ok()
}

fn flag(text: Option<String>) -> Result<bool, &'static str> {
    match text.unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "false" | "f" | "0" => Ok(false),
        "true" | "t" | "1" => Ok(true),
        _ => Err("Neither true nor false; write one of them."),
    }
}

fn parse_role(text: Option<&str>) -> Result<&'static str, &'static str> {
    match text {
        None | Some("user") => Ok("user"),
        Some("admin") => Ok("admin"),
        Some(_) => Err("There are the roles user and admin; write one of them."),
    }
}

/// RFC 3339, and what Postgres prints.
fn parse_time(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, &'static str> {
    let parsed = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z"))
        .map_err(|_| "Not a time with its zone; write it like 2024-05-06T07:08:09Z.")?;
    let time = parsed.with_timezone(&Utc);
    if time > now || time < DateTime::UNIX_EPOCH {
        return Err("The time lies in the future or before 1970.");
    }
    // Postgres keeps no finer time.
    DateTime::from_timestamp_micros(time.timestamp_micros()).ok_or("The time cannot be kept.")
}

fn parse_id(text: &str) -> Result<UserId, &'static str> {
    let id = Uuid::try_parse(text).map_err(|_| "Not a UUID; leave it out, and a new one is made.")?;
    if id.is_nil() || id.is_max() {
        return Err("This UUID stands for nobody; leave it out, and a new one is made.");
    }
    Ok(UserId(id))
}

/// Accounts are listed in the order of their ids, which is that in which they were made, here or elsewhere.
fn new_id(entropy: &Entropy, made: DateTime<Utc>) -> UserId {
    let millis = u64::try_from(made.timestamp_millis()).unwrap_or(0);
    UserId(uuid::Builder::from_unix_timestamp_millis(millis, &entropy.bytes()).into_uuid())
}
