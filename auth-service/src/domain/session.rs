//! Sessions: who they are, how long they live, and how long a refresh token may be tried again.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// How long after its first use a refresh token is answered with the newest one of its chain. Long enough for the
/// other tabs of a browser and for a retry after a time-out; short enough to be of no use to a thief.
pub const RETRY_WINDOW: TimeDelta = TimeDelta::seconds(30);

/// How long an access token works. Short, since between two looks at the session it is good by its signature alone.
pub const ACCESS_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(10);

/// How long a revocation is kept: the life of a token made just before, and a minute for leeway and clocks that differ.
pub const REVOCATION_LIFE: TimeDelta = TimeDelta::minutes(11);

const MOST_USER_AGENT_BYTES: usize = 256;

/// The id of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionId(pub Uuid);

/// How long a session lives.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// However much it is used.
    pub absolute: TimeDelta,
    /// Without a refresh.
    pub idle: TimeDelta,
}

impl Lifetimes {
    /// The ends of a session that starts now.
    pub fn starting(&self, now: DateTime<Utc>) -> SessionTimes {
        let expire_time = now + self.absolute;
        SessionTimes {
            expire_time,
            idle_expire_time: (now + self.idle).min(expire_time),
        }
    }
}

/// When a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTimes {
    /// However much it is used.
    pub expire_time: DateTime<Utc>,
    /// Without a further refresh; never later than `expire_time`.
    pub idle_expire_time: DateTime<Utc>,
}

/// A session that lives, as its owner sees it.
#[derive(Debug, Clone)]
pub struct LiveSession {
    /// Its id.
    pub id: SessionId,
    /// The program at the other end: the name it gave at sign-in, the address of the latest sign-in or refresh.
    pub client: Client,
    /// When it began.
    pub create_time: DateTime<Utc>,
    /// The latest sign-in or refresh.
    pub last_use_time: DateTime<Utc>,
    /// When it ends without a further refresh.
    pub idle_expire_time: DateTime<Utc>,
}

/// What is known of the program at the other end, for the person's list of sessions.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// What it calls itself; may be empty.
    pub user_agent: String,
    /// Where it calls from; may be empty.
    pub ip_address: String,
}

impl Client {
    /// Takes what the client says of itself, cut to a size worth storing and without control characters.
    pub fn new(user_agent: &str, ip_address: Option<std::net::IpAddr>) -> Self {
        let end = user_agent.floor_char_boundary(MOST_USER_AGENT_BYTES);
        Self {
            user_agent: user_agent[..end].chars().filter(|c| !c.is_control()).collect(),
            ip_address: ip_address.map_or_else(String::new, |ip| ip.to_canonical().to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_life_never_outlasts_the_session() {
        let lifetimes = Lifetimes {
            absolute: TimeDelta::days(10),
            idle: TimeDelta::days(30),
        };
        let times = lifetimes.starting(DateTime::UNIX_EPOCH);
        assert_eq!(times.idle_expire_time, times.expire_time);
    }

    #[test]
    fn a_long_user_agent_is_cut_between_characters() {
        let client = Client::new(&"ß€".repeat(200), None);
        assert!(client.user_agent.len() <= MOST_USER_AGENT_BYTES);
        assert!(client.user_agent.starts_with("ß€"));
    }
}
