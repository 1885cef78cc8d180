//! What mails there are, and when one that failed is tried again.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Client, DisplayName, Email, Purpose, UserId};

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// Somebody signed up where emails must be verified. Becomes one of the next two when it is sent.
    SignUp,
    /// A code that shows that the address is the person's.
    EmailVerification,
    /// Somebody signed up with the address of an account that is verified.
    AlreadyRegistered,
    /// A code for a new password.
    PasswordReset,
    /// A code that shows that a new address is the person's.
    EmailChange,
    /// To the old address: the account has another.
    EmailChanged,
    /// The password is another.
    PasswordChanged,
    /// A sign-in from a device that was not seen before.
    NewDevice,
    /// The account will be deleted unless that is taken back.
    DeletionRequested,
}

impl MailKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::SignUp,
        Self::EmailVerification,
        Self::AlreadyRegistered,
        Self::PasswordReset,
        Self::EmailChange,
        Self::EmailChanged,
        Self::PasswordChanged,
        Self::NewDevice,
        Self::DeletionRequested,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::EmailVerification => "email_verification",
            Self::AlreadyRegistered => "already_registered",
            Self::PasswordReset => "password_reset",
            Self::EmailChange => "email_change",
            Self::EmailChanged => "email_changed",
            Self::PasswordChanged => "password_changed",
            Self::NewDevice => "new_device",
            Self::DeletionRequested => "deletion_requested",
        }
    }

    /// The kind of a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What the code in it is good for, if it has one.
    pub const fn purpose(self) -> Option<Purpose> {
        match self {
            Self::EmailVerification => Some(Purpose::VerifyEmail),
            Self::PasswordReset => Some(Purpose::ResetPassword),
            Self::EmailChange => Some(Purpose::ChangeEmail),
            Self::SignUp
            | Self::AlreadyRegistered
            | Self::EmailChanged
            | Self::PasswordChanged
            | Self::NewDevice
            | Self::DeletionRequested => None,
        }
    }
}

/// Who gets a mail.
#[derive(Debug, Clone, Copy)]
pub enum Recipient<'a> {
    /// A person, at this address.
    Person(UserId, &'a str),
    /// Whoever has this email, if anybody; found out when the mail is sent.
    Asked(&'a Email),
}

/// What a sign-up chose, which the account gets when the sign-up's code is used.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// The hash of its password.
    pub password_hash: &'a str,
    /// Its name.
    pub display_name: &'a DisplayName,
}

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct NewMail<'a> {
    /// UUIDv7.
    pub id: Uuid,
    /// What it is about.
    pub kind: MailKind,
    /// Who gets it.
    pub recipient: Recipient<'a>,
    /// Of a sign-up.
    pub chosen: Option<Chosen<'a>>,
    /// The program whose call caused it.
    pub client: Client,
    /// When.
    pub create_time: DateTime<Utc>,
}

/// After that a mail is given up: what it tells is old by then.
pub const GIVE_UP: TimeDelta = TimeDelta::days(1);

const FIRST_WAIT_SECONDS: i64 = 15;
const LONGEST_WAIT_SECONDS: i64 = 60 * 60;

/// How long to wait after so many failed attempts: twice as long each time up to an hour, and up to a quarter less by
/// chance, so that mails which failed together do not all come again together.
pub fn wait_after(attempts: i32, chance: u8) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let seconds = (FIRST_WAIT_SECONDS << doublings).min(LONGEST_WAIT_SECONDS);
    TimeDelta::milliseconds(seconds * 1000 - seconds * 250 * i64::from(chance) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_an_hour_and_vary_by_a_quarter() {
        assert_eq!(wait_after(1, 0), TimeDelta::seconds(15));
        assert_eq!(wait_after(2, 0), TimeDelta::seconds(30));
        assert_eq!(wait_after(3, 255), TimeDelta::seconds(45));
        assert_eq!(wait_after(i32::MAX, 0), TimeDelta::hours(1));
    }

    #[test]
    fn every_kind_is_found_by_its_stored_name() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(MailKind::parse("spam"), None);
    }
}
