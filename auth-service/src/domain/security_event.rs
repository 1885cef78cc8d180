//! What happened to an account, for the person, the administrator and the auditor. Nothing secret is part of it: no
//! password, no token, no code, and no email, which would outlive a change of it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Client, SessionId, UserId};

/// Declares the kinds with their stored names, so that the two cannot drift apart.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The stored name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// The account was made.
    SignedUp = "signed_up",
    /// A session began.
    SignedIn = "signed_in",
    /// A sign-in was refused.
    SignInFailed = "sign_in_failed",
    /// A session was ended with its refresh token.
    SignedOut = "signed_out",
    /// A used refresh token turned up against the rules; its session was ended.
    RefreshTokenReused = "refresh_token_reused",
    /// A session was ended by the person, by an administrator or by the limit of sessions.
    SessionRevoked = "session_revoked",
    /// The password was changed with the old one.
    PasswordChanged = "password_changed",
    /// The password was replaced with a mailed code.
    PasswordReset = "password_reset",
    /// A mail for a new password was asked for.
    PasswordResetRequested = "password_reset_requested",
    /// Another email was asked for.
    EmailChangeRequested = "email_change_requested",
    /// The email was changed.
    EmailChanged = "email_changed",
    /// The person showed that the email is theirs.
    EmailVerified = "email_verified",
    /// A password that should confirm a change was wrong.
    PasswordCheckFailed = "password_check_failed",
    /// The account was disabled.
    Disabled = "disabled",
    /// The account was enabled again.
    Enabled = "enabled",
    /// The role was changed.
    RoleChanged = "role_changed",
    /// Deletion was asked for.
    DeletionRequested = "deletion_requested",
    /// Deletion was taken back.
    DeletionCancelled = "deletion_cancelled",
    /// A service made itself a token that speaks for the person without the person's own token.
    Impersonated = "impersonated",
    /// The person's data was exported.
    Exported = "exported",
    /// The account was brought in from another system.
    Imported = "imported",
    /// The profile was changed.
    ProfileChanged = "profile_changed",
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct SecurityEvent {
    /// UUIDv7.
    pub id: Uuid,
    /// What.
    pub kind: EventKind,
    /// Whose account, if one is concerned.
    pub user: Option<UserId>,
    /// The session that did it or that it was done to.
    pub session: Option<SessionId>,
    /// The program at the other end.
    pub client: Client,
    /// Who did it when it was not the person: an administrator's id (`deleted` when that administrator is gone),
    /// `service:NAME` or `operator`; else empty.
    pub actor: String,
    /// When.
    pub create_time: DateTime<Utc>,
}
