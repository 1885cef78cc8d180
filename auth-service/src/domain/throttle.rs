//! What may be tried how often, and by what it is counted. Pure: counting itself is `throttle` and `store`.

use std::net::IpAddr;

use aws_lc_rs::digest;
use chrono::TimeDelta;

use super::{Email, SessionId, TokenHash, UserId};

const MINUTE: TimeDelta = TimeDelta::minutes(1);
const FIVE_MINUTES: TimeDelta = TimeDelta::minutes(5);
const A_QUARTER: TimeDelta = TimeDelta::minutes(15);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Wrong passwords at sign-in, by email, whether or not somebody has it.
    PasswordOfAccount,
    /// Wrong passwords at sign-in on a device that the person has used before.
    PasswordOnDevice,
    /// Wrong passwords of a person who is signed in, by session: whoever stole one must not keep the owner from
    /// changing the password in another.
    PasswordOfPerson,
    /// Wrong passwords at sign-in from a network, except those on known devices.
    PasswordFromAddress,
    /// Sign-ups from a network, whatever comes of them: each costs a hash.
    SignUpFromAddress,
    /// Mails to one address that anybody can ask for.
    MailToTarget,
    /// Mails that a network asks for.
    MailFromAddress,
    /// Wrong codes from a network.
    CodeFromAddress,
    /// Wrong secrets of services from a network. There is no count by service, or a stranger could shut one out.
    SecretFromAddress,
}

impl Kind {
    /// As it is stored and measured.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PasswordOfAccount => "password_account",
            Self::PasswordOnDevice => "password_device",
            Self::PasswordOfPerson => "password_person",
            Self::PasswordFromAddress => "password_address",
            Self::SignUpFromAddress => "sign_up_address",
            Self::MailToTarget => "mail_target",
            Self::MailFromAddress => "mail_address",
            Self::CodeFromAddress => "code_address",
            Self::SecretFromAddress => "secret_address",
        }
    }
}

/// One count: of what, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    kind: Kind,
    /// A hash, so that the table holds nobody's email or address and every key has the same size.
    key: [u8; 32],
}

impl Counter {
    /// By email, in any spelling.
    pub fn by_email(kind: Kind, email: &Email) -> Self {
        Self::new(kind, &[email.key().as_bytes()])
    }

    /// By session.
    pub fn by_session(kind: Kind, session: SessionId) -> Self {
        Self::new(kind, &[session.0.as_bytes()])
    }

    /// By a device of a person.
    pub fn by_device(kind: Kind, person: UserId, device: &TokenHash) -> Self {
        Self::new(kind, &[person.0.as_bytes(), device.as_bytes()])
    }

    /// By the network that a person or a household gets: /24 of IPv4, /64 of IPv6. Calls without an address count
    /// together.
    pub fn by_network(kind: Kind, address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::new(kind, &[b"4", &address.octets()[..3]]),
            Some(IpAddr::V6(address)) => Self::new(kind, &[b"6", &address.octets()[..8]]),
            None => Self::new(kind, &[]),
        }
    }

    /// All parts but the last must have one size, or two keys could be one.
    fn new(kind: Kind, parts: &[&[u8]]) -> Self {
        let mut digest = digest::Context::new(&digest::SHA256);
        parts.iter().for_each(|part| digest.update(part));
        let mut key = [0; 32];
        key.copy_from_slice(digest.finish().as_ref());
        Self { kind, key }
    }

    /// What is counted.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// By what, as 32 bytes.
    pub fn key(&self) -> &[u8; 32] {
        &self.key
    }
}

/// How often in how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// So many pass.
    pub most: u16,
    /// In any span of this length.
    pub window: TimeDelta,
}

/// How often each kind may be tried.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Wrong passwords in 5 minutes, by account, by known device and by session.
    pub wrong_passwords: u16,
    /// Wrong passwords, wrong codes and wrong secrets in 5 minutes, each by network.
    pub wrong_per_network: u16,
    /// Sign-ups a minute by network.
    pub sign_ups_per_network: u16,
    /// Mails in 15 minutes by target.
    pub mails: u16,
    /// Mails in 15 minutes by network.
    pub mails_per_network: u16,
}

impl Limits {
    /// That of one kind.
    pub fn of(&self, kind: Kind) -> Limit {
        let (most, window) = match kind {
            Kind::PasswordOfAccount | Kind::PasswordOnDevice | Kind::PasswordOfPerson => {
                (self.wrong_passwords, FIVE_MINUTES)
            }
            Kind::PasswordFromAddress | Kind::CodeFromAddress | Kind::SecretFromAddress => {
                (self.wrong_per_network, FIVE_MINUTES)
            }
            Kind::SignUpFromAddress => (self.sign_ups_per_network, MINUTE),
            Kind::MailToTarget => (self.mails, A_QUARTER),
            Kind::MailFromAddress => (self.mails_per_network, A_QUARTER),
        };
        Limit { most, window }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Counter {
        Counter::by_network(Kind::PasswordFromAddress, Some(address.parse().unwrap()))
    }

    #[test]
    fn neighbours_in_a_network_count_together_and_others_do_not() {
        assert_eq!(network("192.0.2.1"), network("192.0.2.255"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.9"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8:0:1::1"), network("2001:db8:0:1:ffff::1"));
        assert_ne!(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
    }

    #[test]
    fn an_email_counts_as_one_in_any_spelling() {
        let by = |text| Counter::by_email(Kind::PasswordOfAccount, &Email::parse(text).unwrap());
        assert_eq!(by("ann@example.org"), by("ANN@Example.org"));
        assert_ne!(by("ann@example.org"), by("bob@example.org"));
    }
}
