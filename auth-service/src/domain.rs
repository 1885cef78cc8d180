//! The rules of accounts and sessions, one type per file. Pure: no I/O, no clock, no wire types, no SQL.

mod code;
mod common_passwords;
mod device_name;
mod display_name;
mod email;
mod mail;
mod password;
mod security_event;
mod service_name;
mod session;
mod throttle;
mod token;
mod user;

pub use code::{Code, CodeHash, Purpose};
pub use device_name::device_name;
pub use display_name::DisplayName;
pub use email::Email;
pub use mail::{Chosen, GIVE_UP, MailKind, NewMail, Recipient, wait_after};
pub use password::{GivenPassword, NewPassword, PasswordRules, Whose};
pub use security_event::{EventKind, SecurityEvent};
pub use service_name::ServiceName;
pub use session::{
    ACCESS_TOKEN_LIFE, Client, Lifetimes, LiveSession, RETRY_WINDOW, REVOCATION_LIFE, SessionId, SessionTimes,
};
pub use throttle::{Counter, Kind, Limit, Limits};
pub use token::{Salt, Token, TokenHash};
pub use user::{User, UserId};

/// What is wrong with a field and what to do about it. The text goes to the client and never repeats the input.
pub type Complaint = &'static str;
