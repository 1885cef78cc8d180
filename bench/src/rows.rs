//! The rows of the table: what each is compared with, and what was aimed at.

/// Something that is measured per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    BareEcho,
    /// With an access token that nobody reads.
    CarryingEcho,
    LayeredEcho,
    VerifiedEcho,
    GetTask,
    CreateTask,
    SignIn,
    Argon2id,
    Verification,
}

impl Row {
    /// In the order in which they are measured: each beside what it is compared with.
    pub(crate) const ALL: [Self; 9] = [
        Self::BareEcho,
        Self::CarryingEcho,
        Self::LayeredEcho,
        Self::VerifiedEcho,
        Self::GetTask,
        Self::CreateTask,
        Self::SignIn,
        Self::Argon2id,
        Self::Verification,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BareEcho => "bare echo",
            Self::CarryingEcho => "bare echo with a token",
            Self::LayeredEcho => "layered echo",
            Self::VerifiedEcho => "verified echo",
            Self::GetTask => "GetTask",
            Self::CreateTask => "CreateTask",
            Self::SignIn => "SignIn",
            Self::Argon2id => "raw Argon2id",
            Self::Verification => "raw token verification",
        }
    }

    /// What it could reach at best; `None` for what is a limit itself.
    pub(crate) const fn limit(self) -> Option<Self> {
        match self {
            Self::CarryingEcho
            | Self::LayeredEcho
            | Self::VerifiedEcho
            | Self::GetTask
            | Self::CreateTask => Some(Self::BareEcho),
            Self::SignIn => Some(Self::Argon2id),
            Self::BareEcho | Self::Argon2id | Self::Verification => None,
        }
    }

    /// The least ratio to the limit that we want.
    pub(crate) const fn aim(self) -> Option<f64> {
        match self {
            Self::VerifiedEcho => Some(0.8),
            Self::SignIn => Some(0.9),
            _ => None,
        }
    }
}
