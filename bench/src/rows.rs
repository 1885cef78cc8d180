//! The rows of the table: what each is compared with, and what was aimed at.

use crate::aim::Aim;
use crate::pgbench::Operation;

/// Something that is measured per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Row {
    BareEcho,
    /// With an access token that nobody reads.
    CarryingEcho,
    LayeredEcho,
    VerifiedEcho,
    PointRead,
    GetTask,
    ListOf50,
    ListTasks,
    Insert,
    /// Into the table of the service.
    OwnInsert,
    CreateTask,
    Update,
    /// In the table of the service.
    OwnUpdate,
    UpdateTask,
    RefreshSession,
    SignIn,
    Argon2id,
    Argon2idInHugePages,
    Verification,
}

impl Row {
    /// In the order in which they are measured: each beside what it is compared with.
    pub(crate) const ALL: [Self; 19] = [
        Self::BareEcho,
        Self::CarryingEcho,
        Self::LayeredEcho,
        Self::VerifiedEcho,
        Self::PointRead,
        Self::GetTask,
        Self::ListOf50,
        Self::ListTasks,
        Self::Insert,
        Self::OwnInsert,
        Self::CreateTask,
        Self::Update,
        Self::OwnUpdate,
        Self::UpdateTask,
        Self::RefreshSession,
        Self::SignIn,
        Self::Argon2id,
        Self::Argon2idInHugePages,
        Self::Verification,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BareEcho => "bare echo",
            Self::CarryingEcho => "bare echo with a token",
            Self::LayeredEcho => "layered echo",
            Self::VerifiedEcho => "verified echo",
            Self::PointRead => "pgbench point read",
            Self::GetTask => "GetTask",
            Self::ListOf50 => "pgbench list of 50",
            Self::ListTasks => "ListTasks, 50",
            Self::Insert => "pgbench insert",
            Self::OwnInsert => "pgbench insert, all indexes",
            Self::CreateTask => "CreateTask",
            Self::Update => "pgbench update",
            Self::OwnUpdate => "pgbench update, all indexes",
            Self::UpdateTask => "UpdateTask",
            Self::RefreshSession => "RefreshSession",
            Self::SignIn => "SignIn",
            Self::Argon2id => "raw Argon2id",
            Self::Argon2idInHugePages => "raw Argon2id, huge pages",
            Self::Verification => "raw token verification",
        }
    }

    /// What it could reach at best; `None` for what is a limit itself.
    pub(crate) const fn limit(self) -> Option<Self> {
        match self {
            Self::CarryingEcho | Self::LayeredEcho | Self::VerifiedEcho => Some(Self::BareEcho),
            Self::GetTask => Some(Self::PointRead),
            Self::ListTasks => Some(Self::ListOf50),
            Self::OwnInsert | Self::CreateTask => Some(Self::Insert),
            Self::OwnUpdate | Self::UpdateTask | Self::RefreshSession => Some(Self::Update),
            Self::SignIn | Self::Argon2idInHugePages => Some(Self::Argon2id),
            Self::BareEcho
            | Self::PointRead
            | Self::ListOf50
            | Self::Insert
            | Self::Update
            | Self::Argon2id
            | Self::Verification => None,
        }
    }

    /// The least ratio to the limit that we want. Above 1 only where many people's calls gathered can beat a statement and
    /// a commit for each.
    pub(crate) const fn aim(self) -> Option<Aim> {
        match self {
            Self::VerifiedEcho => Some(Aim::AtLeast(0.9)),
            Self::GetTask => Some(Aim::AtLeast(0.8)),
            Self::ListTasks => Some(Aim::AtLeast(0.7)),
            Self::CreateTask => Some(Aim::AtLeast(1.2)),
            Self::UpdateTask => Some(Aim::AtLeast(1.0)),
            Self::RefreshSession => Some(Aim::AtLeast(0.5)),
            Self::SignIn => Some(Aim::AtLeast(0.95)),
            _ => None,
        }
    }

    /// What pgbench measures.
    pub(crate) const fn of_pgbench(operation: Operation) -> Self {
        match operation {
            Operation::PointRead => Self::PointRead,
            Operation::ListOf50 => Self::ListOf50,
            Operation::Insert => Self::Insert,
            Operation::OwnInsert => Self::OwnInsert,
            Operation::Update => Self::Update,
            Operation::OwnUpdate => Self::OwnUpdate,
        }
    }
}
