//! Domain types to wire types.

use chrono::{DateTime, Utc};
use proto::auth::v1 as pb;

use crate::domain::{LiveSession, User, device_name};

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
        disable_time: user.disable_time.map(timestamp),
        purge_time: user.purge_time.map(timestamp),
    }
}

/// A session in the list of its owner's.
pub(super) fn live_session(session: LiveSession, current: bool) -> pb::SessionSummary {
    pb::SessionSummary {
        session_id: session.id.0.to_string(),
        device: device_name(&session.client.user_agent),
        user_agent: session.client.user_agent,
        ip_address: session.client.ip_address,
        create_time: Some(timestamp(session.create_time)),
        last_use_time: Some(timestamp(session.last_use_time)),
        current,
        expire_time: Some(timestamp(session.idle_expire_time)),
        end_time: None,
    }
}
