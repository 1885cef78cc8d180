//! Domain types to wire types.

use chrono::{DateTime, Utc};
use proto::auth::v1 as pb;

use crate::domain::User;

/// A point in time.
pub(super) fn timestamp(time: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: time.timestamp(),
        nanos: i32::try_from(time.timestamp_subsec_nanos()).unwrap_or(0),
    }
}

/// A person.
pub(super) fn user(user: User) -> pb::User {
    pb::User {
        id: user.id.0.to_string(),
        email: user.email,
        display_name: user.display_name,
        email_verified: user.email_verified,
        role: user.role,
        create_time: Some(timestamp(user.create_time)),
        update_time: Some(timestamp(user.update_time)),
        disable_time: None,
        purge_time: None,
    }
}
